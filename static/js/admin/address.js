// @ts-check
// Where one is in the dashboard, as the address says it after `#`: a page, a part of it, and how its lists
// are narrowed and sorted: `#deliveries/failed?channel=3&page=2`. Back, reload and a copied link lead there
// again.
import { step } from '../core/history_steps.js'
import { computed, onCleanup, signal } from '../core/signal.js'

/** @typedef {{page: string, part: string, filters: Record<string, string>}} Place */

/** @param {string} hash @returns {Place} */
export function placeOf(hash) {
  const [path, query = ''] = hash.replace(/^#/, '').split('?')
  const [page, ...rest] = path.split('/').map(readable)
  return { page, part: rest.join('/'), filters: Object.fromEntries(new URLSearchParams(query)) }
}

/** An address that somebody cut in the middle of a letter is shown as it is. @param {string} text */
function readable(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** @param {Place} place what is empty is left out */
export function hashOf({ page, part, filters }) {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value))
  const path = [page, ...part.split('/').filter(Boolean)].map(encodeURIComponent).join('/')
  return `#${path}${query.size ? `?${query}` : ''}`
}

export const here = signal(placeOf(typeof location === 'undefined' ? '' : location.hash))

const read = () => {
  const now = placeOf(location.hash)
  if (hashOf(now) !== hashOf(here.peek())) here.set(now)
}
if (typeof window !== 'undefined') {
  addEventListener('hashchange', read)
  addEventListener('popstate', read)
}

/** The part of the page that the address names. */
export const part = () => here().part
/** @param {string} name */
export const filter = name => here().filters[name] ?? ''

/**
 * These filters as one value, so that nothing is asked for anew while others change.
 * @param {string[]} names
 */
export function filters(names) {
  const text = computed(() => JSON.stringify(names.map(filter)))
  return () => /** @type {string[]} */ (JSON.parse(text()))
}

/** Another part of the same page: a step back leads to what was. @param {string} name */
export function toPart(name) {
  const now = here.peek()
  move({ ...now, part: name, filters: { ...now.filters, page: '' } }, false)
}

/**
 * Narrows or sorts: no step back leads to each letter that was typed.
 * @param {Record<string, string>} change
 */
export function setFilters(change) {
  const now = here.peek()
  move({ ...now, filters: { ...now.filters, ...change } }, true)
}

/** @param {Place} place @param {boolean} replace */
function move(place, replace) {
  if (hashOf(place) === hashOf(here.peek())) return
  step(hashOf(place), replace)
  here.set(placeOf(location.hash))
}

/**
 * The dialog that is being made has this address; once it has closed, its page has its own again. The dialog
 * is a step of the history itself: only its words change.
 * @param {string} name
 */
export function inAddress(name) {
  queueMicrotask(() => {
    history.replaceState(history.state, '', hashOf({ ...here.peek(), part: name }))
    read()
  })
  onCleanup(() =>
    queueMicrotask(() => {
      if (here.peek().part === name && !document.querySelector('dialog[open]'))
        move({ ...here.peek(), part: '' }, true)
    }),
  )
}
