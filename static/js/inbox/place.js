// @ts-check
// Where one is in the inbox lies in the address: back, reload and a copied link all lead there again.
import { signal } from '../core/signal.js'
import { step } from '../core/history_steps.js'

/** from, to, who: the first and the last day and the customer a search is narrowed to; at: the place in the conversation it led to. @typedef {{view: string, status: string, channel: string, label: string, priority: string, mentioned: boolean, q: string, from: string, to: string, who: number | null, c: number | null, at: number | null}} Place */
export const VIEWS = ['all', 'mine', 'unassigned', 'direct']
export const PRIORITIES = ['', 'urgent', 'high', 'medium', 'low']
export const STATUSES = ['open', 'pending', 'snoozed', 'closed', 'any', 'spam']

/** @param {string} search @returns {Place} */
export function read(search) {
  const asked = new URLSearchParams(search)
  const oneOf = (/** @type {string} */ name, /** @type {string[]} */ list) =>
    list.includes(asked.get(name) ?? '') ? /** @type {string} */ (asked.get(name)) : list[0]
  const day = (/** @type {string} */ name) =>
    /^\d{4}-\d\d-\d\d$/.test(asked.get(name) ?? '') ? /** @type {string} */ (asked.get(name)) : ''
  return {
    view: oneOf('view', VIEWS),
    status: oneOf('status', STATUSES),
    channel: asked.get('channel') ?? '',
    label: asked.get('label') ?? '',
    priority: oneOf('priority', PRIORITIES),
    mentioned: asked.get('mentioned') === 'true',
    q: asked.get('q') ?? '',
    from: day('from'),
    to: day('to'),
    who: Number(asked.get('who')) || null,
    c: Number(asked.get('c')) || null,
    at: Number(asked.get('at')) || null,
  }
}

/** @param {Place} place */
export function write(place) {
  const out = new URLSearchParams()
  if (place.view !== VIEWS[0]) out.set('view', place.view)
  if (place.status !== STATUSES[0]) out.set('status', place.status)
  if (place.channel) out.set('channel', place.channel)
  if (place.label) out.set('label', place.label)
  if (place.priority) out.set('priority', place.priority)
  if (place.mentioned) out.set('mentioned', 'true')
  if (place.q) out.set('q', place.q)
  if (place.from) out.set('from', place.from)
  if (place.to) out.set('to', place.to)
  if (place.who) out.set('who', String(place.who))
  if (place.c) out.set('c', String(place.c))
  if (place.c && place.at) out.set('at', String(place.at))
  return out.size ? `?${out}` : ''
}

/** @type {import('../core/signal.js').Signal<Place>} */
export const place = signal(read(typeof location === 'undefined' ? '' : location.search))

/** @param {Partial<Place>} change @param {{replace?: boolean}} [how] replace: no step back leads to what was */
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

/** Whether less is shown than all that is open, by more than the view. @param {Place} place */
export const isNarrow = ({ status, channel, label, priority, mentioned, q }) =>
  status !== 'open' || !!(channel || label || priority || mentioned || q)

/** What leaves the search. */
export const NO_SEARCH = { q: '', from: '', to: '', who: null }

/** Whether a search is narrowed beside its words: then it is one of messages. @param {Place} place */
export const isNarrowed = ({ from, to, who }) => !!(from || to || who)

/** Whether one searches. @param {Place} place */
export const isSearch = place => !!place.q || isNarrowed(place)

/** Whether a status narrows what is shown: what calls one counts whatever its status, and colleagues' conversations have none that anybody sets. @param {Place} place */
export const hasStatus = ({ view, mentioned }) => view !== 'direct' && !mentioned

/** What to ask the server for. @param {Place} place @param {number} me */
export function query(place, me) {
  const { view, status, channel, label, priority, mentioned, q } = place
  return {
    status: hasStatus(place) && status !== 'any' ? status : null,
    assignee: view === 'mine' ? me : view === 'unassigned' ? 'none' : null,
    kind: view === 'direct' ? 'direct' : null,
    channel_id: channel,
    label_id: label,
    priority,
    mentioned: mentioned || null,
    q,
  }
}

/** Whether a conversation belongs to a view; the search is the server's. @param {import('../core/types.js').Conversation} it @param {Place} place @param {number} me */
export function fits(it, place, me) {
  const { view, status, channel, label, priority, mentioned } = place
  const direct = it.kind === 'direct'
  if ((view === 'direct') !== direct && (view === 'direct' || view !== 'all')) return false
  if (channel && String(it.channel_id) !== channel) return false
  if (label && !it.labels?.some(each => String(each.id) === label)) return false
  if (priority && it.priority !== priority) return false
  if (view === 'mine' && it.assignee_id !== me) return false
  if (view === 'unassigned' && it.assignee_id != null) return false
  if (mentioned && !it.is_mentioned) return false
  if (it.status === 'spam') return status === 'spam' && hasStatus(place)
  return !hasStatus(place) || status === 'any' || it.status === status
}
