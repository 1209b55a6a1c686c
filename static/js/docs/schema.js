// @ts-check
// Reading an OpenAPI schema: references, the name of a type, and an example. Never follows a circle twice.

/** @typedef {import('./types.js').Api} Api */
/** @typedef {import('./types.js').Schema} Schema */
/** @typedef {import('./types.js').Content} Content */

/** Deeper than this an example is of no use to anybody. */
const DEEP = 6

/**
 * What a reference names, or the thing itself.
 * @template {{$ref?: string}} It
 * @param {Api} api
 * @param {It | undefined} it
 * @returns {It | undefined}
 */
export function resolve(api, it, depth = 0) {
  if (!it?.$ref || depth > 8) return it
  /** @type {unknown} */
  let found = api
  for (const part of it.$ref.replace(/^#\//, '').split('/')) {
    const name = decodeURIComponent(part.replace(/~1/g, '/').replace(/~0/g, '~'))
    found = /** @type {Record<string, unknown> | undefined} */ (found)?.[name]
  }
  return resolve(api, /** @type {It} */ (found ?? {}), depth + 1)
}

/** @param {Api} api @param {Schema | undefined} schema @returns {string} */
export function typeOf(api, schema) {
  if (!schema) return ''
  if (schema.$ref) {
    const it = resolve(api, schema)
    return it?.enum ? typeOf(api, it) : (schema.$ref.split('/').pop() ?? '')
  }
  if (schema.enum)
    return schema.enum
      .filter(each => each !== null)
      .map(String)
      .join(' | ')
  const any = schema.oneOf ?? schema.anyOf ?? schema.allOf
  if (any)
    return any
      .map(each => typeOf(api, each))
      .filter(Boolean)
      .join(schema.allOf ? ' & ' : ' | ')
  if (schema.type === 'array') return `[${typeOf(api, schema.items)}]`
  const type = [schema.type ?? (schema.properties ? 'object' : 'any')].flat().join(' | ')
  return schema.format ? `${type} (${schema.format})` : type
}

/**
 * @param {Api} api
 * @param {Schema | undefined} schema
 * @param {string[]} [path] the references on the way here
 * @returns {unknown}
 */
export function exampleOf(api, schema, path = []) {
  if (!schema) return null
  if (schema.$ref)
    return path.includes(schema.$ref) ? {} : exampleOf(api, resolve(api, schema), [...path, schema.$ref])
  const given = schema.example ?? schema.examples?.[0] ?? schema.default ?? schema.enum?.[0]
  if (given !== undefined) return given
  const any = schema.oneOf ?? schema.anyOf
  if (any) return exampleOf(api, any.find(each => each.type !== 'null') ?? any[0], path)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(each => exampleOf(api, each, path)))
  return plainExample(api, schema, path)
}

/** @param {Api} api @param {Schema} schema @param {string[]} path */
function plainExample(api, schema, path) {
  const type = [schema.type].flat().find(each => each !== 'null')
  const isDeep = path.length > DEEP
  if (type === 'array') return isDeep ? [] : [exampleOf(api, schema.items, path)]
  if (type === 'object' || schema.properties)
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, field]) => [
        name,
        isDeep ? null : exampleOf(api, field, path),
      ]),
    )
  if (type === 'integer' || type === 'number') return 1
  if (type === 'boolean') return true
  if (schema.format === 'date-time') return '2026-11-21T09:30:00.000Z'
  return type === 'string' ? 'text' : null
}

/**
 * The example somebody wrote for a body, else one made of its schema.
 * @param {Api} api
 * @param {Content | undefined} content
 */
export function exampleOfContent(api, content) {
  const written = content?.example ?? Object.values(content?.examples ?? {})[0]?.value
  return written ?? exampleOf(api, content?.schema)
}
