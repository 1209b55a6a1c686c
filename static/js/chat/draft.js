// @ts-check
// What was written and not sent stays with its conversation, through switches, reloads and crashes.
import { onCleanup, signal } from '../core/signal.js'

/** Ids of the conversations with a draft, for the list. */
export const drafted = signal(/** @type {Set<string>} */ (new Set()))
let prefix = 'rapport.draft.'

/** Drafts belong to one person: another one at the same computer does not see them. @param {string} owner */
export function useDrafts(owner) {
  prefix = `rapport.draft.${owner}.`
  const found = new Set(/** @type {string[]} */ ([]))
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith(prefix)) found.add(key.slice(prefix.length))
  } catch {
    /* nothing is kept here */
  }
  drafted.set(found)
}

/**
 * Who shows a draft, to be told of what another tab writes into it.
 * @type {Set<(key: string, words: string) => void>}
 */
const shown = new Set()
if (typeof window !== 'undefined')
  addEventListener('storage', event => {
    if (!event.key?.startsWith(prefix)) return
    mark(event.key.slice(prefix.length), !!event.newValue)
    for (const each of shown) each(event.key, event.newValue ?? '')
  })

/**
 * Two tabs show one draft: what the other writes comes here, so that neither overwrites what it has not seen.
 * @param {() => string | number} id
 * @param {(words: string) => void} show
 */
export function onDraft(id, show) {
  const each = (/** @type {string} */ key, /** @type {string} */ words) => {
    if (key === prefix + id()) show(words)
  }
  shown.add(each)
  onCleanup(() => shown.delete(each))
}

/** @param {string | number} id */
export function draftOf(id) {
  try {
    return localStorage.getItem(prefix + id) ?? ''
  } catch {
    return ''
  }
}

/** @param {string | number} id @param {string} text */
export function keepDraft(id, text) {
  const there = !!text.trim()
  try {
    there ? localStorage.setItem(prefix + id, text) : localStorage.removeItem(prefix + id)
  } catch {
    /* it lives as long as the page */
  }
  mark(id, there)
}

/** @param {string | number} id @param {boolean} there */
function mark(id, there) {
  const known = drafted.peek()
  if (known.has(String(id)) === there) return
  const next = new Set(known)
  there ? next.add(String(id)) : next.delete(String(id))
  drafted.set(next)
}
