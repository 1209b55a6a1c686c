// Trying a call: what is sent, and the same as a line for a shell.
import assert from 'node:assert/strict'
import test from 'node:test'

const { callsOf, fits } = await import('../../static/js/docs/calls.js')
const { curlOf, isWriting, jsonFault, missing, requestOf, spread } =
  await import('../../static/js/docs/request.js')
const { exampleOfContent } = await import('../../static/js/docs/schema.js')

const api = {
  paths: {
    '/api/v1/labels/{id}': {
      parameters: [{ $ref: '#/components/parameters/Id' }],
      patch: { tags: ['labels'], summary: 'Changes a label', parameters: [{ name: 'dry', in: 'query' }] },
    },
    '/api/v1/labels': { get: {} },
  },
  components: { parameters: { Id: { name: 'id', in: 'path', required: true } } },
}
const [patch, list] = callsOf(api, 'Other')

test('the calls of a document are listed with all they take', () => {
  assert.deepEqual([patch.method, patch.path, patch.tag], ['patch', '/api/v1/labels/{id}', 'labels'])
  assert.deepEqual(
    patch.parameters.map(each => each.name),
    ['id', 'dry'],
  )
  assert.equal(list.tag, 'Other')
  assert.ok(fits(patch, 'CHANGES a') && !fits(list, 'changes a'))
})

test('a call is sent as it was filled in, and nothing empty goes along', () => {
  assert.deepEqual(
    missing(patch, {}).map(each => each.name),
    ['id'],
  )
  const request = requestOf(patch, { 'path:id': 'a/b', 'query:dry': '' }, '{"name": "it\'s"}', 'a token')
  assert.deepEqual(request, {
    method: 'PATCH',
    url: '/api/v1/labels/a%2Fb',
    headers: {
      accept: 'application/json',
      authorization: 'Bearer a token',
      'content-type': 'application/json',
    },
    body: '{"name": "it\'s"}',
  })
  assert.equal(requestOf(list, {}, null, '').headers.authorization, undefined)
  assert.deepEqual(['get', 'post', 'delete'].map(isWriting), [false, true, true])
})

test('the line for a shell says the same, quoted, and never holds the token', () => {
  const request = requestOf(patch, { 'path:id': '3', 'query:dry': 'yes' }, '{"name": "it\'s"}', 'a token')
  const line = curlOf(request, 'https://chat.example')
  assert.ok(!line.includes('a token'))
  assert.ok(line.startsWith("curl -X PATCH 'https://chat.example/api/v1/labels/3?dry=yes'"), line)
  assert.ok(line.endsWith(`-d '{"name":"it'\\''s"}'`), line)
})

test('what is no JSON is said before it is sent; an example somebody wrote comes first', () => {
  assert.equal(jsonFault(''), '')
  assert.equal(jsonFault('{"a": 1}'), '')
  assert.ok(jsonFault('{a'))
  assert.equal(spread('{"a":1}'), '{\n  "a": 1\n}')
  assert.equal(spread('no json'), 'no json')
  assert.deepEqual(exampleOfContent(api, { example: { a: 1 }, schema: { type: 'string' } }), { a: 1 })
  assert.deepEqual(exampleOfContent(api, { examples: { one: { value: 7 } } }), 7)
  assert.equal(exampleOfContent(api, { schema: { type: 'string', examples: ['first'] } }), 'first')
})
