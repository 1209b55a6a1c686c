// @ts-check
// A list that a server hands out page by page: it follows its cursor as far as somebody goes, is read anew as
// far as it was read, knows each row once, and asks again by itself where the server cannot be reached. Never
// ends at a first page.
import { messageOf, statusOf } from './api.js'
import { each, h, icon } from './dom.js'
import { onCleanup, signal } from './signal.js'
import { t } from './words.js'

/** @template T @typedef {import('./signal.js').Signal<T>} Signal */
/** @template Row @typedef {{items: Row[], next_cursor?: string | null}} Answer */
/**
 * @template Row
 * @typedef {object} Paged
 * @property {Signal<Row[] | null>} rows     as far as it was read; null: nothing yet
 * @property {Signal<string | null>} next    where it goes on
 * @property {Signal<string>} trouble        why it could not be read
 * @property {Signal<boolean>} isReading
 * @property {() => Promise<void>} load      anew, as far as it was read before
 * @property {() => Promise<void>} begin     anew, from the first page on: something else is looked for
 * @property {() => Promise<void>} more      one page further
 * @property {(count: number) => Promise<void>} reach   reads on until there are so many, or no more
 * @property {() => void} stop               reads no further
 */

/** A server that cannot be reached is asked again by itself. */
const AGAIN = 3_000
/** Whoever has gone further than this begins anew after a change. */
const MOST_ANEW = 500

/**
 * @template Row
 * @param {(cursor: string | null, signal: AbortSignal) => Promise<Answer<Row>>} ask
 * @param {(row: Row) => unknown} [keyOf] what makes a row the same one; a later page's has the newer words
 * @returns {Paged<Row>}
 */
export function paged(ask, keyOf) {
  const it = new PagedList(ask, keyOf)
  onCleanup(it.stop)
  return it
}

/** @template Row @implements {Paged<Row>} */
class PagedList {
  rows = signal(/** @type {Row[] | null} */ (null))
  next = signal(/** @type {string | null} */ (null))
  trouble = signal('')
  isReading = signal(false)
  #ask
  #keyOf
  #asked = new AbortController()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /**
   * @param {(cursor: string | null, signal: AbortSignal) => Promise<Answer<Row>>} ask
   * @param {(row: Row) => unknown} [keyOf]
   */
  constructor(ask, keyOf) {
    this.#ask = ask
    this.#keyOf = keyOf
  }

  stop = () => {
    this.#asked.abort()
    clearTimeout(this.#timer)
    this.isReading.set(false)
  }

  load = () => {
    const before = this.rows.peek()?.length ?? 0
    return this.#read(null, [], before > MOST_ANEW ? 0 : before, false)
  }

  begin = () => this.#read(null, [], 0, false)

  more = () => this.reach((this.rows.peek()?.length ?? 0) + 1)

  /** @param {number} count */
  reach = async count => {
    const have = this.rows.peek()
    if (!have || have.length >= count || !this.next.peek() || this.isReading.peek()) return
    await this.#read(this.next.peek(), have, count, true)
  }

  /**
   * Reads on from a place, page after page.
   * @param {string | null} cursor
   * @param {Row[]} before
   * @param {number} count
   * @param {boolean} shows each page as it comes
   */
  async #read(cursor, before, count, shows) {
    this.stop()
    const { signal: gone } = (this.#asked = new AbortController())
    this.isReading.set(true)
    let found = before
    try {
      do {
        const answer = await this.#ask(cursor, gone)
        if (gone.aborted) return
        found = this.#joined(found, answer.items)
        // A cursor that leads to itself would be followed for ever.
        cursor = answer.next_cursor === cursor ? null : (answer.next_cursor ?? null)
        if (shows || !cursor || found.length >= count) this.#keep(found, cursor)
      } while (cursor && found.length < count)
      this.trouble.set('')
    } catch (problem) {
      if (gone.aborted) return
      this.trouble.set(messageOf(problem))
      if (statusOf(problem) === 0)
        this.#timer = setTimeout(() => this.#read(cursor, found, count, shows), AGAIN)
    }
    this.isReading.set(false)
  }

  // What moved between two answers comes twice: the later one is the newer one.
  /** @param {Row[]} before @param {Row[]} more */
  #joined(before, more) {
    const keyOf = this.#keyOf
    if (!keyOf) return [...before, ...more]
    return [...new Map([...before, ...more].map(row => [keyOf(row), row])).values()]
  }

  /** @param {Row[]} found @param {string | null} cursor */
  #keep(found, cursor) {
    this.next.set(cursor)
    const have = this.rows.peek()
    // The same again draws nothing again; a list that has grown is not compared letter by letter.
    if (found.length !== have?.length || JSON.stringify(found) !== JSON.stringify(have)) this.rows.set(found)
  }
}

/**
 * Why something cannot be shown, and a way to ask again.
 * @param {() => string} trouble
 * @param {() => unknown} again
 */
export const troubleLine = (trouble, again) =>
  h(
    'div.trouble',
    { role: 'alert', hidden: () => !trouble() },
    icon('alert'),
    h('span', trouble),
    h('button.button.small', { type: 'button', onclick: again }, icon('retry'), t('common.retry')),
  )

/**
 * A list with everything that can be said in its place: it is being fetched, it is empty, it cannot be had.
 * @template Row
 * @param {Paged<Row>} it
 * @param {Node | string} none what to say where there is nothing
 * @param {Node | (Node | null | false)[]} shown
 */
export const listed = (it, none, shown) => [
  troubleLine(it.trouble, it.load),
  h('p.note-line.late', { hidden: () => it.rows() !== null || !!it.trouble() }, t('form.busy')),
  h('div.none', { hidden: () => it.rows()?.length !== 0 || !!it.next() }, none),
  ...[shown].flat(),
]

/**
 * Rows that go on as one scrolls; whoever does not scroll has a button for it.
 * @template Row
 * @param {Paged<Row>} it
 * @param {{none: Node | string, keyOf: (row: Row) => unknown, row: (row: Row) => HTMLElement, box?: HTMLElement}} how
 */
export function pagedList(it, { none, keyOf, row, box = h('ul.rows') }) {
  // A row is drawn anew where its words have changed.
  const nameOf = (/** @type {Row} */ each) => `${keyOf(each)} ${JSON.stringify(each)}`
  const byName = () => new Map((it.rows() ?? []).map(one => [nameOf(one), one]))
  each(
    box,
    () => [...byName().keys()],
    name => row(/** @type {Row} */ (byName().get(name))),
  )
  return listed(it, none, [box, moreButton(it)])
}

/** Reads on when it comes near, and when it is pressed. @template Row @param {Paged<Row>} it */
export function moreButton(it) {
  const button = h(
    'button.button.more',
    { type: 'button', hidden: () => !it.next(), disabled: () => it.isReading(), onclick: it.more },
    () => t(it.isReading() ? 'form.busy' : 'common.more'),
  )
  const near = new IntersectionObserver(seen => seen.some(one => one.isIntersecting) && it.more(), {
    rootMargin: '600px',
  })
  near.observe(button)
  onCleanup(() => near.disconnect())
  return button
}
