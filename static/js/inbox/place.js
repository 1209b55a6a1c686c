// @ts-check
// Where one is in the inbox lies in the address: back, reload and a copied link all lead there again.
import { signal } from '../core/signal.js'

/** @typedef {{view: string, status: string, channel: string, q: string, c: number | null}} Place */
export const VIEWS = ['all', 'mine', 'unassigned', 'direct']
export const STATUSES = ['open', 'pending', 'snoozed', 'closed', 'any']

/** @param {string} search @returns {Place} */
export function read(search) {
  const asked = new URLSearchParams(search)
  const oneOf = (/** @type {string} */ name, /** @type {string[]} */ list) => (list.includes(asked.get(name) ?? '') ? /** @type {string} */ (asked.get(name)) : list[0])
  return { view: oneOf('view', VIEWS), status: oneOf('status', STATUSES), channel: asked.get('channel') ?? '', q: asked.get('q') ?? '', c: Number(asked.get('c')) || null }
}

/** @param {Place} place */
export function write(place) {
  const out = new URLSearchParams()
  if (place.view !== VIEWS[0]) out.set('view', place.view)
  if (place.status !== STATUSES[0]) out.set('status', place.status)
  if (place.channel) out.set('channel', place.channel)
  if (place.q) out.set('q', place.q)
  if (place.c) out.set('c', String(place.c))
  return out.size ? `?${out}` : ''
}

/** @type {import('../core/signal.js').Signal<Place>} */
export const place = signal(read(typeof location === 'undefined' ? '' : location.search))

/** @param {Partial<Place>} change @param {{replace?: boolean}} [how] replace: no step back leads to what was */
export function go(change, { replace = false } = {}) {
  const next = { ...place.peek(), ...change }
  const address = location.pathname + write(next)
  if (address === location.pathname + location.search) return
  history[replace ? 'replaceState' : 'pushState'](null, '', address)
  place.set(next)
}

if (typeof window !== 'undefined') addEventListener('popstate', () => place.set(read(location.search)))

/** What to ask the server for. @param {Place} place @param {number} me */
export function query({ view, status, channel, q }, me) {
  return {
    status: status === 'any' ? null : status,
    assignee: view === 'mine' ? me : view === 'unassigned' ? 'none' : null,
    kind: view === 'direct' ? 'direct' : null,
    channel_id: channel, q,
  }
}

/** Whether a conversation belongs to a view; the search is the server's. @param {import('../core/types.js').Conversation} it @param {Place} place @param {number} me */
export function fits(it, { view, status, channel }, me) {
  const direct = it.kind === 'direct'
  if (view === 'direct' !== direct && (view === 'direct' || view !== 'all')) return false
  if (channel && String(it.channel_id) !== channel) return false
  if (view === 'mine' && it.assignee_id !== me) return false
  if (view === 'unassigned' && it.assignee_id != null) return false
  return direct || status === 'any' || it.status === status
}
