// @ts-check
// Who the conversation is with, beside it.
import { avatar } from '../core/avatar.js'
import { coming, h, icon, show } from '../core/dom.js'
import { showError } from '../core/toast.js'
import { computed } from '../core/signal.js'
import { full, moment, since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { colorOf } from './label_color.js'
import { other } from './conversation_names.js'

/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('./session.js').Session} Session */

/** @param {Session} session @param {number} id @param {() => Channel[]} channels @param {() => void} close */
export function customerPanel(session, id, channels, close) {
  const { store } = session
  // Each part is drawn anew only when what it shows has changed: a new message must not close what somebody
  // fills in.
  const of = (/** @type {(it: Conversation) => unknown} */ what) => {
    const seen = computed(() => {
      const it = store.conversation(id)
      return it ? spelled(what(it)) : ''
    })
    return () => (seen(), store.peekConversation(id))
  }
  const standing = of(it => [
      it.customer,
      it.status,
      it.assignee,
      it.labels,
      it.window_expires_at,
      it.participants,
    ]),
    person = of(it => it.customer)
  return h(
    'aside.person',
    { 'aria-label': t('person.panel') },
    h(
      'button.button.quiet.shut',
      { type: 'button', 'aria-label': t('common.close'), onclick: close },
      icon('close'),
    ),
    show(h('div'), () => {
      const it = standing()
      return it && about(session, it, channels)
    }),
    show(h('div'), () => {
      const who = person()?.customer
      return who && details(session, who.id, id)
    }),
  )
}

/** @param {Session} session @param {number} customer @param {number} id */
const details = (session, customer, id) =>
  coming(h('div'), import('./customer_details.js'), each => each.detailsOf(session, customer, id), showError)

/** @param {Session} session @param {Conversation} it @param {() => Channel[]} channels */
function about({ store, me, book, people: { online } }, it, channels) {
  const last = () => store.conversation(it.id)?.last_activity_at ?? it.last_activity_at
  if (it.kind === 'direct') return [portrait(it, me.id), colleagues(it, online)]
  return [portrait(it, me.id), labels(it), facts(book, it, channels, last)]
}

/** @param {Conversation} it @param {number} me */
function portrait(it, me) {
  const who = other(it, me),
    { customer } = it
  return h(
    'div.portrait',
    avatar(who, { size: 'large', channel: it.channel_kind }),
    h('h2', h('span', { dir: 'auto' }, who.name), customer && renameButton(customer.id)),
    customer?.username && h('p', { dir: 'auto' }, `@${customer.username}`),
  )
}

/** @param {number} customer */
const renameButton = customer =>
  h(
    'button.button.quiet.small',
    {
      type: 'button',
      'aria-label': t('customer.rename'),
      title: t('customer.rename'),
      onclick: () => {
        import('./customer_edit.js').then(each => each.rename(customer)).catch(showError)
      },
    },
    icon('pen'),
  )

/**
 * One text for one value, whatever the order of its fields: an answer and a frame have them in different
 * ones.
 * @param {unknown} value
 */
const spelled = value =>
  JSON.stringify(value, (_, each) =>
    each?.constructor === Object ? Object.fromEntries(Object.entries(each).sort()) : each,
  )

/** @param {string} name @param {unknown} value */
const line = (name, value) => value && [h('dt', name), h('dd', value)]

/**
 * @param {Session['book']} book
 * @param {import('../core/types.js').Conversation} it
 * @param {() => import('../core/types.js').Channel[]} channels
 * @param {() => string} last when something last happened
 */
function facts(book, it, channels, last) {
  const opened = it.window_expires_at && +new Date(it.window_expires_at) > Date.now()
  return h(
    'dl.facts',
    ...[
      line(
        t('person.channel'),
        () => channels().find(each => each.id === it.channel_id)?.name ?? named('channel', it.channel_kind),
      ),
      line(
        t.has(`platform_id.${it.channel_kind}`)
          ? t(`platform_id.${it.channel_kind}`)
          : t('person.external_id'),
        externalId(it, book.kindOf(it.channel_kind)?.address === 'phone'),
      ),
      line(t('person.status'), named('status', it.status)),
      line(t('person.assignee'), h('span', { dir: 'auto' }, it.assignee?.name ?? t('assign.nobody'))),
      line(
        t('person.since'),
        h('time', { datetime: it.created_at, title: full(it.created_at) }, moment(it.created_at)),
      ),
      line(t('person.last'), since(last)),
      line(
        t('person.window'),
        it.window_expires_at &&
          (opened
            ? t('person.window_until', { when: moment(it.window_expires_at) })
            : t('person.window_closed')),
      ),
    ]
      .flat()
      .filter(Boolean),
  )
}

/** A number is one that can be called. @param {Conversation} it @param {boolean} isPhone */
function externalId({ customer }, isPhone) {
  const id = customer?.external_id ?? ''
  const isNumber = isPhone && /^\+?\d{7,15}$/.test(id)
  return isNumber
    ? h('a.mono', { dir: 'ltr', href: `tel:+${id.replace('+', '')}` }, `+${id.replace('+', '')}`)
    : h('span.mono', { dir: 'ltr' }, id)
}

/** @param {import('../core/types.js').Conversation} it @param {() => Set<number>} online */
const colleagues = (it, online) =>
  h(
    'ul.people',
    ...it.participants.map(each =>
      h(
        'li',
        avatar(each, { size: 'small', online: () => online().has(each.id) }),
        h('span', { dir: 'auto' }, each.name ?? ''),
      ),
    ),
  )

/** The labels of a conversation, in the panel. @param {import('../core/types.js').Conversation} it */
const labels = it =>
  !!it.labels?.length &&
  h(
    'p.labels',
    ...it.labels.map(each =>
      h('span.label', { dir: 'auto', vars: { '--label': colorOf(each.color) } }, each.name),
    ),
  )
