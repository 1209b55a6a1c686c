// @ts-check
// The reply box with all that stands around it: what one answers to, files, tools, warnings, and the way out.
import { h, icon, show } from '../core/dom.js'
import { effect } from '../core/signal.js'
import { t } from '../core/words.js'
import { Box, modes } from './composer_box.js'
import { attach, dropping, fate } from './composer_files.js'
import { listen } from './composer_keys.js'
import { hasMarks, OURS } from './formatting.js'
import { inParts, measureOf, over } from './measure.js'
import { quoteBox, quoteOf } from './message_quote.js'
import { uploads } from './upload.js'

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('./composer_box.js').Written} Written */
/**
 * @typedef {object} ComposerOf
 * @property {number | string} id whose draft it is
 * @property {(words: Written) => void} send
 * @property {(on: boolean) => void} typing
 * @property {import('../core/signal.js').Signal<Message | null>} quoted the message being answered
 * @property {HTMLElement} jump @property {string} label
 * @property {() => string} [warning] shown above the box
 * @property {HTMLElement | null} [remedy] what helps there
 * @property {() => boolean} [stopped] whether no answer may go now; a note may
 * @property {import('./upload.js').Address | null} [files] where files are posted to; null: none can be sent
 * @property {HTMLElement} [target] where files may be dropped
 * @property {boolean} [hint]
 * @property {() => void} [editLast] arrow up in an empty box
 * @property {import('../core/signal.js').Signal<boolean> | null} [note] whether what is written is for
 *   colleagues only;
 * null: there are no notes here
 * @property {(box: Box) => (HTMLElement | false | null)[]} [more] further tools, and what listens to the box
 * @property {() => import('./measure.js').Kind | null} [channel] the kind of channel it goes by: each counts
 *   in its own
 * way and takes its own files
 * @property {() => string | null} [writtenFor] which marks mean something here
 * @property {(box: Box) => true | Promise<boolean>} [mayGo] asked before each sending
 * @property {(then: 'close' | 'snooze') => void} [follow] what follows the sending, where something can
 */

/** @param {ComposerOf} of */
export function composer(of) {
  const { id, quoted, note = null, files = null, typing, target, jump } = of
  const channel = () => (note?.() ? null : (of.channel?.() ?? null))
  const pile = files ? uploads(files, one => fate(channel(), one)) : null
  const box = new Box({
    ...{ id, note, quoted, pile, typing },
    label: () => (note?.() ? t('composer.note') : of.label),
  })
  const submit = sender(box, of)
  listen(box, {
    submit,
    canFollow: !!of.follow,
    hasMarks: () => marked(of),
    isQuoting: () => !!quoted.peek(),
    unquote: () => quoted.set(null),
    editLast: of.editLast,
  })
  effect(() => {
    if (quoted()) box.area.focus()
  })
  if (pile && target) dropping(target, pile)
  return h(
    'div.composer',
    jump,
    warned(of),
    tooLong(box, of, () => measureOf(channel())),
    form(box, of, submit),
  )
}

/** @param {ComposerOf} of */
const marked = ({ note, writtenFor }) => hasMarks(note?.() ? OURS : writtenFor?.())

/**
 * Sends what is in the box, once whatever is to be asked was asked.
 * @param {Box} box @param {ComposerOf} of
 * @returns {(then?: import('./composer_keys.js').Then) => Promise<void>}
 */
function sender(box, of) {
  const { send, mayGo = () => true, follow } = of
  let asking = false
  return async then => {
    if (asking || !box.ready() || isStopped(of)) return
    const may = mayGo(box)
    if (may !== true) {
      asking = true
      const is = await may
      asking = false
      box.area.focus()
      if (!is || !box.ready()) return
    }
    send(box.take())
    box.area.focus()
    if (then) follow?.(then)
  }
}

/** Whether what stands in the box may not go. @param {ComposerOf} of */
const isStopped = ({ stopped, note }) => !note?.() && !!stopped?.()

/** @param {ComposerOf} of */
const warned = ({ warning = () => '', note, remedy, stopped = () => false }) =>
  h(
    'p.window',
    { hidden: () => !warning() || note?.(), classes: { stops: stopped } },
    h('span', { role: 'status' }, warning),
    remedy,
  )

/**
 * Says how much is too long, and offers to send it in parts.
 * @param {Box} box
 * @param {ComposerOf} of
 * @param {() => import('./measure.js').Measure} measure
 */
function tooLong(box, of, measure) {
  const { send } = of
  const words = () => box.text().trim()
  const beyond = () => {
    const count = over(words(), measure())
    return count ? t(`composer.too_long_${measure().unit === 'bytes' ? 'bytes' : 'signs'}`, { count }) : ''
  }
  // One message after the other: the quote with the first words, the files with the last.
  function sendInParts() {
    if (!box.ready()) return
    const parts = inParts(words(), measure()).filter(each => each.trim())
    const { attachment_ids, attachments, quoted, is_private } = box.take()
    parts.forEach((content, place) => {
      const isLast = place === parts.length - 1
      send({
        content: content.trim(),
        attachment_ids: isLast ? attachment_ids : [],
        attachments: isLast ? attachments : [],
        quoted: place ? null : quoted,
        is_private,
      })
    })
    box.area.focus()
  }
  return h(
    'p.window',
    { hidden: () => !beyond() },
    h('span', { role: 'status' }, beyond),
    h(
      'button.button.small',
      { type: 'button', disabled: () => !box.ready() || isStopped(of), onclick: sendInParts },
      () => (beyond() ? t('composer.in_parts', { count: inParts(words(), measure()).length }) : ''),
    ),
  )
}

/** @param {Box} box @param {ComposerOf} of @param {() => void} submit */
function form(box, of, submit) {
  const { note, quoted } = of
  return h(
    'form',
    {
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault()
        submit()
      },
      classes: { note: () => note?.() },
    },
    note && modes(note, box.area),
    show(h('div.answering', { hidden: () => !quoted() }), () => answering(quoted, box.area)),
    box.pile?.showIn(h('div.files')),
    box.area,
    h(
      'div.tools',
      h('div.kit', box.pile && attach(box.pile), marks(box, of), ...(of.more?.(box) ?? [])),
      of.hint !== false &&
        h('span.hint', { 'aria-hidden': 'true' }, () => (box.text() ? t('composer.hint') : '')),
      sendButton(box, of),
    ),
  )
}

/** @param {Box} box @param {ComposerOf} of */
function sendButton(box, of) {
  const { note, follow } = of
  const words = () => t(note?.() ? 'composer.send_note' : 'composer.send')
  return h(
    'button.button.primary.send',
    {
      'aria-label': words,
      title: () => (follow && !note?.() ? t('composer.send_keys') : words()),
      disabled: () => !box.ready() || isStopped(of),
    },
    icon('send'),
  )
}

/** Bold and italic, where the platform knows them. @param {Box} box @param {ComposerOf} of */
function marks(box, of) {
  if (!of.writtenFor) return []
  const tool = (
    /** @type {string} */ name,
    /** @type {string} */ sign,
    /** @type {string} */ tag,
    /** @type {string} */ letter,
  ) =>
    h(
      'button.button.quiet',
      {
        type: 'button',
        hidden: () => !marked(of),
        'aria-label': t(name),
        title: t(name),
        'aria-keyshortcuts': `Control+${letter}`,
        onclick: () => box.mark(sign),
      },
      h(tag, letter),
    )
  return [tool('composer.bold', '*', 'b', 'B'), tool('composer.italic', '_', 'i', 'I')]
}

/** @param {ComposerOf['quoted']} quoted @param {HTMLTextAreaElement} area */
function answering(quoted, area) {
  const it = quoted()
  if (!it) return null
  const away = () => {
    quoted.set(null)
    area.focus()
  }
  return [
    quoteBox(quoteOf(it)),
    h(
      'button.button.quiet',
      { type: 'button', 'aria-label': t('composer.no_quote'), onclick: away },
      icon('close'),
    ),
  ]
}
