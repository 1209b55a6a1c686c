// @ts-check
// Copies a text: also on a server that is reached without https, where browsers give a page no clipboard.
import { h } from './dom.js'

/** @param {string} text @returns {Promise<boolean>} whether the clipboard has it now */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyFromField(text)
  }
}

/** The old way: a field with the text, selected and copied, and gone before anybody sees it. @param {string} text */
function copyFromField(text) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement)
  const field = /** @type {HTMLTextAreaElement} */ (h('textarea.hidden-text', { readOnly: true }))
  field.value = text
  // Outside of an open dialog nothing takes the focus.
  const place = before?.closest('dialog') ?? document.body
  place.append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  before?.focus({ preventScroll: true })
  return isCopied
}
