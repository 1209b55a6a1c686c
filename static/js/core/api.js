// @ts-check
// HTTP to our own server: answers as values, troubles as errors that carry words a person can read.
import { t } from './words.js'
import { BASE, inWorkspace, leadIntoOne, leadOut } from './workspace.js'

export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {Record<string, string>} [fields]
   */
  constructor(status, code, message, fields = {}) {
    super(message)
    this.status = status
    this.code = code
    this.fields = fields
  }
}

/**
 * The status of what was thrown; 0: the line is away; none: it is no answer at all.
 * @param {unknown} problem
 */
export const statusOf = problem => /** @type {{status?: number} | null} */ (problem)?.status

/** What was thrown, in words. @param {unknown} problem */
export const messageOf = problem => /** @type {{message?: string} | null} */ (problem)?.message ?? ''

/** What of it is about which field of a form. @param {unknown} problem @returns {Record<string, string>} */
export const faultsOf = problem =>
  /** @type {{fields?: Record<string, string>} | null} */ (problem)?.fields ?? {}

/** @typedef {{quiet?: boolean, signal?: AbortSignal}} CallOptions quiet: a 401 is the caller's business */

/**
 * What happens where the session has ended; a page that has one says what.
 * @type {{signedOut: () => void}}
 */
export const session = { signedOut: () => {} }

/**
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {unknown} [body] an object becomes JSON, a form is sent as it is
 * @param {CallOptions} [how]
 * @returns {Promise<any>} what the contract says of this address
 */
export async function call(method, path, body, { quiet = false, signal } = {}) {
  /** @type {RequestInit} */
  const request = { method, signal, headers: { accept: 'application/json' }, credentials: 'same-origin' }
  if (body instanceof FormData || body instanceof Blob) request.body = body
  else if (body !== undefined) {
    request.body = JSON.stringify(body)
    request.headers = { ...request.headers, 'content-type': 'application/json' }
  }
  let answer
  try {
    answer = await fetch(inWorkspace('/api/v1' + path), request)
  } catch (problem) {
    if (signal?.aborted) throw problem
    throw new Problem(0, 'offline', t('error.offline'))
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json().catch(() => null)
  if (answer.status === 401 && !quiet) session.signedOut()
  const problem = await problemOf(answer)
  if (problem.code === 'workspace_required') return leadIntoOne()
  if (BASE && answer.status === 404 && path === '/me') return leadOut()
  throw problem
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} [query] values that are null or empty are left out
 * @param {CallOptions} [how]
 */
export function get(path, query = {}, how) {
  const asked = new URLSearchParams()
  for (const key in query) if (query[key] != null && query[key] !== '') asked.set(key, String(query[key]))
  return call('GET', path + (asked.size ? `?${asked}` : ''), undefined, how)
}

/**
 * Everything a list holds, page after page to its end: what people choose from never ends at a first page.
 * @param {string} path
 * @param {Record<string, unknown>} [query]
 * @param {CallOptions} [how]
 * @returns {Promise<any[]>} as the contract says
 */
export async function all(path, query = {}, how) {
  const items = []
  /** @type {string | null} */
  let cursor = null
  do {
    const answer = await get(path, { limit: 100, ...query, cursor }, how)
    items.push(...answer.items)
    cursor = answer.next_cursor !== cursor ? (answer.next_cursor ?? null) : null
  } while (cursor)
  return items
}

/** @param {string} path @param {unknown} [body] @param {CallOptions} [how] */
export const post = (path, body = {}, how) => call('POST', path, body, how)
export const patch = (/** @type {string} */ path, /** @type {unknown} */ body) => call('PATCH', path, body)
export const put = (/** @type {string} */ path, /** @type {unknown} */ body) => call('PUT', path, body)
export const remove = (/** @type {string} */ path) => call('DELETE', path)

/**
 * Our own words where we have some for the code, the server's where it sent some, else the plain truth.
 * @param {Response} answer
 */
async function problemOf(answer) {
  const problem = await answer.json().catch(() => ({}))
  const code = problem.code ?? `http_${answer.status}`
  // Of what may not be sent the reason says more than the code.
  const known = [`gate.${problem.reason}`, `error.${code}`].find(each => t.has(each))
  const own = known ? t(known) : null
  const words =
    own ??
    problem.detail ??
    problem.title ??
    t(answer.status >= 500 ? 'error.server' : 'error.refused', { status: answer.status })
  return new Problem(answer.status, code, words, { ...fieldOf(code, words), ...fieldsOf(problem.errors) })
}

/**
 * A code such as `invalid_email`, `username_taken` or `shortcut_exists` names the field it is about.
 * @param {string} code
 * @param {string} words
 * @returns {Record<string, string>}
 */
function fieldOf(code, words) {
  const name =
    /^(?:invalid|bad|wrong)_(\w+)$/.exec(code)?.[1] ??
    /^(\w+?)_(?:taken|exists|missing|too_short|too_long)$/.exec(code)?.[1]
  return name ? { [name === 'password' && code.startsWith('wrong') ? 'current_password' : name]: words } : {}
}

/** @typedef {{field?: string, name?: string, message?: string, detail?: string}} Fault */
/**
 * `errors` as `{field: words}`, whichever of the usual shapes it came in.
 * @param {Fault[] | Record<string, string | string[]> | null | undefined} errors
 */
function fieldsOf(errors) {
  /** @type {Record<string, string>} */
  const fields = {}
  if (Array.isArray(errors))
    for (const each of errors) fields[each.field ?? each.name ?? ''] = each.message ?? each.detail ?? ''
  else for (const name in errors ?? {}) fields[name] = [errors?.[name] ?? ''].flat().join(' ')
  return fields
}
