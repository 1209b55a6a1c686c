// @ts-check
// How many conversations each view and each saved view holds, as the server counts them: what happens to be
// loaded here says nothing of it. Counted anew a moment after something changed, and never more often than it
// pays.
import { get } from '../core/api.js'
import { effect, onCleanup, signal } from '../core/signal.js'
import { number } from '../core/words.js'
import { query, VIEWS } from './list_filter.js'
import { read } from './url_state.js'

/** Nobody counts further: it is said as «999+». */
const MOST = 1_000
/** Changes come in bursts: so long nothing more may come, and so long it waits at most. */
const QUIET = 250
const PATIENCE = 3_000
/** What changes without a word here is counted as often. */
const UNTOLD = 30_000
/** The more are here, the less often each counts, and not all at once: so much for each of them. */
const EACH = 15
/** Saved views are many, and looked at less. */
const SAVED_QUIET = 2_000
const SAVED_PATIENCE = 10_000

/** @param {number} count */
export const amount = count => (count >= MOST ? `${number(MOST - 1)}+` : number(count))

/** @typedef {{total: number, unread: number, matching?: number}} Answer */
/** @param {Record<string, unknown>} filter @returns {Promise<Answer>} */
const count = filter => get('/conversations/counts', { ...filter, up_to: MOST })

/** Everything that matches, however many. @param {Record<string, unknown>} filter */
export const countAll = filter =>
  get('/conversations/counts', filter).then((/** @type {Answer} */ it) => it.matching ?? it.total)

/**
 * Runs `work` a moment after the last of several calls, and not again before it has rested.
 * @param {() => unknown} work
 * @param {number} quiet
 * @param {number} patience
 * @param {() => number} rest how long
 */
export function bursts(work, quiet, patience, rest, random = Math.random) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let since = 0
  let earliest = 0
  const run = () => {
    since = 0
    earliest = Date.now() + rest()
    work()
  }
  return () => {
    const now = Date.now()
    // Many hear of a change at one moment.
    if (!since) earliest = Math.max(earliest, now + random() * rest())
    since ||= now
    clearTimeout(timer)
    timer = setTimeout(run, Math.max(0, Math.min(quiet, since + patience - now), earliest - now))
  }
}

/** @param {import('./session.js').Session} session */
const restOf =
  ({ people }) =>
  () =>
    people.online.peek().size * EACH

/** @param {import('./session.js').Session} session */
export function counting(session) {
  const counts = signal(/** @type {Record<string, number>} */ ({}))
  let asked = 0
  async function look() {
    const mine = ++asked
    try {
      const [called, ...views] = await Promise.all([
        count({ mentioned: true }),
        // What waits is counted whole, the others by what is unread there.
        ...VIEWS.map(view =>
          count({ ...query({ ...read(''), view }), ...(view === 'waiting' ? {} : { unread: true }) }),
        ),
      ])
      if (mine !== asked) return
      const found = VIEWS.map((view, at) => [view, views[at].total])
      counts.set({ ...Object.fromEntries(found), called: called.total - called.unread })
    } catch {
      /* what was counted last stands until the line is back */
    }
  }
  const soon = bursts(look, QUIET, PATIENCE, restOf(session))
  session.back.add(look)
  session.list.stale.add(look)
  session.changed.add(soon)
  session.wiped.add(soon)
  effect(() => {
    if (session.list.isWhole()) return
    const timer = setInterval(() => document.hidden || look(), UNTOLD)
    onCleanup(() => clearInterval(timer))
  })
  return {
    /** @param {string} view */
    of: view => counts()[view] ?? 0,
    /** What concerns this person. */
    all: () => {
      const { mine = 0, unassigned = 0, direct = 0, called = 0 } = counts()
      return Math.min(MOST, mine + unassigned + direct + called)
    },
  }
}

/** How many each saved view holds. @param {import('./session.js').Session} session */
export function countingSaved(session) {
  const counts = signal(/** @type {Map<number, number>} */ (new Map()))
  async function look() {
    if (!session.book.views.peek().length) return
    try {
      const { items } = await get('/views/counts')
      counts.set(
        new Map(
          items.map((/** @type {{id: number, matching: number | null}} */ it) => [it.id, it.matching ?? 0]),
        ),
      )
    } catch {
      /* what was counted last stands until the line is back */
    }
  }
  const soon = bursts(look, SAVED_QUIET, SAVED_PATIENCE, restOf(session))
  effect(() => {
    if (session.book.views().length) look()
  })
  session.changed.add(soon)
  return { of: (/** @type {number} */ id) => counts().get(id) ?? 0 }
}
