// @ts-check
// How many conversations wait to be read, as the server counts them: what happens to be loaded here says
// nothing of it.
// Counted anew a moment after something changed, and never more often than it pays.
import { get } from '../core/api.js'
import { signal } from '../core/signal.js'
import { number } from '../core/words.js'
import { VIEWS, query, read } from './url_state.js'

/** Nobody counts further: it is said as «999+». */
const MOST = 1_000
/** Changes come in bursts: so long nothing more may come, and so long it waits at most. */
const QUIET = 250,
  PATIENCE = 3_000

/** @param {number} count */
export const amount = count => (count >= MOST ? `${number(MOST - 1)}+` : number(count))

/** @param {import('./session.js').Session} session */
export function counting(session) {
  const counts = signal(/** @type {Record<string, number>} */ ({}))
  /** @type {any} */
  let timer = null
  let since = 0,
    asked = 0
  /** @param {any} filter */
  const count = filter => get('/conversations/counts', { ...filter, up_to: MOST })

  async function look() {
    const mine = ++asked
    since = 0
    try {
      const [called, ...views] = await Promise.all([
        count({ mentioned: true }),
        ...VIEWS.map(view => count({ ...query({ ...read(''), view }, session.me.id), unread: true })),
      ])
      if (mine !== asked) return
      const found = Object.fromEntries(VIEWS.map((view, at) => [view, views[at].total]))
      counts.set({ ...found, called: called.total - called.unread })
    } catch {
      /* what was counted last stands until the line is back */
    }
  }
  const soon = () => {
    const now = Date.now()
    since ||= now
    clearTimeout(timer)
    timer = setTimeout(look, Math.max(0, Math.min(QUIET, since + PATIENCE - now)))
  }
  session.back.add(look)
  session.changed.add(soon)
  session.wiped.add(soon)
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
