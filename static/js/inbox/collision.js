// @ts-check
// Two who answer at once: whoever writes while a colleague answers is asked once to read that first. Nothing is held back:
// Enter again sends.
import { effect, signal } from '../core/signal.js'
import { named, t } from '../core/words.js'

/** @typedef {import('../core/types.js').Message} Message */

/**
 * The newest answer of somebody else that the customer gets, behind a place in the thread.
 * @param {(Message | undefined)[]} messages by their order
 * @param {number} seq what the writer had seen @param {number} me
 */
export const answeredSince = (messages, seq, me) =>
  messages.findLast(
    each =>
      each?.seq != null &&
      each.seq > seq &&
      ['support', 'ai'].includes(each.sender_type) &&
      each.sender?.id !== me &&
      !each.is_private &&
      !each.deleted_at,
  ) ?? null

/**
 * @param {import('./session.js').Session} session @param {number} id
 * @param {() => void} showNewest
 */
export function collision({ store, me }, id, showNewest) {
  const thread = store.thread(id)
  const messages = () => thread.keys.peek().map(key => store.peek(key))
  /** What the writer had seen when they began. */
  let seen = thread.high
  const words = signal('')
  return {
    words: () => words(),
    /** Takes note of where somebody begins to write. @param {import('../chat/composer_box.js').Box} box */
    watch(box) {
      let wrote = !!box.text.peek()
      effect(() => {
        const writes = !!box.text()
        if (writes && !wrote) seen = thread.high
        if (!writes) words.set('')
        wrote = writes
      })
    },
    /** Whether it may go; asks once for each answer that came meanwhile. @param {import('../chat/composer_box.js').Box} box */
    mayGo(box) {
      if (box.note?.peek()) return true
      const answer = answeredSince(messages(), seen, me.id)
      if (!answer) return true
      seen = answer.seq ?? seen
      words.set(t('collision.read_first', { name: answer.sender?.name || named('origin', answer.origin) }))
      showNewest()
      return false
    },
  }
}
