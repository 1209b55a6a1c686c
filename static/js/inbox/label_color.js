// @ts-check
// The colour a label is shown in, in the list and beside the conversation.

/** A label's own colour where it is one, else a calm one. @param {string | null | undefined} color */
export const colorOf = color =>
  /^#[0-9a-f]{3,8}$/i.test(color ?? '') ? /** @type {string} */ (color) : 'oklch(60% .1 262)'
