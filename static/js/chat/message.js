// @ts-check
// One message as a row: what it says, where it came from, how far it got, and what can be done about it.
import { coming, h, icon, show } from '../core/dom.js'
import { computed, effect } from '../core/signal.js'
import { clock, full, moment } from '../core/time.js'
import { named, t } from '../core/words.js'
import { attachment, details } from './attachments.js'
import { dialectOf } from './formatting.js'
import { quoteBox } from './message_quote.js'
import { needsSettling, stateMark } from './message_state.js'
import { messageText } from './message_text.js'
import { rating, reactions, rowActions } from './message_tools.js'

/** @typedef {import('../core/types.js').Message} Message */
const ORIGIN = /** @type {Record<string, string>} */ ({
  phone: 'phone',
  ai: 'spark',
  flow: 'flow',
  api: 'code',
  platform: 'globe',
})

/**
 * What may be done with a message; each is left out where it cannot be.
 * @typedef {object} Actions
 * @property {(message: Message) => void} [reply]
 * @property {(message: Message) => Promise<import('../core/menu.js').MenuItem[]>} [more] its code comes first
 * @property {(message: Message) => void} [retry]        hand a failed one over again
 * @property {(message: Message) => void} [giveUp]       take back a send that no server has
 * @property {(message: Message, action: 'resend' | 'mark_sent') => void} [decide]   for a lost answer
 * @property {(message: Message, rating: string | null) => void} [rate]
 * @property {(id: number) => void} [find]               go to a quoted message
 * @property {() => void} [callBack]                     answer a missed call by a message
 * @property {(message: Message) => void} [cancel]       take back what waits to be sent
 * @property {(message: Message) => void} [erase]        delete one that did not go out
 * @property {(message: Message, attachment: number) => void} [refetch] ask again for a file that did not come
 * @property {(message: Message, emoji: string) => void} [react]
 * @property {(message: Message, button: HTMLElement) => void} [feel]   choose a reaction
 */

/**
 * @typedef {object} RowOf
 * @property {import('../core/store.js').Store} store @property {string} key
 * @property {(message: Message) => boolean} ours whether it stands on this side of the thread
 * @property {(message: Message) => string | null} authorOf a name above the first of a group, where it helps
 * @property {() => boolean} live @property {Actions} actions
 * @property {() => number} [proof] how many milliseconds a lost answer may still be proved
 * @property {(message: Message) => string | null} [writtenFor] which marks mean something in it
 */

/** @param {RowOf} of */
export function messageRow(of) {
  const { store, key, ours, authorOf, actions } = of
  const it = () => store.get(key)
  const first = store.peek(key)
  if (first.message_type === 'system' || first.sender_type === 'system') return systemRow(it, first)
  const mine = ours(first),
    author = authorOf(first)
  // A receipt must not take away the button whose menu is open.
  const acts = computed(() => !it().deleted_at && it().version > 0)
  return h(
    mine ? 'li.message.mine' : 'li.message',
    {
      classes: { gone: () => it().deleted_at, bare: () => isBare(it()), note: () => it().is_private },
      'data-key': key,
      'data-at': String(+new Date(first.created_at)),
      'data-status': () => it().status,
      'data-from': `${first.sender_type} ${first.sender?.id ?? ''} ${first.origin}`,
    },
    author && h('span.author', author),
    first.is_private && h('span.private', icon('note'), t('message.private')),
    bubbleOf(of, it),
    show(h('div.reactions', { hidden: () => !it().reactions?.length }), () => reactions(it(), actions)),
    meta(of, it, first, mine),
    settled(of, it),
    actions.reply && show(h('div.actions'), () => (acts() ? rowActions(() => store.peek(key), actions) : [])),
  )
}

/** @param {RowOf} of @param {() => Message} it */
function bubbleOf({ store, key, actions, writtenFor = () => null }, it) {
  const drawn = computed(() => signatureOf(it()))
  // A finger has no hover: a tap on the bubble brings its actions, another puts them away.
  const bubble = h('div.bubble', {
    onclick: (/** @type {Event} */ event) => {
      const onControl = /** @type {Element} */ (event.target).closest('a, button, input')
      if (!matchMedia('(hover: hover)').matches && !onControl)
        bubble.closest('.message')?.classList.toggle('picked')
    },
  })
  effect(() => {
    drawn()
    const message = store.peek(key)
    bubble.replaceChildren(...content(message, actions, writtenFor(message)))
  })
  return bubble
}

/** @param {RowOf} of @param {() => Message} it @param {Message} first @param {boolean} mine */
function meta({ live }, it, first, mine) {
  const sign = mine && ORIGIN[first.origin]
  return h(
    'div.meta',
    sign && h('span.origin', icon(sign), named('origin', first.origin)),
    recoveredMark(first),
    h('span', { hidden: () => !it().edited_at || !!it().deleted_at }, t('message.edited')),
    h('time', { datetime: first.created_at, title: full(first.created_at) }, clock(first.created_at)),
    mine &&
      show(h('span.state', { hidden: () => !!it().is_private && it().version > 0 }), () =>
        stateMark(it(), live()),
      ),
  )
}

/** Its webhook was lost, and it was read back from its platform. @param {Message} first */
const recoveredMark = first =>
  first.details?.recovered &&
  h(
    'span.origin.recovered',
    icon('retry'),
    t('message.recovered', { when: moment(first.platform_sent_at ?? first.created_at) }),
  )

/** @param {RowOf} of @param {() => Message} it */
function settled({ actions, proof = () => 0 }, it) {
  const needs = computed(() => needsSettling(it()))
  const made = (/** @type {typeof import('./message_settling.js')} */ each) =>
    show(h('div'), () => each.settling(it(), actions, proof()))
  return show(
    h('div', { hidden: () => !needs() }),
    () => needs() && coming(h('div'), import('./message_settling.js'), made, () => {}),
  )
}

/** @param {() => Message} it @param {Message} first */
function systemRow(it, first) {
  return h(
    'li.system',
    { 'data-key': first.id ? `#${first.id}` : '', 'data-at': String(+new Date(first.created_at)) },
    h('span', { dir: 'auto' }, () => it().content ?? ''),
    ' · ',
    h('time', { datetime: first.created_at }, clock(first.created_at)),
  )
}

// The bubble is drawn anew only when what it shows has changed: a receipt must not restart a film.
/** @param {Message} m */
const signatureOf = m =>
  JSON.stringify([
    m.content,
    m.is_private,
    m.deleted_at,
    m.message_type,
    m.attachments,
    m.quote,
    m.details,
    m.feedback,
  ])

const SHOWN = ['image', 'sticker', 'video', 'animation']
/** Whether it is a picture and nothing else. @param {Message} m */
const isBare = m =>
  !m.deleted_at &&
  !m.content &&
  m.attachments.length > 0 &&
  m.attachments.every(each => SHOWN.includes(each.kind) && each.media_url)

/** @param {Message} m @param {Actions} actions @param {string | null} writtenFor */
function content(m, { find, refetch, rate, callBack }, writtenFor) {
  if (m.deleted_at) return [h('span.body', t('message.deleted'))]
  const out = []
  if (m.quote) out.push(quoteBox(m.quote, find))
  if (m.message_type.startsWith('story_')) out.push(h('small', named('kind', m.message_type)))
  out.push(
    ...m.attachments.map(each => attachment(each, refetch && (() => refetch(m, each.id)))),
    ...details(m),
  )
  // A call has its own card, in the reader's language.
  if (m.content && !m.details?.call) out.push(...messageText(m.content, dialectOf(writtenFor)))
  if (callBack && isMissed(m)) out.push(callBackButton(callBack))
  if (!out.length) out.push(h('span.body', t('message.unshown', { kind: named('kind', m.message_type) })))
  if (m.is_ai_response && rate) out.push(rating(m, rate))
  return out
}

/** Whether a customer called and nobody answered. @param {Message} m */
const isMissed = m => m.details?.call?.missed === true && !m.details.call.outgoing

/** @param {() => void} callBack */
const callBackButton = callBack =>
  h(
    'button.button.small',
    { type: 'button', onclick: () => callBack() },
    icon('send'),
    t('message.call_back'),
  )
