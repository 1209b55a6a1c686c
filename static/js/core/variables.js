// @ts-check
// `{{customer.first_name}}` and `{{customer.first_name|there}}`: one language for canned replies and
// flows, whose server
// fills it in the same way (src/domain/flow/template.rs). The older spellings of canned replies go on
// working.

const PLACE = /\{\{\s*([\w.]+)\s*(?:\|([^{}]*))?\}\}/g
/** And what only canned replies know, as they were written before: `{first_name}`, `{agent}`. */
const ANY =
  /\{\{\s*([\w.]+)\s*(?:\|([^{}]*))?\}\}|\{\s*(name|first_name|customer\.name|customer\.first_name|agent|agent\.name)\s*\}/g

/** What can be put into the words of a canned reply, and of a flow. */
export const OF_REPLIES = [
  'customer.first_name',
  'customer.name',
  'customer.username',
  'channel.name',
  'agent.first_name',
  'agent.name',
]
export const OF_FLOWS = OF_REPLIES.filter(each => !each.startsWith('agent.'))

/**
 * @param {import('./types.js').Conversation | undefined} it
 * @param {{full_name: string}} me
 * @returns {Record<string, string>}
 */
export function valuesOf(it, me) {
  const first = (/** @type {string} */ name) => name.trim().split(/\s+/)[0]
  // Who has no name of their own has none here: what stands in its place on the screen is no name to greet
  // with.
  const name = it?.customer?.name ?? ''
  return {
    'customer.name': name,
    'customer.first_name': first(name),
    'customer.username': it?.customer?.username ?? '',
    'channel.name': it?.channel_name ?? '',
    'agent.name': me.full_name,
    'agent.first_name': first(me.full_name),
    name,
    first_name: first(name),
    agent: me.full_name,
  }
}

/**
 * A text with its places filled; one that nobody knows and that has no default stays, to be seen.
 * @param {string} text
 * @param {Record<string, string>} values
 */
export const fill = (text, values) =>
  text.replace(ANY, (whole, name, fallback, old) => values[name ?? old]?.trim() || fallback?.trim() || whole)

/** The places that are still to be filled. @param {string} text @returns {string[]} */
export const unfilled = text => [...text.matchAll(PLACE)].map(each => each[0])

/**
 * The first name has a default, so that nobody is greeted with a hole.
 * @param {string} name
 * @param {string} there
 */
export const placeOf = (name, there) =>
  /first_name$/.test(name) && name.startsWith('customer') ? `{{${name}|${there}}}` : `{{${name}}}`
