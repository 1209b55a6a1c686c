// @ts-check
// Which conversations are chosen, to do one thing with all of them: none, some by hand, or everything that
// matches the filter, whether it is loaded or not. Knows neither the page nor the server.
import { signal } from '../core/signal.js'

export class Selection {
  /** Null while one opens conversations instead of choosing them. */
  chosen = signal(/** @type {Set<number> | null} */ (null))
  /** Whether everything that matches is meant, beyond what is here. */
  isEverything = signal(false)
  /** Where a range begins. @type {number | null} */
  #from = null

  get isOn() {
    return this.chosen() != null
  }

  begin() {
    if (!this.chosen.peek()) this.#set([])
  }

  end() {
    this.#from = null
    this.isEverything.set(false)
    this.chosen.set(null)
  }

  /** @param {number} id */
  toggle(id) {
    const next = new Set(this.chosen.peek() ?? [])
    if (!next.delete(id)) next.add(id)
    this.#from = id
    this.#set(next)
  }

  /**
   * Everything between the last one that was touched and this one.
   * @param {number} id @param {number[]} ids as they stand @param {number | null} [open] where one begins who has touched none
   */
  range(id, ids, open = null) {
    const to = ids.indexOf(id)
    const from = ids.indexOf(this.#from ?? open ?? id)
    const between = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1)
    this.#from ??= from < 0 ? id : ids[from]
    this.#set([...(this.chosen.peek() ?? []), ...between])
  }

  /** @param {number[]} ids */
  all(ids) {
    this.#set(ids)
  }

  everything() {
    this.isEverything.set(true)
  }

  /** What left the list is not chosen any more. @param {number[]} ids */
  keep(ids) {
    const had = this.chosen.peek()
    if (!had?.size) return
    const here = new Set(ids)
    const left = [...had].filter(id => here.has(id))
    if (left.length < had.size) this.chosen.set(new Set(left))
  }

  /** @param {Iterable<number>} ids */
  #set(ids) {
    this.isEverything.set(false)
    this.chosen.set(new Set(ids))
  }
}
