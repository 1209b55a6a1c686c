// @ts-check
// A customer as the team knows them: identities, own fields, other conversations, what colleagues were asked.
import { all as every, get, patch } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { showError } from '../core/toast.js'
import { signal } from '../core/signal.js'
import { since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { other } from './names.js'
import { go } from './place.js'

/** What is known of each customer: the panel may be drawn anew while somebody changes one. @type {Map<number, import('../core/signal.js').Signal<any>>} */
const all = new Map()
/** @param {number} customer */
function knownOf(customer) {
  let known = all.get(customer)
  if (!known) all.set(customer, (known = signal(/** @type {any} */ (null))))
  return known
}

/** @param {import('./session.js').Session} session @param {number} customer @param {number} conversation the one that is open */
export function profileOf(session, customer, conversation) {
  const known = knownOf(customer)
  const load = () =>
    get(`/customers/${customer}`)
      .then(it => {
        if (JSON.stringify(it) !== JSON.stringify(known.peek())) known.set(it)
      })
      .catch(() => {})
  load()
  const change = (/** @type {any} */ fields) =>
    patch(`/customers/${customer}`, fields).then(it => known.set(it))
  // Conversations among colleagues about this one, as far as one takes part in them.
  const about = signal(/** @type {any[]} */ ([]))
  every('/conversations', { about_conversation_id: conversation })
    .then(items => {
      if (items.length) about.set(items)
    })
    .catch(() => {})
  const asked = () =>
    about().length > 0 &&
    h(
      'section',
      h('h3', t('customer.asked')),
      h(
        'ul',
        ...about().map(each =>
          h(
            'li',
            h(
              'button.text',
              {
                type: 'button',
                dir: 'auto',
                onclick: () => {
                  session.store.applyConversations([each])
                  go({ view: 'direct', c: each.id })
                },
              },
              other(each, session.me.id).name,
            ),
          ),
        ),
      ),
    )
  const acts = () => {
    const button = h(
      'button.button.small',
      {
        type: 'button',
        'aria-haspopup': 'menu',
        onclick: () => doing(each => each.customerMenu(session, known.peek(), change, load, button)),
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
      earlier(it, conversation),
      asked(),
      acts(),
    ]
  })
}

/** What changes a customer is fetched when somebody does. @param {(each: typeof import('./customer.js')) => any} work */
const doing = work => {
  import('./customer.js').then(work).catch(showError)
}

/** @param {any} it */
const identities = it =>
  it.identities?.length > 1 &&
  h(
    'section',
    h('h3', t('customer.identities')),
    h(
      'ul',
      ...it.identities.map((/** @type {any} */ each) =>
        h(
          'li',
          h('span', { dir: 'auto' }, each.channel_name || named('channel', each.channel_kind)),
          ' ',
          h('span.mono', { dir: 'ltr' }, each.external_id),
        ),
      ),
    ),
  )

/** @param {any} it @param {(fields: any) => Promise<any>} change */
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

/** @param {any} it @param {number} open */
function earlier(it, open) {
  const others = (it.conversations ?? []).filter((/** @type {any} */ each) => each.id !== open)
  return (
    !!others.length &&
    h(
      'section',
      h('h3', t('customer.conversations')),
      h(
        'ul',
        ...others.map((/** @type {any} */ each) =>
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
