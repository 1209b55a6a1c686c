// @ts-check
// The calls of an OpenAPI document, one by one. Pure.
import { resolve } from './schema.js'

/** @typedef {import('./types.js').Api} Api */
/** @typedef {import('./types.js').Call} Call */
/** @typedef {import('./types.js').Parameter} Parameter */

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/** @param {Api} api @param {string} other the tag of what has none @returns {Call[]} */
export const callsOf = (api, other) =>
  Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter(method => item[method]).map(method => ({
      id: `${method}${path.replace(/[^a-z0-9]+/gi, '-')}`,
      method,
      path,
      tag: item[method].tags?.[0] ?? other,
      it: item[method],
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(
        each => /** @type {Parameter} */ (resolve(api, each)),
      ),
    })),
  )

/** @param {Call} call @param {string} words */
export const fits = (call, words) =>
  `${call.method} ${call.path} ${call.it.summary ?? ''} ${call.tag}`
    .toLowerCase()
    .includes(words.toLowerCase())
