// What a table shows of its rows, and what the address says of a page.
import assert from 'node:assert/strict'
import test from 'node:test'

const { PAGE, directionOf, inOrder, nextOrder, pageIn, pageOf, plain } =
  await import('../../static/js/admin/table_state.js')
const { hashOf, placeOf } = await import('../../static/js/admin/address.js')
const { dayAfter } = await import('../../static/js/admin/days.js')

test('rows stand in order by numbers and words, without a value last, equals as they came', () => {
  const rows = [
    { n: 10, w: 'b' },
    { n: 9, w: 'Ä' },
    { n: null, w: 'a' },
    { n: 9, w: 'ä' },
  ]
  const by = (name, isDown) => inOrder(rows, row => row[name], isDown).map(row => rows.indexOf(row))
  assert.deepEqual(by('n', false), [1, 3, 0, 2])
  assert.deepEqual(by('n', true), [0, 1, 3, 2])
  assert.deepEqual(by('w', false), [1, 2, 3, 0])
  assert.deepEqual(
    rows.map(row => row.n),
    [10, 9, null, 9],
    'the list itself stays as it is',
  )
})

test('a head goes up, down and back to how the list came', () => {
  assert.deepEqual(
    [nextOrder('', 'a'), nextOrder('a', 'a'), nextOrder('-a', 'a'), nextOrder('b', 'a')],
    ['a', '-a', '', 'a'],
  )
  assert.deepEqual(
    [directionOf('a', 'a'), directionOf('-a', 'a'), directionOf('b', 'a')],
    ['ascending', 'descending', 'none'],
  )
})

test('a page holds its rows, and the last one stands for whatever lies beyond', () => {
  const rows = Array.from({ length: 2 * PAGE + 1 }, (_, i) => i)
  assert.deepEqual(pageOf(rows, 0).items, rows.slice(0, PAGE))
  assert.deepEqual(
    { ...pageOf(rows, 2), items: null },
    { at: 2, items: null, from: 2 * PAGE + 1, to: 2 * PAGE + 1, last: 2 },
  )
  assert.equal(pageOf(rows, 99).at, 2)
  assert.deepEqual({ ...pageOf([], 3), items: null }, { at: 0, items: null, from: 0, to: 0, last: 0 })
  assert.deepEqual(['', '1', '3', '-1', 'x', '0', '99999999'].map(pageIn), [0, 0, 2, 0, 0, 0, 0])
})

test('an address holds a page, its part and its filters, and comes back as it was', () => {
  for (const place of [
    { page: 'deliveries', part: 'failed', filters: { channel: '3', page: '2' } },
    { page: 'flows', part: '3/runs', filters: {} },
    { page: 'audit', part: '', filters: { q: 'a & b=c #1', from: '2026-11-01' } },
  ])
    assert.deepEqual(placeOf(hashOf(place)), place)
  assert.equal(hashOf({ page: 'people', part: '', filters: { q: '' } }), '#people')
  assert.deepEqual(placeOf('#%E0%A4%A'), { page: '%E0%A4%A', part: '', filters: {} })
})

test('the last day of a span is meant whole', () => {
  assert.deepEqual(['2026-11-30', '2026-12-31', '', 'x'].map(dayAfter), ['2026-12-01', '2027-01-01', '', ''])
  assert.equal(plain('ÉTÉ'), 'ete')
})
