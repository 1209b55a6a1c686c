// @ts-check
// What was told to nobody here, while the line was away or not there yet: a conversation of the list that a
// fresh list does not hold any more stands elsewhere now, or nowhere. It is looked at by itself.
import { get, statusOf } from '../core/api.js'
import { comesBefore } from './list_filter.js'

/**
 * @param {import('./session.js').Session} session
 * @param {number[]} shown what the list shows
 * @param {{items: import('../core/types.js').Conversation[], next_cursor: string | null}} answer the list's
 *   first page
 * @param {number} asked the store's moment before it was asked for
 * @param {string} sort the order of both
 */
export async function lookAtMissed(session, shown, answer, asked, sort) {
  const { store } = session
  const listed = new Set(answer.items.map(it => it.id))
  const last = answer.items.at(-1)
  const isMissed = (/** @type {number} */ id) => {
    const it = store.peekConversation(id)
    return it && !listed.has(id) && (!answer.next_cursor || !last || comesBefore(sort)(it, last) < 0)
  }
  for (const id of shown.filter(isMissed)) {
    try {
      store.applyConversations([await get(`/conversations/${id}`)], { asked })
    } catch (problem) {
      if ([403, 404].includes(statusOf(problem) ?? 0)) session.erased([id])
      else return // The line is away again: the next list finds it.
    }
  }
}
