// @ts-check
// The box one writes in: what stands in it stays with its conversation until it is sent, and the others are
// told that somebody writes.
import { h } from '../core/dom.js'
import { effect, onCleanup, signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { draftOf, keepDraft, onDraft } from './draft.js'
import { toggled } from './formatting.js'

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/types.js').Attachment} Attachment */
/** What is to be sent. @typedef {{content: string, attachment_ids: number[], attachments: Attachment[], quoted: Message | null, is_private: boolean}} Written */

const TYPING_EVERY = 3_000,
  TYPING_ENDS = 5_000

export class Box {
  /** Whether what is written is for colleagues only; null: there are no notes here. */
  note
  /** The files put with the message; null: none can be sent. */
  pile
  text
  /** @type {HTMLTextAreaElement} */
  area
  #id
  #quoted
  #typing

  /**
   * @param {object} of
   * @param {number | string} of.id whose draft it is
   * @param {import('../core/signal.js').Signal<boolean> | null} of.note
   * @param {import('../core/signal.js').Signal<Message | null>} of.quoted
   * @param {ReturnType<typeof import('./upload.js').uploads> | null} of.pile
   * @param {(on: boolean) => void} of.typing
   * @param {() => string} of.label
   */
  constructor({ id, note, quoted, pile, typing, label }) {
    this.note = note
    this.pile = pile
    this.#id = id
    this.#quoted = quoted
    this.text = signal(draftOf(this.#draftId()))
    this.#typing = typingTeller(typing)
    this.area = h('textarea', {
      rows: 1,
      placeholder: label,
      'aria-label': label,
      enterkeyhint: 'send',
      dir: () => (this.text() ? 'auto' : null),
      value: this.text.peek(),
      oninput: () => this.#written(),
      onpaste: (/** @type {ClipboardEvent} */ event) => this.#pasted(event),
    })
    onDraft(
      () => this.#draftId(),
      words => this.#show(words),
    )
    this.#followMode()
  }

  /** Whether there is something to send, and all of it has come. */
  ready() {
    const words = !!this.text().trim(),
      ids = this.pile ? this.pile.ids() : []
    return ids !== null && (words || ids.length > 0)
  }

  /** In place of everything. @param {string} words */
  put(words) {
    this.area.value = words
    this.area.dispatchEvent(new Event('input'))
    this.area.focus()
  }

  /** Where the cursor is. @param {string} words */
  insert(words) {
    this.area.focus()
    this.area.setRangeText(words, this.area.selectionStart, this.area.selectionEnd, 'end')
    this.area.dispatchEvent(new Event('input'))
  }

  /** Puts marks around what is chosen, or takes them away. @param {string} sign */
  mark(sign) {
    const { area } = this
    const { from, to, words } = toggled(area.value, area.selectionStart, area.selectionEnd, sign)
    area.focus()
    area.setRangeText(words, from, to, 'select')
    if (words === sign + sign) area.setSelectionRange(from + 1, from + 1)
    area.dispatchEvent(new Event('input'))
  }

  /** What is to be sent; the box is empty then. @returns {Written} */
  take() {
    const taken = {
      content: this.area.value.trim(),
      attachment_ids: this.pile?.ids() ?? [],
      attachments: this.pile?.taken() ?? [],
      quoted: this.#quoted.peek(),
      is_private: !!this.note?.peek(),
    }
    this.#show('')
    keepDraft(this.#draftId(), '')
    this.#quoted.set(null)
    this.#typing.stop()
    return taken
  }

  // A note's draft is not the reply's: switching never carries words from one to the other.
  #draftId() {
    return this.note?.peek() ? `${this.#id}.note` : this.#id
  }

  #written() {
    this.text.set(this.area.value)
    keepDraft(this.#draftId(), this.area.value)
    this.#typing.tell(!!this.area.value && !this.note?.peek())
  }

  /** @param {string} words */
  #show(words) {
    if (this.area.value !== words) this.area.value = words
    this.text.set(words)
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    // Cells of a spreadsheet come as text and as a picture of it: the text is meant.
    const words = event.clipboardData?.getData('text/plain').trim()
    if (!this.pile || words || !event.clipboardData?.files.length) return
    event.preventDefault()
    this.pile.add(event.clipboardData.files)
  }

  #followMode() {
    const { note } = this
    if (!note) return
    let mode = note.peek()
    effect(() => {
      if (note() === mode) return
      mode = note()
      this.#show(draftOf(this.#draftId()))
      if (mode) this.#typing.stop()
    })
  }
}

/** Tells now and then that somebody writes, and once that they stopped. @param {(on: boolean) => void} typing */
function typingTeller(typing) {
  let told = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let quiet
  function stop() {
    clearTimeout(quiet)
    if (!told) return
    told = 0
    typing(false)
  }
  onCleanup(stop)
  return {
    stop,
    /** @param {boolean} writes */
    tell(writes) {
      clearTimeout(quiet)
      quiet = setTimeout(stop, TYPING_ENDS)
      if (!writes || Date.now() - told < TYPING_EVERY) return
      told = Date.now()
      typing(true)
    },
  }
}

// To whom it goes is said in words and colour, and changes only by a choice of its own, never by sending.
/** @param {import('../core/signal.js').Signal<boolean>} note @param {HTMLTextAreaElement} area */
export function modes(note, area) {
  const button = (/** @type {boolean} */ value, /** @type {string} */ words) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': () => String(note() === value),
        onclick: () => {
          note.set(value)
          area.focus()
        },
      },
      words,
    )
  return h(
    'div.modes',
    { role: 'group', 'aria-label': t('composer.mode') },
    button(false, t('composer.reply_mode')),
    button(true, t('composer.note_mode')),
    h('span', { hidden: () => !note() }, t('composer.note_hint')),
  )
}
