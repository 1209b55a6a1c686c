// @ts-check
// The reply box. What is written stays with its conversation until it is sent.
import { h, icon, show } from '../core/dom.js'
import { effect, onCleanup, signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { draftOf, keepDraft } from './draft.js'
import { quoteBox } from './message.js'
import { uploads } from './upload.js'

const TYPING_EVERY = 3_000

/**
 * @param {object} of
 * @param {number | string} of.id whose draft it is
 * @param {(words: {content: string, attachment_ids: number[], attachments: any[], quoted: import('../core/types.js').Message | null}) => void} of.send
 * @param {(on: boolean) => void} of.typing
 * @param {import('../core/signal.js').Signal<import('../core/types.js').Message | null>} of.quoted the message being answered
 * @param {HTMLElement} of.jump @param {string} of.label @param {() => string} [of.warning] shown above the box
 * @param {string | null} [of.files] where files are posted to; null: none can be sent
 * @param {HTMLElement} [of.target] where files may be dropped
 * @param {boolean} [of.hint]
 * @param {() => void} [of.editLast] arrow up in an empty box
 */
export function composer({ id, send, typing, quoted, jump, label, warning = () => '', files = null, target, hint = true, editLast }) {
  const text = signal(draftOf(id))
  const pile = files ? uploads(files) : null
  let told = 0
  /** @type {any} */
  let quiet = null

  const area = h('textarea', {
    rows: 1, placeholder: label, 'aria-label': label, enterkeyhint: 'send', maxlength: '20000', dir: () => (text() ? 'auto' : null), value: draftOf(id),
    oninput: () => { text.set(area.value); keepDraft(id, area.value); tell() },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.isComposing || event.keyCode === 229) return
      if (event.key === 'Enter' && !event.shiftKey && !touch()) { event.preventDefault(); form.requestSubmit() }
      if (event.key === 'Escape' && quoted.peek()) { event.stopPropagation(); quoted.set(null) }
      if (event.key === 'ArrowUp' && !area.value && editLast) { event.preventDefault(); editLast() }
    },
    onpaste: (/** @type {ClipboardEvent} */ event) => { if (pile && event.clipboardData?.files.length) { event.preventDefault(); pile.add(event.clipboardData.files) } },
  })

  function tell() {
    clearTimeout(quiet)
    quiet = setTimeout(stopTelling, 5_000)
    if (!area.value || Date.now() - told < TYPING_EVERY) return
    told = Date.now()
    typing(true)
  }
  function stopTelling() { clearTimeout(quiet); if (told) { told = 0; typing(false) } }
  onCleanup(stopTelling)

  const ready = () => {
    const words = !!text().trim(), ids = pile ? pile.ids() : []
    return ids !== null && (words || ids.length > 0)
  }
  const form = h('form', {
    onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault()
      const content = area.value.trim()
      if (!ready()) return
      const attachment_ids = pile?.ids() ?? []
      send({ content, attachment_ids, attachments: pile?.taken() ?? [], quoted: quoted.peek() })
      area.value = ''; text.set(''); keepDraft(id, '')
      quoted.set(null)
      stopTelling()
      area.focus()
    },
  },
    show(h('div.answering', { hidden: () => !quoted() }), () => {
      const it = quoted()
      return it && [quoteBox({ id: it.id, content: it.content, sender_name: it.sender?.name ?? '', message_type: it.message_type }, undefined),
        h('button.button.quiet', { type: 'button', 'aria-label': t('composer.no_quote'), onclick: () => { quoted.set(null); area.focus() } }, icon('close'))]
    }),
    pile && show(h('div.files'), pile.view),
    area,
    h('div.tools', pile && attach(pile),
      hint && h('span.hint', { 'aria-hidden': 'true' }, () => (text() ? t('composer.hint') : '')),
      h('button.button.primary.send', { 'aria-label': t('composer.send'), disabled: () => !ready() }, icon('send'))))

  effect(() => { if (quoted()) area.focus() })
  if (pile && target) dropping(target, pile)
  return h('div.composer', jump, h('p.window', { hidden: () => !warning() }, () => warning()), form)
}

/** @param {any} pile */
function attach(pile) {
  const input = h('input', { type: 'file', multiple: true, hidden: true, onchange: () => { pile.add(input.files); input.value = '' } })
  return [h('button.button.quiet', { type: 'button', 'aria-label': t('composer.attach'), title: t('composer.attach'), onclick: () => input.click() }, icon('clip')), input]
}

/** The whole thread takes a dropped file. @param {HTMLElement} target @param {any} pile */
function dropping(target, pile) {
  const files = (/** @type {DragEvent} */ event) => !!event.dataTransfer?.types.includes('Files')
  target.addEventListener('dragover', event => { if (files(event)) { event.preventDefault(); target.classList.add('dropping') } })
  target.addEventListener('dragleave', event => { if (event.target === target || !target.contains(/** @type {any} */ (event.relatedTarget))) target.classList.remove('dropping') })
  target.addEventListener('drop', event => {
    target.classList.remove('dropping')
    if (!files(event)) return
    event.preventDefault()
    pile.add(event.dataTransfer?.files ?? [])
  })
}

/** On a phone's keyboard Enter makes a line, as everywhere else there; the button sends. */
const touch = () => matchMedia('(hover: none) and (pointer: coarse)').matches
