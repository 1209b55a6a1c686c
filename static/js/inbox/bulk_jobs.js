// @ts-check
// One thing done with everything that matches a filter: the server does it, this asks how far it has got, and
// offers the way back, which is a job of the server, too.
import { get, post, remove, statusOf } from '../core/api.js'
import { signal } from '../core/signal.js'
import { showError, toast } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'
import { BASE } from '../core/workspace.js'

/** How often one asks. */
const PACE = 700
/** Longer than any job: what says that it is under way is replaced by how it ended. */
const UNTIL_THEN = 3_600_000
/** Two numbers are more than a word. */
const TO_READ = 8_000
/** In this tab: a job that goes on while its page is loaded anew is followed to its end all the same. */
const KEPT = `rapport.bulk_job${BASE}`

/**
 * kept: in an undo, those that somebody changed since.
 * @typedef {{total: number, done: number, failed: number, kept: number, state: 'running' | 'finished' | 'stopped'}} Progress
 */
/** @typedef {import('./session.js').Session} Session */

/**
 * @param {Record<string, unknown>} filter as the list asks for it
 * @param {number} expected how many the person was told
 * @param {Record<string, unknown>} sent what is done with each
 */
export async function startJob(filter, expected, sent) {
  const { job_id, total } = await post('/conversations/bulk', { filter, expected, ...sent })
  keep(String(job_id))
  return new Job(String(job_id), total)
}

/** Follows a job that this tab began before its page was loaded anew. @param {Session} session */
export async function resumeJob(session) {
  const id = kept()
  if (!id) return
  const job = new Job(id, 0)
  try {
    await Promise.all([job.finished(), moreWords()])
    offerUndo(session, job, () => {})
  } catch {
    keep(null) // it is somebody else's, or forgotten
  }
}

/** @param {string | null} id */
function keep(id) {
  try {
    id ? sessionStorage.setItem(KEPT, id) : sessionStorage.removeItem(KEPT)
  } catch {
    /* it is not followed beyond this page */
  }
}

function kept() {
  try {
    return sessionStorage.getItem(KEPT)
  } catch {
    return null
  }
}

export class Job {
  /** @type {import('../core/signal.js').Signal<Progress>} */
  progress
  #id

  /** @param {string} id @param {number} total */
  constructor(id, total) {
    this.#id = id
    this.progress = signal(/** @type {Progress} */ ({ total, done: 0, failed: 0, kept: 0, state: 'running' }))
  }

  /** Follows it to its end; a line that is away for a moment is asked again. @returns {Promise<Progress>} */
  async finished() {
    while (this.progress.peek().state === 'running') {
      await new Promise(done => setTimeout(done, PACE))
      try {
        this.progress.set(await get(`/bulk-jobs/${this.#id}`))
      } catch (problem) {
        const status = statusOf(problem)
        if (status && status < 500) throw problem
      }
    }
    return this.progress.peek()
  }

  /** What is done stays done. */
  async stop() {
    await remove(`/bulk-jobs/${this.#id}`)
    this.progress.set(await get(`/bulk-jobs/${this.#id}`))
  }

  /** Gives each what it had before, but for what somebody changed since. */
  async undo() {
    const { job_id, total } = await post(`/bulk-jobs/${this.#id}/undo`)
    return new Job(String(job_id), total)
  }
}

/**
 * Says how a job ended, with the way back, which waits for Ctrl+Z, too.
 * @param {Session} session
 * @param {Job} job
 * @param {() => unknown} again once it is undone
 */
export function offerUndo(session, job, again) {
  keep(null)
  const { done, failed } = job.progress.peek()
  const run = async () => {
    session.undos = session.undos.filter(each => each !== run)
    try {
      await undo(job)
      again()
    } catch (problem) {
      showError(problem)
    }
  }
  const words = [done && t('bulk.done', { count: done }), failed && t('bulk.failed', { count: failed })]
  const tone = failed ? 'bad' : undefined
  if (done) session.undos = [...session.undos, run]
  const way = done ? { action: t('common.undo'), run } : {}
  toast(words.filter(Boolean).join(' ') || t('bulk.done', { count: 0 }), { tone, ...way })
}

/** @param {Job} job */
async function undo(job) {
  const way = await job.undo()
  toast(t('bulk.undoing', { count: way.progress.peek().total }), { lasts: UNTIL_THEN })
  const { done, kept, failed } = await way.finished()
  const words = [
    t('bulk.undone', { count: done }),
    kept && t('bulk.kept', { count: kept }),
    failed && t('bulk.failed', { count: failed }),
  ]
  toast(words.filter(Boolean).join(' '), { tone: failed ? 'bad' : undefined, lasts: TO_READ })
}
