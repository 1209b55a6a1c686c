// @ts-check
// Which stretch of a thread's known messages is in the page: the newest page at first, a page more at either
// end as somebody scrolls, and never more than so many. The store may hold any number of them.
import { signal } from '../core/signal.js'

/** How many messages a page of history has. */
export const PAGE = 60
/** How many messages are in the page at most. */
const MOST = 240

export class ThreadWindow {
  /** The key it starts with; null: the newest page. */
  #first = signal(/** @type {string | null} */ (null))
  /** The key it ends with; null: it follows the newest. */
  #last = signal(/** @type {string | null} */ (null))
  #thread

  /** @param {import('../core/store.js').Thread} thread */
  constructor(thread) {
    this.#thread = thread
  }

  /**
   * All known keys, and from where to where they are in the page.
   * @returns {[keys: string[], start: number, end: number]}
   */
  bounds() {
    const keys = this.#thread.keys(),
      first = this.#first(),
      last = this.#last()
    const from = first ? keys.indexOf(first) : -1
    const to = last ? keys.indexOf(last) : -1
    return [keys, from < 0 ? Math.max(0, keys.length - PAGE) : from, to < 0 ? keys.length : to + 1]
  }

  /** Whether a new message comes into the page by itself. */
  follows() {
    return !this.#last() && this.#thread.atEnd()
  }

  /** A page more of the past, before what stands at `start`. @param {number} start */
  growOlder(start) {
    const keys = this.#thread.keys.peek()
    const from = Math.max(0, start - PAGE)
    const end = this.bounds()[2]
    this.#first.set(keys[from])
    if (end - from > MOST) this.#last.set(keys[from + MOST - 1])
  }

  /** A page more towards the newest, after what stands before `end`. @param {number} end */
  growNewer(end) {
    const keys = this.#thread.keys.peek(),
      start = this.bounds()[1]
    const to = Math.min(keys.length, end + PAGE)
    this.#last.set(to === keys.length && this.#thread.atEnd.peek() ? null : keys[to - 1])
    if (to - start > MOST) this.#first.set(keys[to - MOST])
    else if (!this.#first.peek()) this.#first.set(keys[start])
  }

  /** A page with this message in its middle. @param {string} key */
  around(key) {
    const keys = this.#thread.keys.peek(),
      at = keys.indexOf(key)
    this.#first.set(keys[Math.max(0, at - PAGE / 2)])
    this.#last.set(at + PAGE / 2 >= keys.length ? null : keys[at + PAGE / 2])
  }

  /** The newest page, whatever comes. */
  follow() {
    this.#first.set(null)
    this.#last.set(null)
  }
}
