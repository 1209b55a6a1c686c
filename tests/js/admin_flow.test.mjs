// A flow as a picture: which step leads where, where each stands, and what becomes of the ways when steps are
// put in, moved or taken out.
import assert from 'node:assert/strict'
import test from 'node:test'

const { exitsOf, pictureOf, NODE } = await import('../../static/js/admin/flow_graph.js')
const { moved, putAside, putOn, rename, takeOut } = await import('../../static/js/admin/flow_change.js')
const { faultsOf, firstFault } = await import('../../static/js/admin/flow_faults.js')

const say = (text, more = {}) => ({ kind: 'message', text, attachment_ids: [], ...more })
/** Asks, and goes three ways. */
const shop = () => [
  say('Big or small?'),
  { kind: 'wait_for_answer', timeout_seconds: 60, on_timeout: 'bye' },
  { kind: 'branch', cases: [{ words: ['big'], go_to: 'big' }], otherwise: null },
  say('Only big ones are left.'),
  { kind: 'end' },
  say('Big it is.', { id: 'big' }),
  { kind: 'go_to', step: 'bye' },
  say('Bye.', { id: 'bye' }),
]
const ways = steps => exitsOf(steps).map(({ by, from, to }) => `${from} ${by} ${to}`)
/** What a customer would go through who says these words, by the texts of the steps. */
function walk(steps, answer) {
  const out = []
  for (let at = 0, turn = 0; at < steps.length && turn < 50; turn++) {
    const step = steps[at]
    out.push(step.text ?? step.kind)
    const by = { wait_for_answer: answer ? 'next' : 'timeout', branch: answer ? 'case' : 'otherwise' }[
      step.kind
    ]
    const exits = exitsOf(steps).filter(exit => exit.from === at)
    const exit =
      exits.find(each => each.by === by && (!each.words || each.words.includes(answer))) ??
      exits.find(each => each.by === 'otherwise') ??
      exits[0]
    if (!exit) break
    at = exit.to
  }
  return out
}

test('every way of a flow is known, and one to a lost step is left out', () => {
  assert.deepEqual(ways(shop()), [
    '-1 start 0',
    '0 next 1',
    '1 next 2',
    '1 timeout 7',
    '2 case 5',
    '2 otherwise 3',
    '3 next 4',
    '5 next 6',
    '6 jump 7',
    '7 next 8',
  ])
  assert.deepEqual(ways([{ kind: 'go_to', step: 'nowhere' }]), ['-1 start 0'])
})

test('in the picture each step stands below what leads to it, and none on another', () => {
  const steps = shop()
  const { nodes, edges, start, end, width, height } = pictureOf(steps)
  const spots = [start, ...nodes, ...(end ? [end] : [])]
  for (const edge of edges)
    if (!edge.isBack)
      assert.ok((nodes[edge.to] ?? end).y > (nodes[edge.from] ?? start).y, JSON.stringify(edge))
  for (const [i, one] of spots.entries())
    for (const other of spots.slice(i + 1))
      assert.ok(
        Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height,
        `${JSON.stringify(one)} lies on ${JSON.stringify(other)}`,
      )
  for (const { x, y } of spots) {
    assert.ok(x >= NODE.width / 2 - 0.01 && x <= width - NODE.width / 2 + 0.01, `${x} of ${width}`)
    assert.ok(y >= 0 && y <= height - NODE.height + 0.01, `${y} of ${height}`)
  }
  for (const { path } of edges) assert.ok(!/NaN|undefined|Infinity/.test(path), path)
})

test('a way back is told from the others, and what nothing leads to is marked', () => {
  const loop = [
    say('Again?', { id: 'again' }),
    { kind: 'wait', seconds: 5 },
    { kind: 'go_to', step: 'again' },
    say('Never'),
  ]
  const { edges, lost, end } = pictureOf(loop)
  assert.deepEqual(
    edges.filter(each => each.isBack).map(each => each.from),
    [2],
  )
  assert.deepEqual([...lost], [3, 4])
  assert.ok(end, 'where the lost step would end')
})

test('a hundred steps that all lead to each other are laid out in no time', () => {
  const steps = Array.from({ length: 100 }, (_, i) => ({
    id: `s${i}`,
    kind: 'branch',
    cases: [7, 13, 31].map(by => ({ words: [`w${by}`], go_to: `s${(i * by + 1) % 100}` })),
    otherwise: `s${(i + 1) % 100}`,
  }))
  const begun = performance.now()
  const { nodes } = pictureOf(steps)
  assert.equal(nodes.length, 100)
  assert.ok(performance.now() - begun < 2_000)
})

test('a step put on a way is gone through on that way alone', () => {
  for (const [by, answer, path] of [
    ['next', 'big', ['Big or small?', 'wait_for_answer', 'branch', 'Big it is.', 'new', 'go_to', 'Bye.']],
    ['case', 'big', ['Big or small?', 'wait_for_answer', 'branch', 'new', 'Big it is.', 'go_to', 'Bye.']],
    [
      'otherwise',
      'small',
      ['Big or small?', 'wait_for_answer', 'branch', 'new', 'Only big ones are left.', 'end'],
    ],
    ['timeout', '', ['Big or small?', 'wait_for_answer', 'new', 'Bye.']],
    ['jump', 'big', ['Big or small?', 'wait_for_answer', 'branch', 'Big it is.', 'go_to', 'new', 'Bye.']],
  ]) {
    const steps = shop()
    const from = { next: 5, case: 2, otherwise: 2, timeout: 1, jump: 6 }[by]
    const exit = exitsOf(steps).find(each => each.by === by && each.from === from)
    const now = putOn(steps, exit, say('new'))
    const said = walk(now, answer).filter(
      (each, i, all) => !(each === 'go_to' && all[i - 1] === 'new' && by !== 'next'),
    )
    assert.deepEqual(said, path, `on ${by}`)
    for (const other of ['big', 'small', ''].filter(each => each !== answer && by !== 'next'))
      assert.ok(
        !walk(now, other).includes('new') || by === 'jump',
        `${by} is not gone by ${other || 'silence'}`,
      )
    assert.equal(firstFault(now), undefined)
  }
})

test('where others come by as well the way gets a place of its own', () => {
  const steps = [
    say('one'),
    { kind: 'branch', cases: [{ words: ['x'], go_to: 'three' }] },
    say('two'),
    say('three', { id: 'three' }),
  ]
  const exit = exitsOf(steps).find(each => each.by === 'case')
  const now = putOn(steps, exit, say('new'))
  assert.deepEqual(walk(now, 'x'), ['one', 'branch', 'new', 'go_to', 'three', 'end'])
  assert.deepEqual(walk(now, 'y'), ['one', 'branch', 'two', 'three', 'end'])
})

test('what is taken out is led past, and a name goes along when it changes', () => {
  const steps = shop()
  const left = takeOut(steps, steps[5])
  assert.equal(left[2].cases[0].go_to, left[5].id, 'the case leads to what came below')
  assert.equal(firstFault(left), undefined)
  const named = shop()
  rename(named, named[7], 'farewell')
  assert.deepEqual([named[1].on_timeout, named[6].step, named[7].id], ['farewell', 'farewell', 'farewell'])
  rename(named, named[7], '')
  assert.equal(named[6].step, named[7].id, 'what is led to keeps a name')
  rename(named, named[5], 'large')
  assert.equal(named[2].cases[0].go_to, 'large')
  const [all, id] = putAside([say('one')], say('two'))
  assert.deepEqual(
    all.map(each => each.kind),
    ['message', 'end', 'message'],
  )
  assert.equal(all[2].id, id)
  assert.deepEqual(moved([1, 2, 3], 2, -1), [2, 1, 3])
})

test('what is wrong with a step is said at its field', () => {
  const fields = step => Object.keys(faultsOf([step], step))
  assert.deepEqual(fields(say(' ')), ['text'])
  assert.deepEqual(fields({ kind: 'wait', seconds: NaN }), ['seconds'])
  assert.deepEqual(fields({ kind: 'wait_for_answer', timeout_seconds: null, on_timeout: null }), [])
  assert.deepEqual(fields({ kind: 'wait_for_answer', timeout_seconds: NaN, save_as: 'a b' }), [
    'timeout_seconds',
    'save_as',
  ])
  assert.deepEqual(fields({ kind: 'branch', cases: [] }), ['cases'])
  assert.deepEqual(fields({ kind: 'branch', cases: [{ words: [], go_to: 'x' }] }), ['words-0', 'go_to-0'])
  assert.deepEqual(fields({ kind: 'set_status', status: 'snoozed', snooze_seconds: null }), [
    'snooze_seconds',
  ])
  assert.deepEqual(fields({ kind: 'go_to', step: '' }), ['step'])
  assert.deepEqual(fields({ kind: 'something new' }), [], 'what we do not know the server looks at')
})
