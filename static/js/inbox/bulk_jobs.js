// @ts-check
// One thing done with everything that matches a filter: the server does it, this asks how far it has got.
import { get, post, remove } from '../core/api.js'
import { signal } from '../core/signal.js'

/** How often one asks. */
const PACE = 700

/**
 * @typedef {{total: number, done: number, failed: number, state: 'running' | 'finished' | 'stopped'}} Progress
 */

/**
 * @param {Record<string, unknown>} filter as the list asks for it
 * @param {number} expected how many the person was told
 * @param {Record<string, unknown>} sent what is done with each
 */
export async function startJob(filter, expected, sent) {
  const { job_id, total } = await post('/conversations/bulk', { filter, expected, ...sent })
  return new Job(String(job_id), total)
}

export class Job {
  /** @type {import('../core/signal.js').Signal<Progress>} */
  progress
  #id

  /** @param {string} id @param {number} total */
  constructor(id, total) {
    this.#id = id
    this.progress = signal(/** @type {Progress} */ ({ total, done: 0, failed: 0, state: 'running' }))
  }

  /** Follows it to its end; a line that is away for a moment is asked again. @returns {Promise<Progress>} */
  async finished() {
    while (this.progress.peek().state === 'running') {
      await new Promise(done => setTimeout(done, PACE))
      try {
        this.progress.set(await get(`/bulk-jobs/${this.#id}`))
      } catch (/** @type {any} */ problem) {
        if (problem.status && problem.status < 500) throw problem
      }
    }
    return this.progress.peek()
  }

  /** What is done stays done. */
  async stop() {
    await remove(`/bulk-jobs/${this.#id}`)
    this.progress.set(await get(`/bulk-jobs/${this.#id}`))
  }
}
