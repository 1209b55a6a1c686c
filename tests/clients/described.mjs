// Calls by the names of the description, each answer held against it: a status that is not described, a
// field that is not, one that is missing or of another kind is an error. Knows no call by itself.
import Ajv from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import assert from 'node:assert/strict'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
// What a number's format says of its size in Rust, and a password's of how it is typed.
const NOT_OF_JSON = ['int32', 'int64', 'double', 'password', 'binary']

export class Described {
  #ajv = formats.default(new Ajv({ strict: false, allErrors: true }))
  /** @type {Map<string, {method: string, path: string, call: any}>} */
  calls = new Map()
  /** @type {Set<string>} what was called, by its operationId */
  called = new Set()

  constructor(document, url) {
    this.url = url
    this.document = document
    for (const name of NOT_OF_JSON) this.#ajv.addFormat(name, true)
    this.#ajv.addSchema({ $id: 'rapport', components: closed(document.components) })
    for (const [path, calls] of Object.entries(document.paths))
      for (const method of METHODS)
        if (calls[method]) this.calls.set(calls[method].operationId, { method, path, call: calls[method] })
  }

  /** Whether a value is as a schema says; the errors, if it is not. */
  misfits(schema, value) {
    const check = this.#ajv.compile(atHome(closed(schema)))
    return check(value)
      ? []
      : check.errors.map(error => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)
  }

  /** A caller with somebody's headers: `call(name, {id, query, body, form, status})` gives the answer. */
  as(headers) {
    return async (name, asked = {}) => {
      const { method, path, call } = this.calls.get(name) ?? assert.fail(`no call is named ${name}`)
      const place = path.replace(/\{(\w+)\}/g, (_, field) =>
        encodeURIComponent(asked[field] ?? asked.path?.[field]),
      )
      if (asked.body !== undefined) this.#isAsked(name, call, asked.body)
      const answer = await fetch(
        `${this.url}${place}${asked.query ? `?${new URLSearchParams(asked.query)}` : ''}`,
        {
          method: method.toUpperCase(),
          headers: {
            ...headers,
            ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: asked.form ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body)),
        },
      )
      this.called.add(name)
      return this.#fits(name, call, answer, asked.status)
    }
  }

  #isAsked(name, call, body) {
    const schema = call.requestBody?.content['application/json']?.schema
    assert.ok(schema, `${name} takes no JSON`)
    assert.deepEqual(this.misfits(schema, body), [], `${name}: what is asked is not what is described`)
  }

  async #fits(name, call, answer, status) {
    const text = await answer.text()
    const what = `${name}: ${answer.status} ${text.slice(0, 600)}`
    if (status) assert.equal(answer.status, status, what)
    else assert.ok(answer.ok, what)
    const described = call.responses[answer.status] ?? (answer.ok ? null : call.responses.default)
    assert.ok(described, `not described: ${what}`)
    const type = answer.headers.get('content-type')?.split(';')[0]
    if (!text) return assert.equal(described.content, undefined, `empty, and described with content: ${what}`)
    const content = described.content?.[type] ?? described.content?.['*/*']
    assert.ok(content, `${type} is not described: ${what}`)
    if (!/json$/.test(type)) return text
    const body = JSON.parse(text)
    assert.deepEqual(this.misfits(content.schema, body), [], what)
    return body
  }
}

/** A schema that takes no field which it does not name. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed)
  if (schema === null || typeof schema !== 'object') return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]))
  const isOpen = schema.type === 'object' && schema.properties && schema.additionalProperties === undefined
  return isOpen ? { ...inner, additionalProperties: false } : inner
}

/** A schema whose names are found in the document. */
const atHome = schema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"rapport#/components/'))
