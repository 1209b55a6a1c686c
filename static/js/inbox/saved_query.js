// @ts-check
// What lies in an address as the server takes it: the days of a search, the filter of a saved view. Pure.
import { CHOICES, query, SWITCHES } from './list_filter.js'

/** @typedef {import('./url_state.js').Place} Place */

/**
 * The days of a search as the server counts them: from the first midnight of this person's clock to the one
 * after the last day.
 * @param {{from: string, to: string}} days
 */
export function between({ from, to }) {
  const midnight = (/** @type {string} */ day, /** @type {number} */ more) => {
    const at = new Date(`${day}T00:00`)
    at.setDate(at.getDate() + more)
    return Number.isNaN(+at) ? null : at.toISOString()
  }
  return { from: from && midnight(from, 0), to: to && midnight(to, 1) }
}

/** What a saved view keeps: the fields of the list's query, me as `me`. @param {Place} place */
export const filterOf = place => query(place)

/**
 * The view a filter is, and what of it the view says already.
 * @param {Record<string, unknown>} filter
 * @returns {[string, string[]]}
 */
function viewOf({ kind, assignee, waiting, sort }) {
  if (kind === 'direct') return ['direct', []]
  if (assignee === 'none') return ['unassigned', ['assignee']]
  if (assignee === 'me') return ['mine', ['assignee']]
  if (waiting && sort === 'longest_waiting') return ['waiting', ['waiting', 'sort']]
  return ['all', []]
}

/** Where a saved view leads. @param {Record<string, unknown>} filter @returns {Partial<Place>} */
export function placeOf(filter) {
  const [view, said] = viewOf(filter)
  const text = (/** @type {string} */ name) => (said.includes(name) ? '' : String(filter[name] ?? ''))
  return {
    view,
    ...Object.fromEntries(CHOICES.map(({ name, param }) => [name, text(param)])),
    status: String(filter.status ?? 'any'),
    ...Object.fromEntries(SWITCHES.map(({ name }) => [name, !!filter[name] && !said.includes(name)])),
    sort: text('sort'),
    q: text('q'),
  }
}
