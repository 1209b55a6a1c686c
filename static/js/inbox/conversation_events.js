// @ts-check
// What happened to a conversation beside its messages: who did what, as quiet lines in its thread. Fetched
// from the end, as far back as its messages are; what comes by socket is put with it.
import { get } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { effect, onCleanup, signal } from '../core/signal.js'
import { clock, full, moment } from '../core/time.js'
import { named, t } from '../core/words.js'
import { linesOf } from '../chat/thread_items.js'
import { netOf } from './folded_events.js'

/** @typedef {{kind: string, id: number | null, name: string | null}} Cause */
/** @typedef {{id: number, name: string}} Named */
/**
 * What the fields beside `kind` are is told in the API's description.
 * @typedef {{event_seq: number, kind: string, at: string, cause: Cause, assignee?: Named | null, team?: Named | null,
 *   status?: string, until?: string | null, priority?: string | null, labels?: Named[],
 *   before?: string | Named | null, count?: number, from?: string, to?: string}} Happened
 */

const PAGE = 100

const SIGN = /** @type {Record<string, string>} */ ({
  created: 'chat',
  assigned: 'person',
  status: 'check',
  snoozed: 'clock',
  woken: 'clock',
  priority: 'alert',
  labelled: 'tag',
  unlabelled: 'tag',
  spam: 'shield',
  not_spam: 'shield',
  merged: 'people',
  unmerged: 'people',
  joined: 'people',
  handed_to_ai: 'spark',
  ai_failed: 'spark',
  recovered: 'retry',
  gap: 'alert',
  gap_filled: 'check',
})

/** @param {Happened} event @returns {import('../chat/thread_items.js').Happening} */
const placed = event => ({
  seq: event.event_seq,
  at: Date.parse(event.at),
  by: `${event.cause?.kind} ${event.cause?.id ?? ''}`,
})

/** What happened, by its number, and in order of time. */
class Timeline {
  all = signal(/** @type {import('../chat/thread_items.js').Happening[]} */ ([]))
  /** @type {Map<number, Happened>} */
  #known = new Map()
  /** Where the past goes on; null: it does not. @type {string | null} */
  past = null

  /** @param {Happened[]} events */
  take(events) {
    const before = this.#known.size
    for (const each of events) this.#known.set(each.event_seq, each)
    if (this.#known.size === before) return
    const all = [...this.#known.values()].map(placed)
    this.all.set(all.sort((a, b) => a.at - b.at || a.seq - b.seq))
  }

  /** @param {number[]} numbers @returns {Happened[]} */
  of(numbers) {
    return numbers.flatMap(each => this.#known.get(each) ?? [])
  }

  /** Whether nothing came of what one did within a minute. @param {number[]} numbers */
  cameToNothing(numbers) {
    return !netOf(this.of(numbers)).length
  }

  get newest() {
    return Math.max(0, ...this.#known.keys())
  }

  get oldest() {
    return this.all.peek()[0]?.at ?? Infinity
  }
}

/**
 * Follows what happens to a conversation, for as long as it is open.
 * @param {import('./session.js').Session} session @param {number} id
 */
export function conversationEvents({ link, store }, id) {
  const timeline = new Timeline(),
    reader = new Reader(store, id, timeline)
  effect(() => {
    if (store.thread(id).keys().length) reader.reach()
  })
  reader.follow()
  const stops = [
    link.on('subscribed', frame => frame.conversation_id === id && reader.follow()),
    link.on('conversation_event', frame => frame.conversation_id === id && timeline.take([frame.event])),
  ]
  onCleanup(() => {
    reader.left = true
    for (const stop of stops) stop()
  })
  return {
    all: () => timeline.all(),
    isNothing: (/** @type {number[]} */ numbers) => timeline.cameToNothing(numbers),
    row: (/** @type {number[]} */ numbers) => row(timeline.of(numbers)),
  }
}

/** Reads a timeline from its server, one page at a time. */
class Reader {
  left = false
  #asking = false
  /** Something may have happened since what is being read was asked for. */
  #again = false
  #store
  #id
  #timeline

  /** @param {import('../core/store.js').Store} store @param {number} id @param {Timeline} timeline */
  constructor(store, id, timeline) {
    this.#store = store
    this.#id = id
    this.#timeline = timeline
  }

  /** After a break of the line what was missed is asked for; the first time the newest page is. */
  async follow() {
    if (this.#asking) this.#again = true
    if (this.#asking) return
    if (!this.#timeline.newest) return this.#older({})
    for (;;) {
      const answer = await this.#ask({ after: this.#timeline.newest })
      this.#timeline.take(answer?.items ?? [])
      if (!answer?.next_cursor) return
    }
  }

  /** As far back as the messages that are known. */
  reach() {
    const { past, oldest } = this.#timeline
    const first = this.#store.peek(this.#store.thread(this.#id).keys.peek()[0] ?? '')
    if (past && first && Date.parse(first.created_at) < oldest) this.#older({ before: past })
  }

  /** @param {Record<string, unknown>} query */
  async #older(query) {
    const answer = await this.#ask(query)
    if (!answer) return
    this.#timeline.past = answer.next_cursor ?? null
    this.#timeline.take(answer.items)
    this.reach()
  }

  /** @param {Record<string, unknown>} query */
  async #ask(query) {
    if (this.#asking || this.left) return null
    this.#asking = true
    try {
      return await get(`/conversations/${this.#id}/events`, { limit: PAGE, ...query })
    } catch {
      return null // what happened is shown beside; the messages stand without it
    } finally {
      this.#asking = false
      if (this.#again) queueMicrotask(() => this.follow())
      this.#again = false
    }
  }
}

/** What came of each author's minute. @param {Happened[]} events */
const runsOf = events =>
  linesOf(events.map(placed), { most: Infinity })
    .map(run => netOf(run.flatMap(({ seq }) => events.find(each => each.event_seq === seq) ?? [])))
    .filter(run => run.length)

/** @param {Happened[]} all */
function row(all) {
  const events = runsOf(all).flat()
  const authors = new Set(events.map(each => byWhom(each.cause)))
  if (authors.size < 2) return h('li.happened', events.length > 0 && line(events))
  // More than one line has room for: they are told when somebody wants to know.
  const inside = h('ul')
  const box = h(
    'details',
    {
      ontoggle: () => {
        if (box.open && !inside.childElementCount)
          inside.append(...events.map(each => h('li', line([each], true))))
      },
    },
    h('summary', t('event.more', { count: events.length })),
    inside,
  )
  return h('li.happened', box)
}

/** @param {Happened[]} events of one author, within a minute @param {boolean} [withDay] */
function line(events, withDay = false) {
  const [first] = events
  const at = withDay ? moment(first.at) : clock(first.at)
  return h(
    'p',
    icon(SIGN[first.kind] ?? 'clock'),
    h('span', { dir: 'auto' }, events.map(saidOf).join(' · ')),
    h('span.by', h('span', { dir: 'auto' }, byWhom(first.cause))),
    h('time', { datetime: first.at, title: full(first.at) }, at),
  )
}

/** By whom or by what. @param {Cause | undefined} cause */
export function byWhom(cause) {
  if (cause?.kind === 'user') return cause.name ?? t('event.somebody')
  const kind = cause?.kind ?? 'system',
    name = cause?.name
  if (!name) return named('event_by', kind)
  return ['flow', 'rule'].includes(kind) ? t(`event_by.${kind}_named`, { name }) : name
}

/** What happened, in words. @param {Happened} event */
export function saidOf({ kind, assignee, team, status, until, priority, labels = [], count, from, to }) {
  const names = labels.map(each => each.name).join(', ')
  switch (kind) {
    case 'assigned':
      // To a team, or to a person.
      if (team !== undefined) return team ? t('event.team', { name: team.name }) : t('event.no_team')
      return assignee ? t('event.assigned', { name: assignee.name }) : t('event.unassigned')
    case 'status':
      return t('event.status', { status: named('status', status) })
    case 'snoozed':
      return until ? t('event.snoozed', { when: moment(until) }) : t('event.snoozed_reply')
    case 'priority':
      return t('event.priority', { priority: t(`priority.${priority ?? 'none'}`) })
    case 'labelled':
      return t('event.labelled', { names })
    case 'unlabelled':
      return t('event.unlabelled', { names })
    case 'recovered':
      return t('event.recovered', { count })
    case 'gap':
      return t('event.gap', { count, from: moment(from ?? ''), to: moment(to ?? '') })
    default:
      // What a newer server tells has no words here yet.
      return t.has(`event.${kind}`) ? t(`event.${kind}`) : kind.replaceAll('_', ' ')
  }
}
