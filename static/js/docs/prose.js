// @ts-check
// A description's words: what stands between backticks is code.
import { h } from '../core/dom.js'

/** @param {string} text @returns {(Node | string)[]} */
export const prose = text =>
  text.split(/\x60([^\x60]+)\x60/).map((part, i) => (i % 2 ? h('code', part) : part))
