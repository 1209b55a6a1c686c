// No list that people choose from ends silently at its first page.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { all } from '../../static/js/core/api.js'

const HOME = fileURLToPath(new URL('../../static/js', import.meta.url))
const LISTS =
  /\bget\(\s*(['"`])\/(users|labels|channels|canned-replies|views|flows|hooks|tokens|conversations|deliveries|quarantine|audit)\1[\s\S]{0,240}/g

test('every list is followed to its end, has a way to more, or is narrowed by words', () => {
  const silent = []
  for (const file of readdirSync(HOME, { recursive: true }).filter(each => each.endsWith('.js'))) {
    const text = readFileSync(`${HOME}/${file}`, 'utf8')
    for (const [found] of text.matchAll(LISTS))
      if (!/\bcursor\b|\bq:|\bq\b,/.test(found)) silent.push(`${file}: ${found.replace(/\s+/g, ' ')}`)
  }
  assert.deepEqual(silent, [], 'use `all` of core/api.js')
})

test('a list is fetched page after page, and a cursor that does not move ends it', async () => {
  const asked = []
  globalThis.fetch = async address => {
    asked.push(String(address))
    const cursor = new URL(address, 'http://x').searchParams.get('cursor')
    const page = { null: [[1, 2], 'a'], a: [[3], 'b'], b: [[4], 'b'] }[String(cursor)]
    return new Response(JSON.stringify({ items: page[0], next_cursor: page[1] }))
  }
  assert.deepEqual(await all('/labels', { q: 'x' }), [1, 2, 3, 4])
  assert.equal(asked.length, 3)
  assert.ok(asked.every(each => each.includes('limit=100') && each.includes('q=x')))
})
