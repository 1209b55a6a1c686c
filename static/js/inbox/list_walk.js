// @ts-check
// Going through the list by keys: the list keeps the focus while what opens beside it changes, and when a
// conversation has left the list its neighbour is the next one, never the top.
import { afterClose } from '../core/after_close.js'
import { effect, flush } from '../core/signal.js'
import { go, place } from './url_state.js'

/** One pane at a time has the screen below this width. */
const ONE_PANE = 768

/**
 * @param {import('./session.js').Session} session
 * @param {() => number[]} shown what the list shows, in its order
 * @param {HTMLElement} list
 * @param {import('./selection.js').Selection} selection
 */
export function listWalk(session, shown, list, selection) {
  return new Walk(session, shown, list, selection)
}

class Walk {
  /** Whether the keys go through the list: then the focus stays in it. */
  isWalking = false
  /** Where the open conversation stood: when it has left the list, its neighbours are still known. */
  #stood = -1
  #session
  #shown
  #list
  #selection

  /** @param {import('./session.js').Session} session @param {() => number[]} shown @param {HTMLElement} list @param {import('./selection.js').Selection} selection */
  constructor(session, shown, list, selection) {
    this.#session = session
    this.#shown = shown
    this.#list = list
    this.#selection = selection
    /** @type {number | null} */
    let last = null
    effect(() => {
      const { c } = place()
      const at = shown().indexOf(c ?? -1)
      if (at < 0 && (c == null || c === last)) return
      this.#stood = at
      last = c
    })
    session.leaves = (id, isDone) => this.#leaves(id, isDone)
    session.stepOut = () => this.#stepOut()
    list.addEventListener('keydown', event => this.#roam(event))
  }

  /** @param {number} by */
  step(by) {
    if (this.#selection.chosen.peek()) return this.#move(by)
    const ids = this.#ids()
    const id = ids[Math.max(0, Math.min(ids.length - 1, this.#next(ids, by)))]
    if (id == null || id === place.peek().c) return
    const isTyping = document.activeElement?.matches('input, textarea')
    this.#session.pass(id)
    this.#open(id, !isTyping)
    if (isTyping) this.#rowOf(id)?.scrollIntoView({ block: 'nearest' })
  }

  /**
   * The row of the open conversation has the focus, or the one that took its place; says whether there is
   * one.
   */
  focusRow() {
    const ids = this.#ids()
    const row =
      this.#rowOf(place.peek().c) ?? this.#rowOf(ids[Math.max(0, Math.min(this.#stood, ids.length - 1))])
    row?.focus()
    return !!row
  }

  /** The conversation whose row has the focus, else the open one, else the first. @returns {number | null} */
  current() {
    const focused = document.activeElement?.closest('[data-conversation]')
    if (focused instanceof HTMLElement && this.#list.contains(focused))
      return Number(focused.dataset.conversation)
    const ids = this.#ids()
    const open = place.peek().c
    return open != null && ids.includes(open) ? open : (ids[0] ?? null)
  }

  /** @param {number | null} id */
  focus(id) {
    this.#rowOf(id)?.focus()
  }

  /** What is shown now, with what has just been done. */
  #ids() {
    flush()
    return this.#shown()
  }

  /** @param {number[]} ids @param {number} by */
  #next(ids, by) {
    const open = place.peek().c
    const at = ids.indexOf(open ?? -1)
    if (at >= 0) return at + by
    // Nothing is open: one begins at the row that has the focus, or where one stood.
    const focused = open == null ? ids.indexOf(this.#focused() ?? -1) : -1
    if (focused >= 0) return focused + (this.#stood === focused ? by : 0)
    if (this.#stood < 0) return 0
    return by > 0 ? this.#stood : this.#stood - 1
  }

  #focused() {
    const row = document.activeElement
    return row instanceof HTMLElement && this.#list.contains(row) ? Number(row.dataset.conversation) : null
  }

  /** While one chooses, the keys move through the rows and open none. @param {number} by */
  #move(by) {
    const ids = this.#ids()
    const at = ids.indexOf(this.current() ?? -1)
    this.focus(ids[Math.max(0, Math.min(ids.length - 1, at + by))] ?? null)
  }

  /** Opens one and leaves the focus in the list. @param {number | null} id @param {boolean} isWalking */
  #open(id, isWalking) {
    this.isWalking = isWalking
    go({ c: id })
    if (isWalking) this.focusRow()
    queueMicrotask(() => queueMicrotask(() => (this.isWalking = false)))
  }

  /**
   * What one has done with it takes it out of the list: then the next one opens, where one likes. One that
   * had left the list before, as by the answer it waited for, is left when one is done with it.
   * @param {number} id @param {boolean} isDone
   */
  #leaves(id, isDone) {
    const ids = this.#shown()
    const at = ids.indexOf(id)
    const stood = at < 0 && isDone ? this.#stood : -1
    const way = afterClose.value
    return () => {
      const isStill = this.#ids().includes(id)
      const isNowhere = at < 0 && stood < 0
      if (isNowhere || isStill || way === 'stay' || place.peek().c !== id) return
      const [after, before] = at >= 0 ? [ids[at + 1], ids[at - 1]] : [ids[stood], ids[stood - 1]]
      const next = (way === 'next' ? (after ?? before) : (before ?? after)) ?? null
      const isWide = innerWidth > ONE_PANE
      if (isWide && next != null) this.#session.pass(next)
      this.#open(isWide ? next : null, isWide)
    }
  }

  /** Back to the row, with nothing open. */
  #stepOut() {
    const id = place.peek().c
    this.#open(null, false)
    this.focus(id)
  }

  /** @param {KeyboardEvent} event */
  #roam(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.step(by)
  }

  /** @param {number | null | undefined} id @returns {HTMLElement | null} */
  #rowOf(id) {
    return this.#list.querySelector(`[data-conversation="${id}"]`)
  }
}
