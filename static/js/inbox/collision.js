// @ts-check
// Whether somebody else answered while one was writing. Pure.

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
