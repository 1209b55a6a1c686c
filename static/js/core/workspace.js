// @ts-check
// In which workspace this page stands: `/w/{slug}/` before its address, or nothing where there is only one.
// Whatever leads to our own server from a page goes through here: two tabs can stand in two workspaces.

/** @typedef {import('./types.js').WorkspaceEntry} WorkspaceEntry */

const LAST = 'rapport.workspace'
const path = typeof location === 'undefined' ? '' : location.pathname

/** What stands before every address of this page's workspace. */
export const BASE = /^\/w\/[a-z0-9-]+(?=\/|$)/.exec(path)?.[0] ?? ''

/** The page's own address without its workspace. */
export const ownPath = () => location.pathname.slice(BASE.length) || '/'

/** What there is in every workspace: the rest of the server has one address. */
const BELOW = /^\/(?:$|[?#]|ws$|(?:admin|docs)(?:$|[/?#])|api\/v1\/)/

/**
 * An address of our own server, in this page's workspace.
 * @template {unknown} T
 * @param {T} address
 * @returns {T}
 */
export const inWorkspace = address =>
  BASE && typeof address === 'string' && BELOW.test(address) ? /** @type {T} */ (BASE + address) : address

/** @param {string} slug @param {string} [below] a page of it */
export const pageOf = (slug, below = '/') => `/w/${slug}${below}`

/** Remembers where one worked last in this browser. @param {string | undefined} slug */
export function remember(slug) {
  try {
    if (slug) localStorage.setItem(LAST, slug)
  } catch {
    /* the first one is as good */
  }
}

function last() {
  try {
    return localStorage.getItem(LAST)
  } catch {
    return null
  }
}

/**
 * Where one is a member of several workspaces and the address names none: goes to the last one, with the rest
 * of the address.
 * @returns {Promise<never>}
 */
export async function leadIntoOne() {
  const answer = await fetch('/api/v1/workspaces', { credentials: 'same-origin' })
  const { items } = /** @type {{items: WorkspaceEntry[]}} */ (await answer.json())
  const own = items.filter(each => each.user_id && !each.archived)
  const found = own.find(each => each.slug === last()) ?? own[0]
  if (!found) throw new Error('no workspace')
  location.replace(pageOf(found.slug, ownPath() + location.search + location.hash))
  return new Promise(() => {})
}

/** Where one is no member, or not any more: back to where one is. @returns {Promise<never>} */
export function leadOut() {
  location.replace('/')
  return new Promise(() => {})
}
