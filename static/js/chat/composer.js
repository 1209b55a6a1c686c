// @ts-check
// The reply box. What is written stays with its conversation until it is sent.
import { h, icon, show } from '../core/dom.js'
import { effect, onCleanup, signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { goesAs, inParts, measureOf, mostOf, over } from './measure.js'
import { sizeOf } from './attachments.js'
import { draftOf, keepDraft, onDraft } from './draft.js'
import { quoteBox } from './message.js'
import { uploads } from './upload.js'

const TYPING_EVERY = 3_000

/**
 * @param {object} of
 * @param {number | string} of.id whose draft it is
 * @param {(words: {content: string, attachment_ids: number[], attachments: any[], quoted: import('../core/types.js').Message | null, is_private: boolean}) => any} of.send
 * @param {(on: boolean) => void} of.typing
 * @param {import('../core/signal.js').Signal<import('../core/types.js').Message | null>} of.quoted the message being answered
 * @param {HTMLElement} of.jump @param {string} of.label @param {() => string} [of.warning] shown above the box @param {HTMLElement | null} [of.remedy] what helps there
 * @param {string | null} [of.files] where files are posted to; null: none can be sent
 * @param {HTMLElement} [of.target] where files may be dropped
 * @param {boolean} [of.hint]
 * @param {() => void} [of.editLast] arrow up in an empty box
 * @param {import('../core/signal.js').Signal<boolean> | null} [of.note] whether what is written is for colleagues only; null: there are no notes here
 * @param {(box: Box) => any[]} [of.more] further tools, and what listens to the box
 * @param {() => import('./measure.js').Kind | null} [of.channel] the kind of channel it goes by: each
 * counts in its own way and takes its own files
 */
export function composer({
  id,
  send,
  typing,
  quoted,
  jump,
  label,
  warning = () => '',
  remedy = null,
  files = null,
  target,
  hint = true,
  editLast,
  note = null,
  more = () => [],
  channel = () => null,
}) {
  // A note's draft is not the reply's: switching never carries words from one to the other.
  const draftId = () => (note?.peek() ? `${id}.note` : id)
  const text = signal(draftOf(draftId()))
  const pile = files ? uploads(files, one => fate(note?.() ? null : channel(), one)) : null
  let told = 0
  /** @type {any} */
  let quiet = null

  const words = () => (note?.() ? t('composer.note') : label)
  const area = h('textarea', {
    rows: 1,
    placeholder: () => words(),
    'aria-label': () => words(),
    enterkeyhint: 'send',
    dir: () => (text() ? 'auto' : null),
    value: text.peek(),
    oninput: () => {
      text.set(area.value)
      keepDraft(draftId(), area.value)
      tell()
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
      if (event.key === 'Enter' && !event.shiftKey && !touch()) {
        event.preventDefault()
        form.requestSubmit()
      }
      if (event.key === 'Escape' && quoted.peek()) {
        event.stopPropagation()
        quoted.set(null)
      }
      if (
        event.key === 'ArrowUp' &&
        !event.altKey &&
        !event.ctrlKey &&
        !event.shiftKey &&
        !area.value &&
        editLast
      ) {
        event.preventDefault()
        editLast()
      }
    },
    onpaste: (/** @type {ClipboardEvent} */ event) => {
      // Cells of a spreadsheet come as text and as a picture of it: the text is meant.
      const words = event.clipboardData?.getData('text/plain').trim()
      if (pile && !words && event.clipboardData?.files.length) {
        event.preventDefault()
        pile.add(event.clipboardData.files)
      }
    },
  })

  onDraft(draftId, words => {
    if (area.value === words) return
    area.value = words
    text.set(words)
  })

  function tell() {
    clearTimeout(quiet)
    quiet = setTimeout(stopTelling, 5_000)
    if (!area.value || note?.peek() || Date.now() - told < TYPING_EVERY) return
    told = Date.now()
    typing(true)
  }
  function stopTelling() {
    clearTimeout(quiet)
    if (told) {
      told = 0
      typing(false)
    }
  }
  onCleanup(stopTelling)

  const ready = () => {
    const words = !!text().trim(),
      ids = pile ? pile.ids() : []
    return ids !== null && (words || ids.length > 0)
  }
  /** @type {Box} */
  const box = {
    area,
    note,
    ready,
    pile,
    put(words) {
      area.value = words
      area.dispatchEvent(new Event('input'))
      area.focus()
    },
    insert(words) {
      area.focus()
      area.setRangeText(words, area.selectionStart, area.selectionEnd, 'end')
      area.dispatchEvent(new Event('input'))
    },
    take() {
      const taken = {
        content: area.value.trim(),
        attachment_ids: pile?.ids() ?? [],
        attachments: pile?.taken() ?? [],
        quoted: quoted.peek(),
        is_private: !!note?.peek(),
      }
      area.value = ''
      text.set('')
      keepDraft(draftId(), '')
      quoted.set(null)
      stopTelling()
      return taken
    },
  }
  const measure = () => measureOf(note?.() ? null : channel())
  const beyond = () => {
    const extra = over(text().trim(), measure())
    return extra
      ? t(`composer.too_long_${measure().unit === 'bytes' ? 'bytes' : 'signs'}`, { count: extra })
      : ''
  }
  // One message after the other: the quote with the first words, the files with the last.
  function sendInParts() {
    if (!ready()) return
    const parts = inParts(area.value.trim(), measure())
    const { attachment_ids, attachments, quoted, is_private } = box.take()
    const said = parts.filter(each => each.trim())
    said.forEach((content, place) => {
      const isLast = place === said.length - 1
      send({
        content: content.trim(),
        attachment_ids: isLast ? attachment_ids : [],
        attachments: isLast ? attachments : [],
        quoted: place ? null : quoted,
        is_private,
      })
    })
    area.focus()
  }
  const form = h(
    'form',
    {
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault()
        if (!ready()) return
        send(box.take())
        area.focus()
      },
      classes: { note: () => note?.() },
    },
    note && modes(note, area),
    show(h('div.answering', { hidden: () => !quoted() }), () => {
      const it = quoted()
      return (
        it && [
          quoteBox(
            {
              id: it.id,
              content: it.content,
              sender_name: it.sender?.name ?? '',
              message_type: it.message_type,
            },
            undefined,
          ),
          h(
            'button.button.quiet',
            {
              type: 'button',
              'aria-label': t('composer.no_quote'),
              onclick: () => {
                quoted.set(null)
                area.focus()
              },
            },
            icon('close'),
          ),
        ]
      )
    }),
    pile?.showIn(h('div.files')),
    area,
    h(
      'div.tools',
      pile && attach(pile),
      ...more(box),
      hint && h('span.hint', { 'aria-hidden': 'true' }, () => (text() ? t('composer.hint') : '')),
      h(
        'button.button.primary.send',
        {
          'aria-label': () => t(note?.() ? 'composer.send_note' : 'composer.send'),
          disabled: () => !ready(),
        },
        icon('send'),
      ),
    ),
  )

  if (note) {
    let mode = note.peek()
    effect(() => {
      if (note() === mode) return
      mode = note()
      area.value = draftOf(draftId())
      text.set(area.value)
      if (mode) stopTelling()
    })
  }

  effect(() => {
    if (quoted()) area.focus()
  })
  if (pile && target) dropping(target, pile)
  return h(
    'div.composer',
    jump,
    h(
      'p.window',
      { hidden: () => !warning() || note?.() },
      h('span', () => warning()),
      remedy,
    ),
    h(
      'p.window',
      { hidden: () => !beyond() },
      h('span', { role: 'status' }, beyond),
      h('button.button.small', { type: 'button', disabled: () => !ready(), onclick: sendInParts }, () =>
        beyond() ? t('composer.in_parts', { count: inParts(text().trim(), measure()).length }) : '',
      ),
    ),
    form,
  )
}

/**
 * What becomes of a file on the way, where it does not go as it is.
 * @param {import('./measure.js').Kind | null} kind
 * @param {any} file
 */
function fate(kind, file) {
  const as = goesAs(kind, file)
  if (as === file.kind || (as === 'image' && file.kind === 'animation')) return ''
  if (as) return t(as === 'document' ? 'upload.as_document' : 'upload.as_other')
  const most = kind ? mostOf(kind, file) : 0
  return most && file.size > most
    ? t('upload.over_channel', { size: sizeOf(most) })
    : t('upload.not_on_channel')
}

/**
 * The reply box as its further tools see it.
 * @typedef {object} Box
 * @property {any} area @property {import('../core/signal.js').Signal<boolean> | null} note @property {() => boolean} ready @property {any} pile
 * @property {(words: string) => void} put     in place of everything
 * @property {(words: string) => void} insert  where the cursor is
 * @property {() => {content: string, attachment_ids: number[], attachments: any[], quoted: import('../core/types.js').Message | null, is_private: boolean}} take   what is to be sent; the box is empty then
 */

// To whom it goes is said in words and colour, and changes only by a choice of its own, never by sending.
/** @param {import('../core/signal.js').Signal<boolean>} note @param {any} area */
function modes(note, area) {
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

/** @param {any} pile */
function attach(pile) {
  const input = h('input', {
    type: 'file',
    multiple: true,
    hidden: true,
    onchange: () => {
      pile.add(input.files)
      input.value = ''
    },
  })
  return [
    h(
      'button.button.quiet',
      {
        type: 'button',
        'aria-label': t('composer.attach'),
        title: t('composer.attach'),
        onclick: () => input.click(),
      },
      icon('clip'),
    ),
    input,
  ]
}

/** The whole thread takes a dropped file. @param {HTMLElement} target @param {any} pile */
function dropping(target, pile) {
  const files = (/** @type {DragEvent} */ event) => !!event.dataTransfer?.types.includes('Files')
  target.addEventListener('dragover', event => {
    if (files(event)) {
      event.preventDefault()
      target.classList.add('dropping')
    }
  })
  target.addEventListener('dragleave', event => {
    if (event.target === target || !target.contains(/** @type {any} */ (event.relatedTarget)))
      target.classList.remove('dropping')
  })
  target.addEventListener('drop', event => {
    target.classList.remove('dropping')
    if (!files(event)) return
    event.preventDefault()
    pile.add(event.dataTransfer?.files ?? [])
  })
}

/** On a phone's keyboard Enter makes a line, as everywhere else there; the button sends. */
const touch = () => matchMedia('(hover: none) and (pointer: coarse)').matches
