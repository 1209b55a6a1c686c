// @ts-check
// The voice for those who listen instead of look.
import { h } from './dom.js'

/** @type {HTMLElement | null} */
let voice = null

/** Says something aloud, once. @param {string} text */
export function announce(text) {
  if (!voice) {
    voice = /** @type {HTMLElement} */ (h('div.hidden-text', { 'aria-live': 'polite' }))
    document.body.append(voice)
  }
  voice.textContent = text
}
