// @ts-check
// The pages of a thread's history: fetched one at a time, put into the store, tried again where one did not
// come.
import { signal } from '../core/signal.js'
import { PAGE } from './thread_window.js'

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {{before_seq?: number, after_seq?: number, around_seq?: number, limit: number}} Query */

export class ThreadPages {
  /** Whether the first page is there. */
  loaded
  /** Whether the first page did not come. */
  broken = signal(false)
  /** The page that is on its way. @type {Promise<void> | null} */
  #loading = null
  #of

  /**
   * @param {object} of
   * @param {import('../core/store.js').Store} of.store @param {number} of.id
   * @param {(query: Query) => Promise<Message[]>} of.fetch
   * @param {(problem: unknown) => void} of.trouble
   * @param {(count: number, limit: number) => boolean} of.ends whether a page of so many was the last one that way
   */
  constructor(of) {
    this.#of = of
    this.loaded = signal(of.store.thread(of.id).low != null)
  }

  /** What somebody asks for waits for what came by scrolling. */
  async idle() {
    while (this.#loading) await this.#loading
  }

  /**
   * Lengthens what is known; the newest page where nothing is said. One at a time: false if another is on its way.
   * @param {{before_seq?: number, after_seq?: number}} [asked] @param {number} [limit]
   */
  async load(asked = {}, limit = PAGE) {
    if (this.#loading) return false
    const { store, id, fetch, ends, trouble } = this.#of
    const arrived = this.#begin()
    try {
      const messages = await fetch({ ...asked, limit })
      const last = ends(messages.length, limit)
      store.page(id, messages, {
        before: asked.before_seq,
        after: asked.after_seq,
        limit: messages.length + (last ? 1 : 0),
      })
      this.broken.set(false)
      return true
    } catch (problem) {
      if (this.loaded.peek()) trouble(problem)
      else this.broken.set(true)
      return false
    } finally {
      arrived()
    }
  }

  /** A stretch of the past with this place in its middle, instead of everything up to there. @param {number} seq @param {() => void} before */
  async around(seq, before) {
    await this.idle()
    const { store, id, fetch, trouble } = this.#of
    const arrived = this.#begin()
    try {
      const messages = await fetch({ around_seq: seq, limit: PAGE })
      before()
      if (messages.length) store.around(id, messages)
    } catch (problem) {
      trouble(problem)
    } finally {
      arrived()
    }
  }

  /** What is returned says that the page has come. */
  #begin() {
    let done = () => {}
    this.#loading = new Promise(arrived => {
      done = arrived
    })
    return () => {
      this.#loading = null
      done()
    }
  }
}
