// @ts-check
// What is asked before an answer goes: whether a colleague's newer one was read, and whether a place was left
// unfilled. Its code comes with the first letter.
import { onCleanup, owned, signal } from '../core/signal.js'

/** @typedef {import('../chat/composer_box.js').Box} Box */
/** @typedef {ReturnType<typeof import('./sending_checks.js').sendingChecks>} Checks */

/** @param {import('./session.js').Session} session @param {number} id @param {() => void} showNewest */
export function beforeSending(session, id, showNewest) {
  const words = signal('')
  const thread = session.store.thread(id)
  /** What the writer had seen when they began to write: known before the code for the checks is there. */
  let seen = thread.high
  /** @type {Checks | null} */
  let checks = null
  /** @type {Promise<Checks | null> | null} */
  let coming = null
  let gone = false,
    stop = () => {}
  onCleanup(() => {
    gone = true
    stop()
  })
  /** @param {Box} box */
  const make = (box, /** @type {typeof import('./sending_checks.js')} */ { sendingChecks }) => {
    if (gone) return null
    const made = () => sendingChecks(session, id, box, words, seen || thread.high, showNewest)
    ;[checks, stop] = owned(made)
    return checks
  }
  const without = () => null // then it goes as it is
  /** @param {Box} box */
  const fetched = box => (coming ??= import('./sending_checks.js').then(each => make(box, each), without))
  return {
    words: () => words(),
    /** @param {Box} box */
    watch(box) {
      const begin = () => {
        seen = thread.high
        fetched(box)
      }
      if (box.text.peek()) begin()
      else box.area.addEventListener('input', begin, { once: true })
    },
    /** @param {Box} box @returns {true | Promise<boolean>} */
    mayGo(box) {
      if (checks) return checks.mayGo()
      const loading = fetched(box)
      // Whoever is that quick has read what is there, unless something came since: else only for a place that
      // may be unfilled the box waits.
      const isSure = thread.high <= seen && !box.area.value.includes('{')
      return isSure || loading.then(come => come?.mayGo() ?? true)
    },
  }
}
