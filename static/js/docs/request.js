// @ts-check
// What is sent when a call is tried: its address, its headers, its body, and the same as a line for a shell.
// Pure.

/** @typedef {import('./types.js').Call} Call */
/** @typedef {import('./types.js').Parameter} Parameter */
/** @typedef {{method: string, url: string, headers: Record<string, string>, body: string | null}} Request */

/** Methods that only look. */
const LOOKS = ['get', 'head', 'options']

/** @param {string} method */
export const isWriting = method => !LOOKS.includes(method)

/** Values are kept by where they stand and how they are called: `query:limit`. @param {Parameter} it */
export const keyOf = it => `${it.in}:${it.name}`

/**
 * @param {Call} call
 * @param {Record<string, string>} values by `keyOf`; what is empty is left out
 * @param {string | null} body as it was written
 * @param {string} token for a program that has no cookie
 * @returns {Request}
 */
export function requestOf(call, values, body, token) {
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json' }
  const query = new URLSearchParams()
  let path = call.path
  for (const it of call.parameters) {
    const value = values[keyOf(it)] ?? ''
    if (it.in === 'path') path = path.replace(`{${it.name}}`, encodeURIComponent(value))
    else if (value && it.in === 'query') query.append(it.name, value)
    else if (value && it.in === 'header') headers[it.name.toLowerCase()] = value
  }
  if (token) headers.authorization = `Bearer ${token}`
  if (body) headers['content-type'] = 'application/json'
  return {
    method: call.method.toUpperCase(),
    url: query.size ? `${path}?${query}` : path,
    headers,
    body: body || null,
  }
}

/** What has to be filled in and is not. @param {Call} call @param {Record<string, string>} values */
export const missing = (call, values) =>
  call.parameters.filter(it => (it.required || it.in === 'path') && !values[keyOf(it)]?.trim())

/** Why a body is no JSON; nothing: it is some, or there is none. @param {string} text */
export function jsonFault(text) {
  if (!text.trim()) return ''
  try {
    JSON.parse(text)
    return ''
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem)
  }
}

/** In a shell nothing within these quotes means anything. @param {string} text */
const quoted = text => `'${text.replaceAll("'", "'\\''")}'`

/**
 * The same for a shell; a token is never in it, as it would stay in the shell's history.
 * @param {Request} request
 * @param {string} origin
 */
export function curlOf({ method, url, headers, body }, origin) {
  const parts = ['curl']
  if (method !== 'GET') parts.push('-X', method)
  parts.push(quoted(origin + url))
  for (const [name, value] of Object.entries(headers))
    if (name === 'authorization') continue
    else if (name !== 'accept') parts.push('-H', quoted(`${name}: ${value}`))
  parts.push('-H', '"Authorization: Bearer $RAPPORT_TOKEN"')
  if (body) parts.push('-d', quoted(compact(body)))
  return parts.join(' ')
}

/** On one line where it is JSON. @param {string} body */
function compact(body) {
  try {
    return JSON.stringify(JSON.parse(body))
  } catch {
    return body
  }
}

/** Spread over lines where it is JSON. @param {string} text */
export function spread(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
