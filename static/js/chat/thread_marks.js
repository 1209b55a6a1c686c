// @ts-check
// What of a thread was seen: read is what stood in view while somebody looked, with the page visible and its
// window in front. From it come the line above what is new, and how much is new further down.
import { computed, onCleanup, signal } from '../core/signal.js'

/** @typedef {import('../core/types.js').Message} Message */

/** After a change one looks for a moment before it counts as read. */
const LOOKED = 200

/**
 * @param {object} of
 * @param {import('../core/store.js').Store} of.store @param {number} of.id
 * @param {(message: Message) => boolean} of.ours
 * @param {HTMLElement} of.scroller @param {HTMLElement} of.list
 * @param {() => boolean} of.isPinned whether the newest stands in view
 * @param {(seq: number) => void} of.read the person has seen everything up to here
 */
export function threadMarks({ store, id, ours, scroller, list, isPinned, read }) {
  const thread = store.thread(id)
  const seen = signal(0) // the seq that was at the end when it was last in view
  const unreadKey = signal(/** @type {string | null} */ (null))

  function lastVisible() {
    const bottom = scroller.getBoundingClientRect().bottom
    const rows = /** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)
    for (let i = rows.length - 1; i >= 0; i--) {
      const key = rows[i].dataset.key
      const seq = key ? store.peek(key)?.seq : null
      if (seq && (isPinned() || rows[i].getBoundingClientRect().bottom <= bottom + 8)) return seq
    }
    return 0
  }
  const sawEnd = () => seen.set(Math.max(seen.peek(), lastVisible()))

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let marking
  let left = false
  function mark() {
    if (left) return
    marking ??= setTimeout(() => {
      marking = undefined
      const seq = lastVisible()
      if (isPinned()) seen.set(Math.max(seen.peek(), seq))
      if (seq && !document.hidden && document.hasFocus()) read(seq)
    }, LOOKED)
  }
  addEventListener('focus', mark)
  document.addEventListener('visibilitychange', mark)
  onCleanup(() => {
    left = true
    clearTimeout(marking)
    removeEventListener('focus', mark)
    document.removeEventListener('visibilitychange', mark)
  })
  const isNew = (/** @type {Message} */ message) => (message.seq ?? 0) > seen()
  const missed = computed(() => missedIn(store, thread, ours, isNew))
  return { mark, sawEnd, missed, unreadKey }
}

/**
 * How many messages of the others came further down.
 * @param {import('../core/store.js').Store} store @param {import('../core/store.js').Thread} thread
 * @param {(message: Message) => boolean} ours @param {(message: Message) => boolean} isNew
 */
function missedIn(store, thread, ours, isNew) {
  const keys = thread.keys()
  let count = 0
  if (!thread.atEnd()) count = [...thread.ahead.values()].filter(each => !ours(each) && isNew(each)).length
  for (let i = keys.length - 1; i >= 0; i--) {
    const message = store.peek(keys[i])
    if (!message || (message.seq != null && !isNew(message))) break
    if (message.seq != null && !ours(message)) count++
  }
  return count
}

/**
 * The line stays while somebody reads: it is drawn once, above the oldest of what was new on opening.
 * @param {import('../core/store.js').Store} store @param {string[]} keys
 * @param {number} unread how many messages of the others are new
 * @param {(message: Message) => boolean} ours
 */
export function firstUnread(store, keys, unread, ours) {
  let left = unread
  for (let i = keys.length - 1; i >= 0 && left > 0; i--) {
    const message = store.peek(keys[i])
    if (ours(message) || message.message_type === 'system') continue
    if (--left === 0 || i === 0) return keys[i]
  }
  return null
}
