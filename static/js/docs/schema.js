// @ts-check
// Reading an OpenAPI schema: references, the name of a type, and an example. Never follows a circle twice.

/** @param {any} api @param {any} it @returns {any} */
export function resolve(api, it, depth = 0) {
  if (!it?.$ref || depth > 8) return it
  const found = String(it.$ref)
    .replace(/^#\//, '')
    .split('/')
    .reduce((at, part) => at?.[decodeURIComponent(part.replace(/~1/g, '/').replace(/~0/g, '~'))], api)
  return resolve(api, found ?? {}, depth + 1)
}

/** @param {any} api @param {any} schema @returns {string} */
export function typeOf(api, schema) {
  if (!schema) return ''
  if (schema.$ref) {
    const it = resolve(api, schema)
    return it?.enum ? typeOf(api, it) : (String(schema.$ref).split('/').pop() ?? '')
  }
  if (schema.enum)
    return schema.enum
      .filter((/** @type {any} */ each) => each !== null)
      .map(String)
      .join(' | ')
  const any = schema.oneOf ?? schema.anyOf ?? schema.allOf
  if (any)
    return any
      .map((/** @type {any} */ each) => typeOf(api, each))
      .filter(Boolean)
      .join(schema.allOf ? ' & ' : ' | ')
  if (schema.type === 'array') return `[${typeOf(api, schema.items)}]`
  const type = [schema.type ?? (schema.properties ? 'object' : 'any')].flat().join(' | ')
  return schema.format ? `${type} (${schema.format})` : type
}

/** @param {any} api @param {any} schema @param {string[]} [path] the references on the way here @returns {any} */
export function exampleOf(api, schema, path = []) {
  if (!schema) return null
  if (schema.$ref)
    return path.includes(schema.$ref) ? {} : exampleOf(api, resolve(api, schema), [...path, schema.$ref])
  if (schema.example !== undefined) return schema.example
  if (schema.default !== undefined) return schema.default
  if (schema.enum) return schema.enum[0]
  const any = schema.oneOf ?? schema.anyOf
  if (any) return exampleOf(api, any.find((/** @type {any} */ each) => each.type !== 'null') ?? any[0], path)
  if (schema.allOf)
    return Object.assign({}, ...schema.allOf.map((/** @type {any} */ each) => exampleOf(api, each, path)))
  const type = [schema.type].flat().find(each => each !== 'null')
  if (type === 'array') return path.length > 6 ? [] : [exampleOf(api, schema.items, path)]
  if (type === 'object' || schema.properties)
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, field]) => [
        name,
        path.length > 6 ? null : exampleOf(api, field, path),
      ]),
    )
  if (type === 'integer' || type === 'number') return 1
  if (type === 'boolean') return true
  if (schema.format === 'date-time') return '2026-11-21T09:30:00.000Z'
  return type === 'string' ? 'text' : null
}
