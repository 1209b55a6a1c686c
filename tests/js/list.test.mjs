// The list: what its filters mean for the address, the server and a conversation that has just changed; what
// is chosen; what waits for the line; what a few letters mean.
import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.document ??= { documentElement: {}, createElement: () => ({}), addEventListener() {} }
const { comesBefore, fits, isNarrow, query, toggled, VIEWS } =
  await import('../../static/js/inbox/list_filter.js')
const { NO_FILTER, read, write } = await import('../../static/js/inbox/url_state.js')
const { filterOf, placeOf } = await import('../../static/js/inbox/saved_query.js')
const { Selection } = await import('../../static/js/inbox/selection.js')
const { ActQueue } = await import('../../static/js/inbox/act_queue.js')
const { best, fit } = await import('../../static/js/inbox/palette_match.js')
const { inFolders } = await import('../../static/js/inbox/saved_views.js')

const ME = 7
const it = more => ({
  id: 1,
  kind: 'customer',
  status: 'open',
  channel_id: 3,
  assignee_id: null,
  unread_count: 0,
  last_activity_at: '2026-11-29T10:00:00Z',
  waiting_since: null,
  ...more,
})

test('filters of several values lie in the address and lead there again', () => {
  for (const search of [
    '?status=open,pending&assignee=me,none,12&channel=3,9&label=4,5&priority=urgent,high',
    '?unread=true&waiting=true&following=true&sort=oldest',
    '?view=waiting',
    '?view=waiting&sort=newest',
  ])
    assert.equal(write(read(search)), search)
  assert.equal(read('?status=open,nonsense').status, 'open')
  assert.equal(read('?priority=nonsense').priority, '')
  assert.equal(read('?sort=nonsense').sort, '')
  assert.equal(write({ ...read('?status=closed&label=3&sort=oldest&unread=true&c=4'), ...NO_FILTER }), '?c=4')
})

test('a value is put in and taken out; any status and spam stand alone; nothing left is the usual', () => {
  assert.equal(toggled('status', 'open', 'pending'), 'open,pending')
  assert.equal(toggled('status', 'open,pending', 'open'), 'pending')
  assert.equal(toggled('status', 'pending', 'pending'), 'open')
  assert.equal(toggled('status', 'open,pending', 'any'), 'any')
  assert.equal(toggled('status', 'any', 'closed'), 'closed')
  assert.equal(toggled('status', 'spam', 'spam'), 'open')
  assert.equal(toggled('label', '', '4'), '4')
  assert.equal(toggled('label', '4,5', '5'), '4')
  assert.equal(toggled('label', '4', '4'), '')
})

test('the server is asked for what the list shows', () => {
  assert.deepEqual(query(read('')), { status: 'open' })
  assert.deepEqual(query(read('?status=open,closed&label=4,5&unread=true&sort=oldest')), {
    status: 'open,closed',
    label_id: '4,5',
    unread: true,
    sort: 'oldest',
  })
  assert.deepEqual(query(read('?view=waiting')), { status: 'open', waiting: true, sort: 'longest_waiting' })
  assert.deepEqual(
    query(read('?view=mine&assignee=12')),
    { status: 'open', assignee: 'me' },
    'the view says whose',
  )
  assert.deepEqual(query(read('?status=any&mentioned=true')), { mentioned: true })
})

test('a conversation fits if the server would have it, too', () => {
  const has = (search, more) => fits(it(more), read(search), ME)
  assert.ok(has('?status=open,closed', { status: 'closed' }))
  assert.ok(!has('?status=open,closed', { status: 'pending' }))
  assert.ok(has('?status=any', { status: 'closed' }))
  assert.ok(!has('?status=any', { status: 'spam' }))
  assert.ok(has('?status=spam', { status: 'spam' }))
  assert.ok(has('?assignee=me,none', { assignee_id: null }))
  assert.ok(has('?assignee=me,none', { assignee_id: ME }))
  assert.ok(!has('?assignee=me,none', { assignee_id: 12 }))
  assert.ok(has('?assignee=12,13', { assignee_id: 13 }))
  assert.ok(has('?channel=3,9', { channel_id: 9 }))
  assert.ok(has('?label=4,5', { labels: [{ id: 5 }] }))
  assert.ok(!has('?label=4,5', { labels: [{ id: 6 }] }))
  assert.ok(has('?priority=urgent,high', { priority: 'high' }))
  assert.ok(!has('?priority=urgent,high', { priority: null }))
  assert.ok(has('?unread=true', { unread_count: 2 }))
  assert.ok(!has('?unread=true', {}))
  assert.ok(has('?unread=true&c=1', {}), 'what one has just read stays until one goes on')
  assert.ok(has('?view=waiting', { waiting_since: '2026-11-29T09:00:00Z' }))
  assert.ok(!has('?view=waiting', {}))
  assert.ok(!has('?view=waiting', { kind: 'direct', waiting_since: '2026-11-29T09:00:00Z' }))
  assert.ok(has('?following=true', { is_following: true }))
  assert.ok(!has('?following=true', {}))
})

test('each order is the server’s', () => {
  const all = [
    it({ id: 1, last_activity_at: '2026-11-29T10:00:00Z', waiting_since: '2026-11-29T09:00:00Z' }),
    it({ id: 2, last_activity_at: '2026-11-29T11:00:00Z' }),
    it({ id: 3, last_activity_at: '2026-11-29T09:00:00Z', waiting_since: '2026-11-28T09:00:00Z' }),
    it({ id: 4, last_activity_at: '2026-11-29T10:00:00Z' }),
  ]
  const order = sort => all.toSorted(comesBefore(sort)).map(each => each.id)
  assert.deepEqual(order('newest'), [2, 4, 1, 3])
  assert.deepEqual(order('oldest'), [3, 1, 4, 2])
  assert.deepEqual(order('longest_waiting').slice(0, 2), [3, 1])
})

test('a view that is saved leads where it was, with every kind of filter', () => {
  for (const search of [
    ...VIEWS.map(view => (view === 'all' ? '?status=open,pending' : `?view=${view}`)),
    '?assignee=me,12&label=4,5&waiting=true',
    '?unread=true&following=true&sort=longest_waiting',
  ]) {
    const there = write({ ...read(''), ...placeOf(filterOf(read(search))) })
    // Colleagues' conversations have no status: it comes back as any.
    assert.equal(there.replace('&status=any', ''), search)
  }
})

test('what is narrow is more than a view', () => {
  assert.ok(!isNarrow(read('?view=waiting')))
  assert.ok(isNarrow(read('?unread=true')))
  assert.ok(isNarrow(read('?sort=oldest')))
})

test('rows are chosen one by one, as a range, all, everything; and what leaves the list is not chosen', () => {
  const selection = new Selection()
  const ids = [10, 11, 12, 13, 14]
  const chosen = () => [...(selection.chosen.peek() ?? [])]
  assert.equal(selection.isOn, false)
  selection.toggle(11)
  selection.range(13, ids)
  assert.deepEqual(chosen(), [11, 12, 13])
  selection.toggle(12)
  assert.deepEqual(chosen(), [11, 13])
  selection.range(10, ids)
  assert.deepEqual(chosen().sort(), [10, 11, 12, 13], 'from the last one that was touched')
  selection.all(ids)
  selection.everything()
  assert.ok(selection.isEverything.peek())
  selection.toggle(14)
  assert.ok(!selection.isEverything.peek(), 'whoever takes one out does not mean everything')
  selection.keep([10, 11])
  assert.deepEqual(chosen(), [10, 11])
  selection.end()
  assert.equal(selection.chosen.peek(), null)
  selection.range(12, ids, 10)
  assert.deepEqual(chosen(), [10, 11, 12], 'from the open one where none was touched')
})

/** A queue in whose world the line comes and goes. */
function queue(answers) {
  let kept = []
  const sent = []
  const refused = []
  const made = new ActQueue({
    load: () => kept,
    keep: acts => (kept = acts),
    alone: work => work(),
    refused: (act, problem) => refused.push([act.id, problem.status]),
    send: async act => {
      const problem = answers.shift()
      if (problem) throw problem
      sent.push([act.id, act.sent])
    },
  })
  return { made, sent, refused, kept: () => kept }
}
const act = (id, sent) => ({ id, sent, shown: sent, before: {} })

test('what was done offline goes out once, in its order, and stays while the line is away', async () => {
  const offline = Object.assign(new Error('offline'), { status: 0 })
  const { made, sent, kept } = queue([null, offline])
  made.add(act(1, { status: 'closed' }))
  made.add(act(2, { assignee_id: 9 }))
  made.add(act(1, { priority: 'high' }))
  assert.equal(made.waiting.peek().get(1), 2)
  assert.deepEqual(made.shown(1), { status: 'closed', priority: 'high' })
  await made.resend()
  assert.deepEqual(sent, [[1, { status: 'closed' }]])
  assert.equal(kept().length, 2)
  await made.resend()
  assert.deepEqual(sent.slice(1), [
    [2, { assignee_id: 9 }],
    [1, { priority: 'high' }],
  ])
  assert.equal(made.size, 0)
  await made.resend()
  assert.equal(sent.length, 3, 'nothing goes twice')
})

test('a refusal is told, and what stands behind it goes out', async () => {
  const { made, sent, refused } = queue([Object.assign(new Error('no'), { status: 422 })])
  made.add(act(1, { status: 'closed' }))
  made.add(act(2, { status: 'closed' }))
  await made.resend()
  assert.deepEqual(refused, [[1, 422]])
  assert.deepEqual(sent, [[2, { status: 'closed' }]])
  assert.equal(made.waiting.peek().size, 0)
})

test('a few letters find a command with its object before anything that only has these letters', () => {
  const label = [
    'Assign to Chi Nguyen',
    'Assign to Charlotte',
    'Snooze: Monday morning',
    'Label: Refund',
    'Closed',
    'Go to Unassigned',
    'Unassign',
    'Go to Settings',
    'Theme: Dark',
    'Go to Channels',
    'A conversation about a lost chicken sign',
  ].map(each => ({ key: each, label: each }))
  const first = letters => best(label, letters, [])[0]?.label
  assert.equal(first('assign chi'), 'Assign to Chi Nguyen')
  assert.equal(first('snooze monday'), 'Snooze: Monday morning')
  assert.equal(first('label refund'), 'Label: Refund')
  assert.equal(first('closed'), 'Closed')
  assert.equal(first('unassigned'), 'Go to Unassigned')
  assert.equal(first('settings'), 'Go to Settings')
  assert.equal(first('dark'), 'Theme: Dark')
  assert.equal(first('go channels'), 'Go to Channels')
  assert.equal(fit('zzz', 'Assign to Chi'), 0)
  assert.ok(fit('inigo', 'Íñigo Salazar') > 1000)
  assert.equal(best(label, '', ['Theme: Dark'])[0].label, 'Theme: Dark', 'the last used comes first')
})

test('saved views stand in their folders, those without one first', () => {
  const views = [
    { id: 1, name: 'A', folder: 'Sales' },
    { id: 2, name: 'B', folder: null },
    { id: 3, name: 'C', folder: 'Sales' },
  ]
  assert.deepEqual(
    inFolders(views).map(([folder, all]) => [folder, all.map(each => each.id)]),
    [
      ['', [2]],
      ['Sales', [1, 3]],
    ],
  )
})

test('two keys after each other are one shortcut; the first alone waits, and typing is never heard', async () => {
  let act = () => {}
  globalThis.addEventListener = (name, work) => name === 'keydown' && (act = work)
  globalThis.Element ??= class {}
  globalThis.document.querySelector ??= () => null
  const { single, useKeys } = await import('../../static/js/core/shortcuts.js')
  const heard = []
  const run = name => () => heard.push(name)
  useKeys([
    { name: 'unread', keys: ['u'], run: run('u') },
    { name: 'all', keys: ['g a', '1'], run: run('g a') },
    { name: 'nobody', keys: ['g u'], run: run('g u') },
  ])
  const press = (key, target = null) => act({ key, target, preventDefault() {} })
  for (const key of ['g', 'u', 'u', 'g', 'a', '1', 'g', 'x', 'u']) press(key)
  assert.deepEqual(heard, ['g u', 'u', 'g a', 'g a', 'u'])
  heard.length = 0
  const box = Object.assign(new Element(), { closest: what => (what.includes('textarea') ? {} : null) })
  for (const key of ['g', 'a', 'u']) press(key, box)
  assert.deepEqual(heard, [])
  globalThis.localStorage ??= { getItem: () => '1', setItem() {}, removeItem() {} }
  if (!single.on) press('u')
  assert.deepEqual(heard, [], 'turned off, no single key acts')
})
