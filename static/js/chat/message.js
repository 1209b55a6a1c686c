// @ts-check
// One message as a row: what it says, where it came from, how far it got, and what can be done about it.
import { h, icon, show } from '../core/dom.js'
import { computed, effect } from '../core/signal.js'
import { clock, full, moment, now } from '../core/time.js'
import { openMenu } from '../core/menu.js'
import { named, t } from '../core/words.js'
import { linked } from './links.js'
import { attachment, details } from './attachments.js'

/** @typedef {import('../core/types.js').Message} Message */
const STATE = /** @type {Record<string, string>} */ ({
  pending: 'clock',
  queued: 'clock',
  sending: 'clock',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
  played: 'checks',
  failed: 'alert',
  unconfirmed: 'question',
})
const ORIGIN = /** @type {Record<string, string>} */ ({
  phone: 'phone',
  ai: 'spark',
  flow: 'flow',
  api: 'code',
  platform: 'globe',
})
/** How long a lost answer may still be proved before a person is asked; Telegram has no proof to wait for. */
const PROOF = 120_000
/** The longest time a workspace gives to think an answer over; what waits longer was meant for later. */
const THINKING = 150_000

/**
 * What may be done with a message; each is left out where it cannot be.
 * @typedef {object} Actions
 * @property {(message: Message) => void} [reply]
 * @property {(message: Message) => import('../core/menu.js').MenuItem[]} [more]
 * @property {(message: Message) => void} [retry]        hand a failed one over again
 * @property {(message: Message) => void} [giveUp]       take back a send that no server has
 * @property {(message: Message, action: 'resend' | 'mark_sent') => void} [decide]   for a lost answer
 * @property {(message: Message, rating: string | null) => void} [rate]
 * @property {(id: number) => void} [find]               go to a quoted message
 * @property {(message: Message) => void} [cancel]       take back what waits to be sent
 * @property {(message: Message) => void} [erase]        delete one that did not go out
 * @property {(message: Message, attachment: number) => void} [refetch]   ask again for a file that did not come
 * @property {(message: Message, emoji: string) => void} [react]
 * @property {(message: Message, button: HTMLElement) => void} [feel]   choose a reaction
 */

/**
 * @param {object} of
 * @param {import('../core/store.js').Store} of.store @param {string} of.key
 * @param {(message: Message) => boolean} of.ours whether it stands on this side of the thread
 * @param {(message: Message) => string | null} of.authorOf a name above the first of a group, where it helps
 * @param {() => boolean} of.live @param {Actions} of.actions @param {() => string | null} [of.channel]
 */
export function messageRow({ store, key, ours, authorOf, live, actions, channel = () => null }) {
  const it = () => store.get(key)
  const first = store.peek(key)
  if (first.message_type === 'system' || first.sender_type === 'system') return systemRow(it, first)
  const mine = ours(first)
  const drawn = computed(() => signatureOf(it()))
  // A receipt must not take away the button whose menu is open, either.
  const acts = computed(() => !it().deleted_at && it().version > 0)
  // A finger has no hover: a tap on the bubble brings its actions, another puts them away.
  const bubble = h('div.bubble', {
    onclick: (/** @type {Event} */ event) => {
      if (
        !matchMedia('(hover: hover)').matches &&
        !(/** @type {Element} */ (event.target).closest('a, button, input'))
      )
        row.classList.toggle('picked')
    },
  })
  effect(() => {
    drawn()
    bubble.replaceChildren(...content(store.peek(key), actions))
  })
  const author = authorOf(first)
  const row = h(
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
    bubble,
    show(h('div.reactions', { hidden: () => !it().reactions?.length }), () => reactions(it(), actions)),
    h(
      'div.meta',
      mine &&
        ORIGIN[first.origin] &&
        h('span.origin', icon(ORIGIN[first.origin]), named('origin', first.origin)),
      h('span', { hidden: () => !it().edited_at || !!it().deleted_at }, t('message.edited')),
      h('time', { datetime: first.created_at, title: full(first.created_at) }, clock(first.created_at)),
      mine &&
        show(h('span.state', { hidden: () => !!it().is_private && it().version > 0 }), () =>
          stateMark(it(), live()),
        ),
    ),
    show(h('div', { hidden: () => !needsSettling(it()) }), () => settling(it(), actions, channel())),
    actions.reply && show(h('div.actions'), () => (acts() ? rowActions(() => store.peek(key), actions) : [])),
  )
  return row
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
/** @param {Message} m */
const isBare = m =>
  !m.deleted_at &&
  !m.content &&
  m.attachments.length > 0 &&
  m.attachments.every(
    each => ['image', 'sticker', 'video', 'animation'].includes(each.kind) && each.media_url,
  )

/** @param {Message} m @param {Actions} actions */
function content(m, actions) {
  if (m.deleted_at) return [h('span.body', t('message.deleted'))]
  const out = []
  if (m.quote) out.push(quoteBox(m.quote, actions.find))
  if (m.message_type.startsWith('story_')) out.push(h('small', named('kind', m.message_type)))
  out.push(
    ...m.attachments.map(each => attachment(each, actions.refetch && (() => actions.refetch?.(m, each.id)))),
    ...details(m),
  )
  // A call has its own card, in the reader's language.
  if (m.content && !m.details?.call) out.push(h('div.body', { dir: 'auto' }, ...linked(m.content)))
  if (!out.length) out.push(h('span.body', t('message.unshown', { kind: named('kind', m.message_type) })))
  if (m.is_ai_response && actions.rate) out.push(rating(m, actions.rate))
  return out
}

/** @param {NonNullable<Message['quote']>} quote @param {((id: number) => void) | undefined} find */
export function quoteBox(quote, find) {
  const words = [
    h('b', { dir: 'auto' }, quote.sender_name ?? ''),
    h('span', { dir: 'auto' }, quote.content || named('kind', quote.message_type)),
  ]
  return find
    ? h(
        'button.quote',
        { type: 'button', 'aria-label': t('message.go_to_quote'), onclick: () => find(quote.id) },
        ...words,
      )
    : h('div.quote', ...words)
}

/** @param {Message} m @param {Actions} actions */
function reactions(m, actions) {
  /** @type {Map<string, string[]>} */
  const by = new Map()
  for (const { emoji, name } of m.reactions ?? [])
    by.set(emoji, [...(by.get(emoji) ?? []), name ?? t('message.customer')])
  return [...by].map(([emoji, names]) =>
    h(
      actions.react ? 'button' : 'span',
      {
        ...(actions.react ? { type: 'button', onclick: () => actions.react?.(m, emoji) } : {}),
        title: names.join(', '),
      },
      emoji,
      names.length > 1 && ` ${names.length}`,
      h('span.hidden-text', t('message.reaction_by', { names: names.join(', ') })),
    ),
  )
}

/** @param {Message} m @param {boolean} live */
function stateMark(m, live) {
  const waiting = m.status === 'pending' && !live
  const words = waiting ? t('state.waiting') : named('state', m.status)
  const loud = ['pending', 'failed', 'unconfirmed'].includes(m.status)
  return [icon(STATE[m.status] ?? 'check', loud ? undefined : words), loud && h('span', words)]
}

/** @param {Message} m */
const needsSettling = m => !m.deleted_at && (m.status === 'failed' || m.status === 'unconfirmed' || waits(m))
/** @param {Message} m */
const waits = m => m.status === 'queued' && !!m.send_at && +new Date(m.send_at) > now()

/** @param {Message} m @param {Actions} actions @param {string | null} channel */
function settling(m, actions, channel) {
  if (waits(m)) {
    const soon = +new Date(m.send_at ?? 0) - now() < THINKING
    return [
      h(
        'div.settle.later',
        h(
          'span',
          icon('clock'),
          ' ',
          soon ? t('later.soon') : t('later.goes', { when: moment(m.send_at ?? '') }),
        ),
        actions.cancel &&
          h(
            'button.button.small',
            { type: 'button', onclick: () => actions.cancel?.(m) },
            t(soon ? 'common.undo' : 'later.cancel'),
          ),
      ),
    ]
  }
  if (m.status === 'failed') {
    return [
      h(
        'div.settle',
        h('span', { dir: 'auto' }, m.error?.message || t('failed.no_reason')),
        h(
          'div.row',
          actions.retry &&
            h(
              'button.button.small',
              { type: 'button', onclick: () => actions.retry?.(m) },
              icon('retry'),
              t('common.retry'),
            ),
          m.version > 0 &&
            actions.erase &&
            h(
              'button.button.small',
              { type: 'button', onclick: () => actions.erase?.(m) },
              icon('trash'),
              t('failed.give_up'),
            ),
          m.version === 0 &&
            actions.giveUp &&
            h(
              'button.button.small',
              { type: 'button', onclick: () => actions.giveUp?.(m) },
              t('failed.give_up'),
            ),
        ),
      ),
    ]
  }
  if (m.status !== 'unconfirmed' || !actions.decide) return []
  const left = channel === 'telegram' ? 0 : +new Date(m.created_at) + PROOF - now()
  if (left > 0) return [h('div.settle.warn', t('unconfirmed.waiting'))]
  return [
    h(
      'div.settle.warn',
      h('span', t('unconfirmed.ask')),
      h(
        'div.row',
        h(
          'button.button.small',
          { type: 'button', onclick: () => actions.decide?.(m, 'resend') },
          icon('retry'),
          t('unconfirmed.resend'),
        ),
        h(
          'button.button.small',
          { type: 'button', onclick: () => actions.decide?.(m, 'mark_sent') },
          icon('check'),
          t('unconfirmed.mark_sent'),
        ),
      ),
    ),
  ]
}

/** @param {() => Message} m @param {Actions} actions */
function rowActions(m, actions) {
  return [
    h(
      'button.button.quiet',
      {
        type: 'button',
        'aria-label': t('message.reply'),
        title: t('message.reply'),
        onclick: () => actions.reply?.(m()),
      },
      icon('reply'),
    ),
    actions.feel &&
      !m().is_private &&
      h(
        'button.button.quiet',
        {
          type: 'button',
          'aria-label': t('message.react'),
          title: t('message.react'),
          'aria-haspopup': 'menu',
          onclick: (/** @type {any} */ event) => actions.feel?.(m(), event.currentTarget),
        },
        icon('smile'),
      ),
    actions.more &&
      h(
        'button.button.quiet',
        {
          type: 'button',
          'aria-label': t('common.more'),
          'aria-haspopup': 'menu',
          onclick: (/** @type {any} */ event) => openMenu(event.currentTarget, actions.more?.(m()) ?? []),
        },
        icon('more'),
      ),
  ]
}

/** @param {Message} m @param {(message: Message, rating: string | null) => void} rate */
function rating(m, rate) {
  const now = m.feedback?.rating
  const button = (/** @type {string} */ value, /** @type {string} */ sign) =>
    h(
      'button.button.quiet.small',
      {
        type: 'button',
        'aria-label': t(`feedback.${value}`),
        'aria-pressed': String(now === value),
        onclick: () => rate(m, now === value ? null : value),
      },
      icon(sign),
    )
  return h(
    'div.rating',
    { role: 'group', 'aria-label': t('feedback.title') },
    button('positive', 'up'),
    button('negative', 'thumb-down'),
    m.feedback?.comment && h('small', { dir: 'auto' }, m.feedback.comment),
  )
}
