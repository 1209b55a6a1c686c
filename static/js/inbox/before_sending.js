// @ts-check
// What is asked before an answer goes: whether a colleague's newer one was read, and whether a place was left
// unfilled. Its code comes with the first letter.
import { onCleanup, owned, signal } from '../core/signal.js'

/** @typedef {import('../chat/composer_box.js').Box} Box */
/** @typedef {ReturnType<typeof import('./sending_checks.js').sendingChecks>} Checks */

/** @param {import('./session.js').Session} session @param {number} id @param {() => void} showNewest */
export function beforeSending(session, id, showNewest) {
  const words = signal('')
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
  const fetched = box =>
    (coming ??= import('./sending_checks.js').then(
      each => {
        if (gone) return null
        ;[checks, stop] = owned(() => each.sendingChecks(session, id, box, words, showNewest))
        return checks
      },
      () => null, // without them it goes as it is
    ))
  return {
    words: () => words(),
    /** @param {Box} box */
    watch(box) {
      if (box.text.peek()) fetched(box)
      else box.area.addEventListener('input', () => fetched(box), { once: true })
    },
    /** @param {Box} box @returns {true | Promise<boolean>} */
    mayGo(box) {
      if (checks) return checks.mayGo()
      const loading = fetched(box)
      // Whoever is that quick has read what is there: only for a place that may be unfilled the box waits.
      return !box.area.value.includes('{') || loading.then(come => come?.mayGo() ?? true)
    },
  }
}
