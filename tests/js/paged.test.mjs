// A list that comes page by page is read to its end, each row once, and never ends at its first page.
import assert from 'node:assert/strict'
import test from 'node:test'
import { paged } from '../../static/js/core/paged.js'

/** A server with so many rows, and what it was asked. */
function server(count, page = 10) {
  const asked = []
  let rows = Array.from({ length: count }, (_, at) => ({ id: at + 1, name: `row ${at + 1}` }))
  const ask = async cursor => {
    asked.push(cursor)
    const from = Number(cursor ?? 0)
    const items = rows.slice(from, from + page)
    return { items, next_cursor: from + page < rows.length ? String(from + page) : null }
  }
  return { ask, asked, change: to => (rows = to(rows)) }
}
const ids = list => list.rows().map(row => row.id)

test('one page after the other, to the end and no further', async () => {
  const { ask, asked } = server(25)
  const list = paged(ask)
  await list.load()
  assert.equal(ids(list).length, 10)
  await list.more()
  await list.more()
  await list.more()
  assert.deepEqual(
    ids(list),
    Array.from({ length: 25 }, (_, at) => at + 1),
  )
  assert.equal(list.next(), null)
  assert.deepEqual(asked, [null, '10', '20'])
})

test('reads as far as it is asked to, and the whole list where that is wanted', async () => {
  const { ask } = server(95)
  const list = paged(ask)
  await list.load()
  await list.reach(31)
  assert.equal(ids(list).length, 40)
  await list.reach(Infinity)
  assert.equal(ids(list).length, 95)
})

test('read anew it is as long as it was, and begun anew it is its first page', async () => {
  const { ask, change } = server(50)
  const list = paged(ask)
  await list.load()
  await list.reach(30)
  change(rows => [{ id: 99, name: 'new' }, ...rows])
  await list.load()
  assert.equal(ids(list).length, 30)
  assert.equal(ids(list)[0], 99)
  await list.begin()
  assert.equal(ids(list).length, 10)
})

test('a row that moved to a later page while it was read is there once, with its newer words', async () => {
  const { ask, change } = server(30)
  const list = paged(ask, row => row.id)
  await list.load()
  change(([first, ...rest]) => [...rest.slice(0, 14), { ...first, name: 'moved' }, ...rest.slice(14)])
  await list.reach(Infinity)
  assert.equal(new Set(ids(list)).size, ids(list).length)
  assert.equal(list.rows().find(row => row.id === 1).name, 'moved')
})

test('an answer that comes after something else was asked for is left', async () => {
  const waiting = []
  const list = paged(() => new Promise(done => waiting.push(done)))
  const first = list.load()
  const second = list.begin()
  waiting[1]({ items: [{ id: 2 }], next_cursor: null })
  waiting[0]({ items: [{ id: 1 }], next_cursor: null })
  await Promise.all([first, second])
  assert.deepEqual(ids(list), [2])
})

test('a cursor that leads to itself is not followed for ever', async () => {
  let asked = 0
  const list = paged(async () => ({ items: [{ id: ++asked }], next_cursor: 'same' }))
  await list.load()
  await list.reach(Infinity)
  assert.ok(asked <= 2, String(asked))
})

test('what cannot be read is told, and what was there stays', async () => {
  let fails = false
  const list = paged(async cursor => {
    if (fails) throw Object.assign(new Error('No such list.'), { status: 404 })
    return { items: [{ id: cursor ?? 'first' }], next_cursor: 'next' }
  })
  await list.load()
  fails = true
  await list.more()
  assert.equal(list.trouble(), 'No such list.')
  assert.deepEqual(ids(list), ['first'])
  assert.equal(list.isReading(), false)
  fails = false
  await list.more()
  assert.equal(list.trouble(), '')
  assert.deepEqual(ids(list), ['first', 'next'])
})
