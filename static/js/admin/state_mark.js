// @ts-check
// How something stands: a dot with its colour, and always the words.
import { h } from '../core/dom.js'

/** @param {string} words @param {string} [tone] good, warn or bad @param {string} [title] */
export const stateMark = (words, tone = '', title = '') =>
  h('span', { class: `state-mark ${tone}`, title }, words)
