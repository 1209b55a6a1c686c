// @ts-check
// The way from the dashboard to a conversation of the inbox, whatever its state.

/** @param {number} id @param {number | null} [message] opens there */
export const conversationPath = (id, message = null) =>
  `/?view=all&status=any&c=${id}${message ? `&m=${message}` : ''}`
