// @ts-check
// What lies in an address as the server takes it: the days of a search, the filter of a saved view. Pure, and fetched when
// one of them is asked for.
import { query } from './url_state.js'

/** @typedef {import('./url_state.js').Place} Place */

/** The days of a search as the server counts them: from the first midnight of this person's clock to the one after the last day. @param {{from: string, to: string}} days */
export function between({ from, to }) {
  const midnight = (/** @type {string} */ day, /** @type {number} */ more) => {
    const at = new Date(`${day}T00:00`)
    at.setDate(at.getDate() + more)
    return Number.isNaN(+at) ? null : at.toISOString()
  }
  return { from: from && midnight(from, 0), to: to && midnight(to, 1) }
}

/** What a saved view keeps: the fields of the list's query, me as `me`. @param {Place} place */
export const filterOf = place =>
  Object.fromEntries(
    Object.entries({
      ...query(place, 0),
      assignee: place.view === 'mine' ? 'me' : place.view === 'unassigned' ? 'none' : null,
      q: place.q,
    }).filter(([, value]) => value != null && value !== ''),
  )

/** Where a saved view leads. @param {Record<string, any>} filter @returns {Partial<Place>} */
export const placeOf = ({ status, assignee, kind, channel_id, label_id, priority, mentioned, q }) => ({
  view: kind === 'direct' ? 'direct' : assignee === 'none' ? 'unassigned' : assignee != null ? 'mine' : 'all',
  status: status ?? 'any',
  channel: channel_id ? String(channel_id) : '',
  label: label_id ? String(label_id) : '',
  priority: priority ?? '',
  mentioned: !!mentioned,
  q: q ?? '',
})
