// @ts-check
// What every list of the dashboard has in common: it is being fetched, it is empty, it cannot be had (and why, and a
// way to ask again), or it is there, a page at a time.
import { h, icon } from '../core/dom.js'
import { onCleanup, signal } from '../core/signal.js'
import { t } from '../core/words.js'

/**
 * @typedef {{rows: import('../core/signal.js').Signal<any[] | null>, next: import('../core/signal.js').Signal<string | null>, trouble: import('../core/signal.js').Signal<string>, load: () => Promise<void>, more: () => Promise<void>}} Listing
 */

/** A server that cannot be reached is asked again by itself. */
const AGAIN = 3_000

/** @param {(cursor: string | null) => Promise<any>} ask @returns {Listing} */
export function listing(ask) {
  const rows = signal(/** @type {any[] | null} */ (null)),
    next = signal(/** @type {string | null} */ (null)),
    trouble = signal('')
  let asked = 0,
    left = false
  /** @type {any} */
  let timer = null
  onCleanup(() => {
    left = true
    clearTimeout(timer)
  })
  /** @param {string | null} cursor */
  async function load(cursor) {
    const mine = ++asked
    clearTimeout(timer)
    try {
      const answer = await ask(cursor)
      if (mine !== asked) return // something newer was asked for since
      const found = cursor ? [...(rows.peek() ?? []), ...answer.items] : answer.items
      if (JSON.stringify(found) !== JSON.stringify(rows.peek())) rows.set(found) // the same again draws nothing again
      next.set(answer.next_cursor ?? null)
      trouble.set('')
    } catch (/** @type {any} */ problem) {
      if (mine !== asked) return
      trouble.set(problem.message)
      if (problem.status === 0 && !left) timer = setTimeout(() => load(cursor), AGAIN)
    }
  }
  return { rows, next, trouble, load: () => load(null), more: () => load(next.peek()) }
}

/** Why something cannot be shown, and a way to ask again. @param {() => string} trouble @param {() => any} again */
export const troubleLine = (trouble, again) =>
  h(
    'div.trouble',
    { role: 'alert', hidden: () => !trouble() },
    icon('alert'),
    h('span', trouble),
    h('button.button.small', { type: 'button', onclick: again }, icon('retry'), t('common.retry')),
  )

/** A list with everything that can be said in its place. @param {Listing} it @param {any} none what to say where there is nothing @param {any} shown */
export const listed = (it, none, shown) => [
  troubleLine(it.trouble, it.load),
  h('p.note-line.late', { hidden: () => it.rows() !== null || !!it.trouble() }, t('form.busy')),
  h('div.none', { hidden: () => it.rows()?.length !== 0 }, none),
  shown,
  h('button.button.more', { type: 'button', hidden: () => !it.next(), onclick: it.more }, t('common.more')),
]
