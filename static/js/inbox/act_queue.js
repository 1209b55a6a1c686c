// @ts-check
// What was done with conversations while the line was away: kept, sent once and in its order when it is back.
// A refusal is told. It lies in the browser's storage, so that a reload loses nothing; of several tabs one
// sends.
import { signal } from '../core/signal.js'

/**
 * @typedef {object} Act
 * @property {number} id of the conversation
 * @property {Record<string, unknown>} sent
 * @property {Record<string, unknown>} shown   how it looks meanwhile
 * @property {Record<string, unknown>} before  how it looked
 */
/**
 * @typedef {object} World
 * @property {() => Act[]} load
 * @property {(acts: Act[]) => void} keep
 * @property {(act: Act) => Promise<unknown>} send
 * @property {(act: Act, problem: unknown) => void} refused
 * @property {<T>(work: () => Promise<T>) => Promise<T>} alone runs it while no other tab does
 */

/** Whether time may heal it. @param {unknown} problem */
export const isPassing = problem => {
  const status = problem && typeof problem === 'object' && 'status' in problem ? Number(problem.status) : NaN
  return status === 0 || status === 429 || status >= 500
}

export class ActQueue {
  /** How many acts of each conversation wait. */
  waiting = signal(/** @type {Map<number, number>} */ (new Map()))
  #world

  /** @param {World} world */
  constructor(world) {
    this.#world = world
    this.#count()
  }

  get size() {
    return this.#world.load().length
  }

  /** @param {number} id */
  has(id) {
    return this.waiting.peek().has(id)
  }

  /** How a conversation looks with what still waits. @param {number} id @returns {Record<string, unknown>} */
  shown(id) {
    const acts = this.#world.load().filter(each => each.id === id)
    return Object.assign({}, ...acts.map(each => each.shown))
  }

  /** @param {Act} act */
  add(act) {
    this.#keep([...this.#world.load(), act])
  }

  /** The line is live: what waits goes out, until the line is away again. */
  resend() {
    return this.#world.alone(async () => {
      for (let [next] = this.#world.load(); next; [next] = this.#world.load()) {
        try {
          await this.#world.send(next)
        } catch (problem) {
          if (isPassing(problem)) return
          this.#drop()
          this.#world.refused(next, problem)
          continue
        }
        this.#drop()
      }
    })
  }

  // The first one has gone; others may have come meanwhile.
  #drop() {
    this.#keep(this.#world.load().slice(1))
  }

  /** @param {Act[]} acts */
  #keep(acts) {
    this.#world.keep(acts)
    this.#count()
  }

  #count() {
    /** @type {Map<number, number>} */
    const next = new Map()
    for (const { id } of this.#world.load()) next.set(id, (next.get(id) ?? 0) + 1)
    if (next.size || this.waiting.peek().size) this.waiting.set(next)
  }
}

/** Where a browser keeps them; where it keeps nothing they live as long as the page. @param {string} owner */
export function browserActs(owner) {
  const key = `rapport.acts.${owner}`
  /** @type {Act[]} */
  let here = []
  return {
    load: () => {
      try {
        return /** @type {Act[]} */ (JSON.parse(localStorage.getItem(key) ?? '[]'))
      } catch {
        return here
      }
    },
    keep: (/** @type {Act[]} */ acts) => {
      here = acts
      try {
        if (acts.length) localStorage.setItem(key, JSON.stringify(acts))
        else localStorage.removeItem(key)
      } catch {
        /* this page only */
      }
    },
    /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
    alone: work => (navigator.locks ? navigator.locks.request(key, work) : work()),
  }
}
