// @ts-check
// What we owe customers and what became of it, with the platform's own words; and what came in and was not
// understood.
import { get, post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { paged } from '../core/paged.js'
import { effect, untracked } from '../core/signal.js'
import { moment, since } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { named, number, t } from '../core/words.js'
import { filters, part, toPart } from './address.js'
import { showAttempts } from './attempts.js'
import { conversationPath } from './conversation_link.js'
import { choices, filterBar } from './filters.js'
import { listTable } from './list_table.js'
import { quarantineCard } from './quarantine.js'
import { stateMark } from './state_mark.js'
import { whileOpen } from './watch.js'

/** @typedef {import('./types.js').Delivery} Delivery */
/** @typedef {import('../core/paged.js').Paged<import('../core/types.js').Channel>} Channels */

const STATUSES = ['', 'queued', 'sending', 'sent', 'failed', 'unconfirmed', 'cancelled']
const OPEN = ['queued', 'claimed', 'sending']
/** @type {Record<string, string>} */
const TONE = { sent: 'good', failed: 'bad', unconfirmed: 'warn' }

/** The state the address names, as the server calls it. */
function wantedStatus() {
  const status = STATUSES.includes(part()) ? part() : ''
  return status === 'sending' ? 'claimed,sending' : status
}

/** @param {Channels} channels */
export function deliveriesPage(channels) {
  const wanted = filters(['channel'])
  const list = paged(cursor =>
    get('/deliveries', {
      status: untracked(wantedStatus),
      channel_id: untracked(wanted)[0],
      limit: 100,
      cursor,
    }),
  )
  const channelOf = nameOf(channels)
  const strange = quarantineCard(channelOf)
  effect(() => {
    wantedStatus()
    wanted()
    untracked(list.begin)
  })
  whileOpen(list, it => OPEN.includes(it.status))
  const again = () => Promise.all([list.load(), strange.load()])
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.deliveries')),
      h('button.button', { type: 'button', onclick: again }, icon('retry'), t('common.look_again')),
    ),
    narrowing(channels),
    h(
      'section.card',
      listTable({
        label: t('admin.deliveries'),
        list,
        none: h('p', t('deliveries.none')),
        columns: columns(channelOf, list.load),
      }),
    ),
    strange.card,
  )
}

/** @param {Channels} channels */
const nameOf = channels => (/** @type {{channel_id: number, channel_kind?: string}} */ it) =>
  (channels.rows() ?? []).find(each => each.id === it.channel_id)?.name ?? named('channel', it.channel_kind)

/** @param {Channels} channels */
const narrowing = channels =>
  h(
    'div.row.start',
    choices(
      t('deliveries.which'),
      STATUSES,
      each => (each ? named('delivery', each) : t('deliveries.all')),
      () => (STATUSES.includes(part()) ? part() : ''),
      toPart,
    ),
    filterBar(t('deliveries.which'), [
      {
        name: 'channel',
        label: t('deliveries.channel'),
        options: () => [
          ['', t('flows.any_channel')],
          ...(channels.rows() ?? []).map(it => /** @type {[string, string]} */ ([String(it.id), it.name])),
        ],
      },
    ]),
  )

/**
 * @param {(it: Delivery) => string} channelOf
 * @param {() => unknown} again
 * @returns {import('./table.js').Column<Delivery>[]}
 */
const columns = (channelOf, again) => [
  { words: t('deliveries.when'), of: it => since(it.created_at), name: 'when', sort: it => it.created_at },
  { words: t('deliveries.customer'), of: customer, kind: 'wrap' },
  { words: t('deliveries.channel'), of: it => h('bdi', channelOf(it)), name: 'channel', sort: channelOf },
  {
    words: t('deliveries.status'),
    of: it => stateMark(named('delivery', it.status), TONE[it.status]),
    name: 'status',
    sort: it => it.status,
  },
  { words: t('deliveries.attempts'), of: attempts, name: 'attempts', sort: it => it.attempts?.length ?? 0 },
  { words: t('deliveries.reason'), kind: 'wrap', of: reason },
  { words: '', kind: 'acts', of: it => acts(it, again) },
]

/** Whom it is for and its first words, which lead to the conversation. @param {Delivery} it */
function customer(it) {
  if (!it.conversation_id) return null
  const name = it.customer ? (it.customer.name ?? t('person.nameless')) : `#${it.conversation_id}`
  return [
    h('a', { href: conversationPath(it.conversation_id) }, h('bdi', name)),
    it.message?.preview ? h('p.note-line.preview', { dir: 'auto' }, it.message.preview) : null,
  ]
}

/** @param {Delivery} it */
function attempts(it) {
  const count = number(it.attempts?.length ?? 0)
  if (!it.attempts?.length) return count
  const label = t('admin.act', { act: t('deliveries.tries'), name: count })
  return h(
    'button.link',
    { type: 'button', 'aria-label': label, onclick: () => showAttempts(it.attempts) },
    count,
  )
}

/** @param {Delivery} it */
function reason(it) {
  const words = it.error?.message || it.error?.code || ''
  if (words) return h('bdi', words)
  const isWaiting = it.status === 'queued' && it.next_attempt_at
  return isWaiting && t('deliveries.next', { when: moment(it.next_attempt_at ?? '') })
}

/** @param {Delivery} it @param {() => unknown} again */
function acts(it, again) {
  const act = async (/** @type {string} */ action) => {
    try {
      await post(`/messages/${it.message_id}/retry`, { action })
      toast(t(action === 'resend' ? 'deliveries.again' : 'deliveries.done'), { tone: 'good' })
      again()
    } catch (problem) {
      showError(problem)
    }
  }
  const isFailed = it.status === 'failed'
  const isUnconfirmed = it.status === 'unconfirmed'
  return h(
    'span.row',
    (isFailed || isUnconfirmed) &&
      h(
        'button.button.small',
        { type: 'button', onclick: () => act('resend') },
        icon('retry'),
        t(isFailed ? 'common.retry' : 'unconfirmed.resend'),
      ),
    isUnconfirmed &&
      h(
        'button.button.small',
        { type: 'button', onclick: () => act('mark_sent') },
        t('unconfirmed.mark_sent'),
      ),
  )
}
