// @ts-check
// Files of the reply box: chosen by a button, or dropped anywhere on the thread; and what becomes of one on
// its way.
import { h, icon } from '../core/dom.js'
import { t } from '../core/words.js'
import { sizeOf } from './attachments.js'
import { goesAs, mostOf } from './measure.js'

/** @typedef {ReturnType<typeof import('./upload.js').uploads>} Pile */

/**
 * What becomes of a file on the way, where it does not go as it is.
 * @param {import('./measure.js').Kind | null} kind
 * @param {import('./measure.js').File} file
 */
export function fate(kind, file) {
  const as = goesAs(kind, file)
  if (as === file.kind || (as === 'image' && file.kind === 'animation')) return ''
  if (as) return t(as === 'document' ? 'upload.as_document' : 'upload.as_other')
  const most = kind ? mostOf(kind, file) : 0
  return most && (file.size ?? 0) > most
    ? t('upload.over_channel', { size: sizeOf(most) })
    : t('upload.not_on_channel')
}

/** @param {Pile} pile */
export function attach(pile) {
  /** @type {HTMLInputElement} */
  const input = h('input', {
    type: 'file',
    multiple: true,
    hidden: true,
    onchange: () => {
      pile.add(input.files ?? [])
      input.value = ''
    },
  })
  const name = t('composer.attach')
  return [
    h(
      'button.button.quiet',
      { type: 'button', 'aria-label': name, title: name, onclick: () => input.click() },
      icon('clip'),
    ),
    input,
  ]
}

/** The whole thread takes a dropped file. @param {HTMLElement} target @param {Pile} pile */
export function dropping(target, pile) {
  const has = (/** @type {DragEvent} */ event) => !!event.dataTransfer?.types.includes('Files')
  target.addEventListener('dragover', event => {
    if (!has(event)) return
    event.preventDefault()
    target.classList.add('dropping')
  })
  target.addEventListener('dragleave', event => {
    const to = /** @type {Node | null} */ (event.relatedTarget)
    if (event.target === target || !target.contains(to)) target.classList.remove('dropping')
  })
  target.addEventListener('drop', event => {
    target.classList.remove('dropping')
    if (!has(event)) return
    event.preventDefault()
    pile.add(event.dataTransfer?.files ?? [])
  })
}
