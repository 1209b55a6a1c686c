// @ts-check
// A list of the dashboard: it is being fetched, it is empty, it cannot be had (and why, and a way to ask again), or
// it is there, as far as somebody has gone. It follows its cursor and never ends at a first page.
import { h, icon } from '../core/dom.js'
import { onCleanup, signal } from '../core/signal.js'
import { t } from '../core/words.js'

/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */
/** @template Row @typedef {{items: Row[], next_cursor?: string | null}} Answer */
/**
 * @template Row
 * @typedef {object} Listing
 * @property {Signal<Row[] | null>} rows   as far as it was read; nothing yet
 * @property {Signal<string | null>} next  where it goes on
 * @property {Signal<string>} trouble
 * @property {Signal<boolean>} isReading
 * @property {() => Promise<void>} load    anew, as far as it was read before
 * @property {(count: number) => Promise<void>} reach reads on until there are so many, or no more
 * @property {() => void} stop             reads no further
 */

/** A server that cannot be reached is asked again by itself. */
const AGAIN = 3_000
/** Whoever has gone further than this begins anew after a change. */
const MOST_ANEW = 500

/** @template Row @param {(cursor: string | null) => Promise<Answer<Row>>} ask @returns {Listing<Row>} */
export function listing(ask) {
  const rows = signal(/** @type {Row[] | null} */ (null))
  const next = signal(/** @type {string | null} */ (null))
  const { trouble, isReading, stop, run } = oneAtATime()

  /** Reads on from a place, page after page. @param {string | null} cursor @param {Row[]} found @param {number} count @param {boolean} shows each page as it comes */
  const read = (cursor, found, count, shows) =>
    run(async isMine => {
      do {
        const answer = await ask(cursor)
        if (!isMine()) return
        found = [...found, ...answer.items]
        // A cursor that leads to itself would be followed for ever.
        cursor = answer.next_cursor === cursor ? null : (answer.next_cursor ?? null)
        if (shows || !cursor || found.length >= count) keep(found, cursor)
      } while (cursor && found.length < count)
    })
  /** @param {Row[]} found @param {string | null} cursor */
  function keep(found, cursor) {
    next.set(cursor)
    if (!isSame(found, rows.peek())) rows.set(found) // the same again draws nothing again
  }
  const load = () => {
    const before = rows.peek()?.length ?? 0
    return read(null, [], before > MOST_ANEW ? 0 : before, false)
  }
  /** @param {number} count */
  const reach = async count => {
    const have = rows.peek()
    const isShort = have && have.length < count && next.peek()
    if (isShort && !isReading.peek() && !trouble.peek()) await read(next.peek(), have, count, true)
  }
  return { rows, next, trouble, isReading, load, reach, stop }
}

/** What is asked for last counts; a server that cannot be reached is asked again by itself. */
function oneAtATime() {
  const trouble = signal('')
  const isReading = signal(false)
  let turn = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const stop = () => {
    turn++
    clearTimeout(timer)
    isReading.set(false)
  }
  onCleanup(stop)
  /** @param {(isMine: () => boolean) => Promise<void>} work @returns {Promise<void>} */
  async function run(work) {
    stop()
    const mine = turn
    const isMine = () => mine === turn
    isReading.set(true)
    try {
      await work(isMine)
      if (isMine()) trouble.set('')
    } catch (/** @type {any} */ problem) {
      if (!isMine()) return
      trouble.set(problem.message)
      if (problem.status === 0) timer = setTimeout(() => run(work), AGAIN)
    }
    if (isMine()) isReading.set(false)
  }
  return { trouble, isReading, stop, run }
}

/** @param {unknown[]} found @param {unknown[] | null} before */
const isSame = (found, before) =>
  found.length === before?.length && JSON.stringify(found) === JSON.stringify(before)

/** Why something cannot be shown, and a way to ask again. @param {() => string} trouble @param {() => unknown} again */
export const troubleLine = (trouble, again) =>
  h(
    'div.trouble',
    { role: 'alert', hidden: () => !trouble() },
    icon('alert'),
    h('span', trouble),
    h('button.button.small', { type: 'button', onclick: again }, icon('retry'), t('common.retry')),
  )

/**
 * A list with everything that can be said in its place.
 * @template Row
 * @param {Listing<Row>} it
 * @param {Node | string} none what to say where there is nothing
 * @param {Node | Node[]} shown
 */
export const listed = (it, none, shown) => [
  troubleLine(it.trouble, it.load),
  h('p.note-line.late', { hidden: () => it.rows() !== null || !!it.trouble() }, t('form.busy')),
  h('div.none', { hidden: () => it.rows()?.length !== 0 || !!it.next() }, none),
  ...[shown].flat(),
]
