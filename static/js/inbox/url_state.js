// @ts-check
// Where one is in the inbox lies in the address: back, reload and a copied link all lead there again.
import { signal } from '../core/signal.js'
import { step } from '../core/history_steps.js'
import { CHOICES, SORTS, SWITCHES, VIEWS } from './list_filter.js'

/**
 * Filters that take several values hold them with commas between. from, to, who: the first and the last day
 * and the customer a search is narrowed to; at: the place in the conversation it led to.
 * @typedef {object} Place
 * @property {string} view
 * @property {string} status
 * @property {string} assignee
 * @property {string} team
 * @property {string} channel
 * @property {string} label
 * @property {string} priority
 * @property {boolean} mentioned
 * @property {boolean} unread
 * @property {boolean} waiting
 * @property {boolean} following
 * @property {string} sort empty: as the view has it
 * @property {string} q
 * @property {string} from
 * @property {string} to
 * @property {number | null} who
 * @property {number | null} c
 * @property {number | null} at
 */

/** @param {string} search @returns {Place} */
export function read(search) {
  const asked = new URLSearchParams(search)
  const text = (/** @type {string} */ name) => asked.get(name) ?? ''
  const oneOf = (/** @type {string} */ name, /** @type {string[]} */ list, usual = list[0]) =>
    list.includes(text(name)) ? text(name) : usual
  const day = (/** @type {string} */ name) => (/^\d{4}-\d\d-\d\d$/.test(text(name)) ? text(name) : '')
  const chosen = CHOICES.map(({ name, usual, values }) => {
    const given = text(name)
      .split(',')
      .filter(each => each && (!values || values.includes(each)))
    return [name, given.join(',') || usual]
  })
  return /** @type {Place} */ ({
    view: oneOf('view', VIEWS),
    ...Object.fromEntries(chosen),
    ...Object.fromEntries(SWITCHES.map(({ name }) => [name, text(name) === 'true'])),
    sort: oneOf('sort', SORTS, ''),
    q: text('q'),
    from: day('from'),
    to: day('to'),
    who: Number(text('who')) || null,
    c: Number(text('c')) || null,
    at: Number(text('at')) || null,
  })
}

/** @param {Place} place */
export function write(place) {
  const out = new URLSearchParams()
  if (place.view !== VIEWS[0]) out.set('view', place.view)
  for (const { name, usual } of CHOICES) if (place[name] !== usual) out.set(name, place[name])
  for (const { name } of SWITCHES) if (place[name]) out.set(name, 'true')
  for (const name of /** @type {const} */ (['sort', 'q', 'from', 'to', 'who', 'c']))
    if (place[name]) out.set(name, String(place[name]))
  if (place.c && place.at) out.set('at', String(place.at))
  return out.size ? `?${String(out).replaceAll('%2C', ',')}` : ''
}

/** @type {import('../core/signal.js').Signal<Place>} */
export const place = signal(read(typeof location === 'undefined' ? '' : location.search))

/**
 * @param {Partial<Place>} change
 * @param {{replace?: boolean}} [how] replace: no step back leads to what was
 */
export function go(change, { replace = false } = {}) {
  const next = { ...place.peek(), at: null, ...change }
  const address = location.pathname + write(next)
  if (address === location.pathname + location.search) return
  step(address, replace)
  place.set(next)
}

if (typeof window !== 'undefined')
  addEventListener('popstate', () => {
    const next = read(location.search)
    if (write(next) !== write(place.peek())) place.set(next)
  })

/** What leaves the search. */
export const NO_SEARCH = { q: '', from: '', to: '', who: null }

/** What leaves every filter, and keeps the view. @type {Partial<Place>} */
export const NO_FILTER = {
  ...NO_SEARCH,
  ...Object.fromEntries(CHOICES.map(({ name, usual }) => [name, usual])),
  ...Object.fromEntries(SWITCHES.map(({ name }) => [name, false])),
  sort: '',
}

/** Whether a search is narrowed beside its words: then it is one of messages. @param {Place} place */
export const isNarrowed = ({ from, to, who }) => !!(from || to || who)

/** Whether one searches. @param {Place} place */
export const isSearch = place => !!place.q || isNarrowed(place)
