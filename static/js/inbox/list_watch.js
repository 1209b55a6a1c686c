// @ts-check
// What of the list this page is told: what it shows and what calls its person, gathered by the server for a
// moment. Where too much changed to be told, the list is fetched once, after a wait that chance chooses.
import { effect, signal } from '../core/signal.js'
import { valuesOf } from './list_filter.js'
import { place } from './url_state.js'

/** Views, and assignees of a filter, that hold nothing but what calls a person in any case. */
const VIEWS = ['mine', 'unassigned', 'direct']
const ASSIGNEES = ['me', 'none']

/** Whether more is shown than one's own and nobody's. @param {import('./url_state.js').Place} place */
export function showsOthers({ view, assignee }) {
  const chosen = valuesOf(assignee)
  const isPersonal = chosen.length > 0 && chosen.every(each => ASSIGNEES.includes(each))
  return !VIEWS.includes(view) && !isPersonal
}

export class ListWatch {
  /** Called when the list is to be fetched again, and nothing else. @type {Set<() => void>} */
  stale = new Set()
  /** Whether everything is told; else other people's conversations change without a word. */
  isWhole = signal(true)
  #link
  #isLive = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {Pick<import('../core/socket.js').Link, 'on' | 'send'>} link */
  constructor(link, random = Math.random) {
    this.#link = link
    link.on('close', () => (this.#isLive = false))
    // What was hidden may have changed meanwhile.
    link.on('watching', frame => frame.ref === 'wider' && this.#fetch())
    link.on('list_stale', ({ within_ms }) => {
      this.#timer ??= setTimeout(() => this.#fetch(), random() * within_ms)
    })
    effect(() => {
      const isWhole = showsOthers(place())
      if (isWhole === this.isWhole.peek()) return
      this.isWhole.set(isWhole)
      if (this.#isLive) this.#watch(isWhole ? { ref: 'wider' } : {})
    })
  }

  /** After each welcome; `watching` comes with the ref `list` once no change is missed any more. */
  begin() {
    this.#isLive = true
    this.#rest()
    this.#watch({ ref: 'list' })
  }

  /** @param {{ref?: string}} more */
  #watch(more) {
    const scope = this.isWhole.peek() ? 'all' : 'mine_and_unassigned'
    this.#link.send({ type: 'watch', scope, batch: true, ...more })
  }

  #rest() {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #fetch() {
    this.#rest()
    for (const each of this.stale) each()
  }
}
