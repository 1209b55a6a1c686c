// @ts-check
// A customer as the team knows them: identities, own fields, other conversations, what colleagues were asked.
import { all as every, get, patch } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { showError } from '../core/toast.js'
import { signal } from '../core/signal.js'
import { since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { other } from './conversation_names.js'
import { consentsOf } from './customer_consents.js'
import { go } from './url_state.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */
/**
 * @typedef {{kind: string, external_id: string, channel_kind: string, channel_name: string | null}} Identity
 */
/**
 * @typedef {{id: number, name: string | null, undo_until: string | null}} Merge two customers that were made
 *   one
 */
/**
 * @typedef {object} Customer
 * @property {number} id @property {string | null} name @property {string | null} own_name
 * @property {string | null} [username] @property {string | null} [external_id]
 * @property {boolean} blocked @property {boolean} unreachable
 * @property {Identity[]} identities
 * @property {Record<string, string>} custom_fields
 * @property {Pick<Conversation, 'id' | 'channel_kind' | 'status' | 'last_activity_at' | 'created_at'>[]} conversations
 * @property {Merge[]} [merges]
 */
/** What changes one. @typedef {(fields: Record<string, unknown>) => Promise<void>} Change */

/**
 * What is known of each customer: the panel may be drawn anew while somebody changes one.
 * @type {Map<number, Signal<Customer | null>>}
 */
const all = new Map()
/** @param {number} customer */
function knownOf(customer) {
  let known = all.get(customer)
  if (!known) all.set(customer, (known = signal(/** @type {Customer | null} */ (null))))
  return known
}

/** @param {Session} session @param {number} customer @param {number} conversation the one that is open */
export function detailsOf(session, customer, conversation) {
  const known = knownOf(customer)
  const load = () =>
    get(`/customers/${customer}`)
      .then(it => {
        if (JSON.stringify(it) !== JSON.stringify(known.peek())) known.set(it)
      })
      .catch(() => {})
  load()
  /** @type {Change} */
  const change = fields => patch(`/customers/${customer}`, fields).then(it => known.set(it))
  const about = askedAbout(conversation)
  const consents = consentsOf(session, customer, conversation)
  const acts = (/** @type {Customer} */ it) => {
    const button = h(
      'button.button.small',
      {
        type: 'button',
        'aria-haspopup': 'menu',
        onclick: () => doing(each => each.customerMenu(session, it, change, load, button)),
      },
      icon('more'),
      t('customer.acts'),
    )
    return button
  }
  return show(h('div.profile', { hidden: () => !known() }), () => {
    const it = known()
    if (!it) return []
    return [
      it.blocked && h('p.blocked', { role: 'status' }, icon('shield'), t('customer.blocked')),
      it.unreachable && h('p.blocked', { role: 'status' }, icon('off'), t('customer.unreachable')),
      identities(it),
      fields(it, change),
      consents,
      earlier(it, conversation),
      asked(session, about()),
      acts(it),
    ]
  })
}

/**
 * Conversations among colleagues about this one, as far as one takes part in them.
 * @param {number} conversation
 */
function askedAbout(conversation) {
  const about = signal(/** @type {Conversation[]} */ ([]))
  every('/conversations', { about_conversation_id: conversation })
    .then(items => {
      if (items.length) about.set(items)
    })
    .catch(() => {})
  return about
}

/** @param {Session} session @param {Conversation[]} about */
function asked(session, about) {
  const open = (/** @type {Conversation} */ each) => {
    session.store.applyConversations([each])
    go({ view: 'direct', c: each.id })
  }
  const row = (/** @type {Conversation} */ each) =>
    h(
      'li',
      h(
        'button.text',
        { type: 'button', dir: 'auto', onclick: () => open(each) },
        other(each, session.me.id).name,
      ),
    )
  return about.length > 0 && h('section', h('h3', t('customer.asked')), h('ul', ...about.map(row)))
}

/**
 * What changes a customer is fetched when somebody does.
 * @param {(each: typeof import('./customer_edit.js')) => unknown} work
 */
const doing = work => {
  import('./customer_edit.js').then(work).catch(showError)
}

/** @param {Customer} it */
const identities = it =>
  it.identities?.length > 1 &&
  h(
    'section',
    h('h3', t('customer.identities')),
    h(
      'ul',
      ...it.identities.map(each =>
        h(
          'li',
          h('span', { dir: 'auto' }, each.channel_name || named('channel', each.channel_kind)),
          ' ',
          h('span.mono', { dir: 'ltr' }, each.external_id),
        ),
      ),
    ),
  )

/** @param {Customer} it @param {Change} change */
function fields(it, change) {
  const mine = Object.entries(it.custom_fields ?? {})
  const edit = (/** @type {string} */ name, /** @type {string} */ value) =>
    doing(each => each.editField(name, value, change))
  return h(
    'section',
    h('h3', t('customer.fields')),
    h(
      'dl.facts',
      ...mine.flatMap(([name, value]) => [
        h('dt', { dir: 'auto' }, name),
        h(
          'dd',
          h(
            'button.text',
            {
              type: 'button',
              dir: 'auto',
              title: t('customer.field_edit'),
              onclick: () => edit(name, String(value)),
            },
            String(value),
          ),
        ),
      ]),
    ),
    h(
      'button.button.small.quiet',
      { type: 'button', onclick: () => edit('', '') },
      icon('plus'),
      t('customer.field_add'),
    ),
  )
}

/** @param {Customer} it @param {number} open */
function earlier(it, open) {
  const others = (it.conversations ?? []).filter(each => each.id !== open)
  return (
    !!others.length &&
    h(
      'section',
      h('h3', t('customer.conversations')),
      h(
        'ul',
        ...others.map(each =>
          h(
            'li',
            h(
              'button.text',
              { type: 'button', onclick: () => go({ c: each.id }) },
              `${named('channel', each.channel_kind)} · ${named('status', each.status)} · `,
              since(each.last_activity_at ?? each.created_at),
            ),
          ),
        ),
      ),
    )
  )
}
