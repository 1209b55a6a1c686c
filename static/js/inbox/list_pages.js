// @ts-check
// What the list shows: the conversations known here that fit the place, in its order, as far as the server's
// pages reach; and the fetching of those pages.
import { get } from '../core/api.js'
import { computed, effect, signal, untracked } from '../core/signal.js'
import { other } from './conversation_names.js'
import { comesBefore, fits, query, sortOf } from './list_filter.js'
import { isNarrowed, place, write } from './url_state.js'

/** @typedef {import('../core/types.js').Conversation} Conversation */

const LIMIT = 50
/** A search waits until the person pauses. */
const PAUSE = 100

/**
 * What a page of the list depends on: everything but what is open.
 * @param {import('./url_state.js').Place} here
 */
const keyOf = here => write({ ...here, c: null, at: null, from: '', to: '', who: null })

/** @param {import('./session.js').Session} session */
export function listPages(session) {
  const pages = new ListPages(session)
  let before = ''
  let words = ''
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause
  effect(() => {
    const here = place()
    const key = keyOf(here)
    if (key === before) return
    const isTyping = !!before && here.q !== words
    before = key
    words = here.q
    clearTimeout(pause)
    untracked(() => pages.begin(!here.q))
    pause = setTimeout(() => untracked(() => pages.load()), isTyping ? PAUSE : 0)
  })
  session.back.add(() => pages.load())
  session.list.stale.add(() => pages.load())
  return pages
}

export class ListPages {
  /** loading · ready · broken */
  state = signal('loading')
  /** Where the next page begins; null: there is none. */
  next = signal(/** @type {string | null} */ (null))
  /** What the server found by the words of a search. */
  #found = signal(/** @type {Set<number> | null} */ (null))
  /** The last one of the pages so far: what comes after it is not shown before its page has come. */
  #edge = signal(/** @type {Conversation | null} */ (null))
  /** Rises with each place: an answer for another one comes too late. */
  #places = 0
  /** Whether more than the first page is here: fetching that one again takes nothing away. */
  #isDeep = false
  /** A page that did not come. @type {string | null} */
  #missed = null
  #session

  /** @param {import('./session.js').Session} session */
  constructor(session) {
    this.#session = session
    const { store, me } = session
    /** @type {number[]} */
    let last = []
    /** Ids in the order of the screen; the same array while nothing in it has changed. */
    this.shown = computed(() => {
      const next = this.#fitting(store, me.id)
      if (next.length !== last.length || next.some((id, at) => id !== last[at])) last = next
      return last
    })
  }

  /** @param {import('../core/store.js').Store} store @param {number} me */
  #fitting(store, me) {
    const here = place()
    if (isNarrowed(here)) return [] // a day or a person is asked of messages
    const compare = comesBefore(sortOf(here))
    const edge = this.#edge()
    return store
      .conversations()
      .map(id => store.conversation(id))
      .filter(it => it != null)
      .filter(it => !it.merged_into && fits(it, here, me) && this.#isCalled(it, here.q))
      .filter(it => !edge || compare(it, edge) <= 0)
      .sort(compare)
      .map(it => it.id)
  }

  /** Another place: nothing of its pages is here. @param {boolean} isWithoutWords */
  begin(isWithoutWords) {
    this.#places++
    this.#isDeep = false
    this.#missed = null
    this.#edge.set(null)
    this.next.set(null)
    if (isWithoutWords) this.#found.set(null)
  }

  /** The page after those that are here, if there is one. */
  more() {
    const cursor = this.next.peek()
    this.next.set(null)
    if (cursor) this.load(cursor)
  }

  /** @param {string | null} [cursor] */
  async load(cursor = null) {
    const mine = this.#places
    const { store } = this.#session
    const moment = store.moment
    const here = place.peek()
    if (!cursor && !this.shown.peek().length) this.state.set('loading')
    try {
      const answer = await get('/conversations', { ...query(here), limit: LIMIT, cursor })
      store.applyConversations(answer.items, { asked: moment })
      if (mine !== this.#places) return
      this.#took(answer, !!cursor, here.q)
      if (!cursor && !here.q) this.#lookAtMissed(answer, moment, sortOf(here))
    } catch {
      if (mine !== this.#places) return
      this.state.set('broken')
      if (cursor) this.#missed = cursor
    }
  }

  /**
   * Only where something known is not among what came.
   * @param {{items: Conversation[], next_cursor: string | null}} answer
   * @param {number} moment
   * @param {string} sort
   */
  #lookAtMissed(answer, moment, sort) {
    const came = new Set(answer.items.map(it => it.id))
    const shown = this.shown.peek()
    if (shown.every(id => came.has(id))) return
    import('./missed_changes.js')
      .then(each => each.lookAtMissed(this.#session, shown, answer, moment, sort))
      .catch(() => {}) // the next list finds it
  }

  /**
   * @param {{items: Conversation[], next_cursor: string | null}} answer
   * @param {boolean} isMore
   * @param {string} words
   */
  #took({ items, next_cursor }, isMore, words) {
    if (words) {
      const had = isMore ? (this.#found.peek() ?? []) : []
      this.#found.set(new Set([...had, ...items.map(it => it.id)]))
    }
    this.state.set('ready')
    if (!isMore && this.#isDeep) {
      // The line is back: what could not be fetched is asked for again.
      if (this.#missed) this.next.set(this.#missed)
      this.#missed = null
      return
    }
    this.#isDeep ||= isMore
    this.#edge.set(next_cursor && !words ? (items.at(-1) ?? null) : null)
    this.next.set(next_cursor)
  }

  /** @param {Conversation} it @param {string} words */
  #isCalled(it, words) {
    if (!words) return true
    const name = other(it, this.#session.me.id).name.toLocaleLowerCase()
    return !!this.#found()?.has(it.id) || name.includes(words.toLocaleLowerCase())
  }
}
