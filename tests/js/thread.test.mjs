// What stands in a thread beside its messages, and what is shown of it: pure parts.
import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.CSS ??= { supports: () => true }
const { dayOfItem, happenedOfItem, itemsOf, linesOf } = await import('../../static/js/chat/thread_items.js')
const { netOf } = await import('../../static/js/inbox/folded_events.js')
const { ThreadWindow } = await import('../../static/js/chat/thread_window.js')
const { answeredSince } = await import('../../static/js/inbox/collision.js')
const { found } = await import('../../static/js/inbox/canned_search.js')
const { dayOf } = await import('../../static/js/core/time.js')
const { signal } = await import('../../static/js/core/signal.js')

const MINUTE = 60_000
const NOON = +new Date(2026, 10, 21, 12)
const thread = count => {
  const all = Array.from({ length: count }, (_, i) => [
    `m${i}`,
    { seq: i + 1, created_at: new Date(NOON + i * MINUTE).toISOString() },
  ])
  return { keys: all.map(([key]) => key), messageOf: key => new Map(all).get(key) }
}
const event = (seq, minutes, by = 'user 1') => ({ seq, at: NOON + minutes * MINUTE, by })
const shown = (of, more) =>
  itemsOf({
    start: 0,
    end: of.keys.length,
    isComplete: true,
    isAtEnd: true,
    unread: null,
    happened: [],
    ...of,
    ...more,
  })
    .filter(each => dayOfItem(each) == null)
    .join(' ')

test('what happened stands between the messages by its time', () => {
  const happened = [event(1, -1), event(2, 0.5), event(3, 9)]
  assert.equal(shown(thread(3), { happened }), 'happened 1 m0 happened 2 m1 m2 happened 3')
})

test('what one did within a minute is one line, another one’s act is another', () => {
  const happened = [event(1, 0.1), event(2, 0.2), event(3, 0.3, 'flow 2'), event(4, 0.9)]
  assert.equal(shown(thread(2), { happened }), 'm0 happened 1,2 happened 3 happened 4 m1')
  assert.deepEqual(happenedOfItem('happened 1,2'), [1, 2])
  assert.equal(happenedOfItem('m1'), null)
})

/** What came of what one person did within a minute, in a few words. */
const net = (...events) =>
  netOf(events.map((each, at) => ({ event_seq: at + 1, cause: { kind: 'user', id: 1 }, ...each })))
    .map(({ kind, assignee, status, priority, labels }) =>
      [kind, assignee?.name, status, priority, labels?.map(each => each.name).join('+')]
        .filter(Boolean)
        .join(' '),
    )
    .join(', ')
const BEN = { id: 2, name: 'Ben' }
const CAL = { id: 3, name: 'Cal' }
const assigned = (before, assignee) => ({ kind: 'assigned', before, assignee })
const labels = (kind, ...names) => ({ kind, labels: names.map(name => ({ id: name.charCodeAt(0), name })) })

test('what one takes back within a minute is not told; else what came of it is', () => {
  assert.equal(net(assigned(null, BEN), assigned(BEN, null)), '')
  assert.equal(net(assigned(null, BEN), assigned(BEN, CAL)), 'assigned Cal')
  assert.equal(net(assigned(BEN, CAL), assigned(CAL, null), assigned(null, BEN)), '')
  assert.equal(net(assigned(BEN, null), assigned(null, CAL)), 'assigned Cal')
  assert.equal(net(labels('labelled', 'A'), labels('unlabelled', 'A')), '')
  assert.equal(net(labels('labelled', 'A', 'B'), labels('unlabelled', 'A')), 'labelled B')
  assert.equal(net(labels('unlabelled', 'A'), labels('labelled', 'B'), labels('labelled', 'A')), 'labelled B')
  assert.equal(
    net(labels('labelled', 'A'), labels('unlabelled', 'A'), labels('labelled', 'A')),
    'labelled A',
    'the last one did it',
  )
  const status = (before, to) => ({ kind: 'status', before, status: to })
  assert.equal(net(status('open', 'closed'), status('closed', 'open')), '')
  assert.equal(net(status('open', 'pending'), status('pending', 'closed')), 'status closed')
  assert.equal(net({ kind: 'snoozed', before: 'open', until: 'x' }, { kind: 'woken' }), '')
  assert.equal(net({ kind: 'woken' }, { kind: 'snoozed', before: 'open', until: 'y' }), 'snoozed')
  assert.equal(net({ kind: 'spam', before: 'closed' }, { kind: 'not_spam', status: 'open' }), 'not_spam open')
  const priority = (before, to) => ({ kind: 'priority', before, priority: to })
  assert.equal(net(priority(null, 'high'), priority('high', null), assigned(null, BEN)), 'assigned Ben')
  assert.equal(net({ kind: 'merged' }, { kind: 'unmerged' }), 'merged, unmerged', 'what is more than a slip')
  const flow = { cause: { kind: 'flow', id: 4 } }
  assert.equal(
    net({ ...assigned(null, BEN), ...flow }, { ...assigned(BEN, null), ...flow }),
    'assigned Ben, assigned',
    'a flow does what it was told',
  )
})

test('acts that came to nothing have no line, and fold with nothing', () => {
  const happened = [event(1, 0.1), event(2, 0.2), event(3, 0.3, 'user 2'), event(4, 0.9)]
  const isNothing = numbers => numbers.includes(1)
  assert.equal(shown(thread(2), { happened, isNothing }), 'm0 happened 3 happened 4 m1')
  const many = Array.from({ length: 30 }, (_, i) => event(i + 1, i * 0.01, `user ${i}`))
  assert.equal(linesOf(many, { isNothing: ([seq]) => seq > 3 }).length, 3)
})

test('a message between two acts keeps them apart', () => {
  assert.equal(shown(thread(2), { happened: [event(1, 0.9), event(2, 1.1)] }), 'm0 happened 1 m1 happened 2')
})

test('many lines between two messages fold into one', () => {
  const happened = Array.from({ length: 30 }, (_, i) => event(i + 1, i * 0.01, `user ${i}`))
  const lines = linesOf(happened)
  assert.equal(lines.length, 8)
  assert.deepEqual(
    lines.flat().map(each => each.seq),
    happened.map(each => each.seq),
    'one is lost',
  )
})

test('each window has what happened within it, none twice, none lost, whatever the window', () => {
  const of = thread(60)
  const happened = Array.from({ length: 50 }, (_, i) => event(i + 1, i * 1.3 - 2, `user ${i}`))
  const numbers = (start, end) =>
    itemsOf({ ...of, start, end, isComplete: true, isAtEnd: true, unread: null, happened }).flatMap(
      each => happenedOfItem(each) ?? [],
    )
  for (const cut of [1, 7, 30, 59])
    assert.deepEqual(
      [...new Set([...numbers(0, cut), ...numbers(cut, 60)])].sort((a, b) => a - b),
      happened.map(each => each.seq),
      `cut at ${cut}`,
    )
  assert.equal(new Set(numbers(10, 20)).size, numbers(10, 20).length)
})

test('a past that is not there brings nothing with it, and a stretch that does not reach the end neither', () => {
  const of = thread(3),
    happened = [event(1, -100), event(2, 0.5), event(3, 100)]
  assert.equal(shown(of, { happened, isComplete: false, isAtEnd: false }), 'm0 happened 2 m1 m2')
})

test('a day is said once, before what is first in it, and the line of what is new before its message', () => {
  const of = thread(2)
  const all = itemsOf({
    ...of,
    start: 0,
    end: 2,
    isComplete: true,
    isAtEnd: true,
    unread: 'm1',
    happened: [],
  })
  assert.equal(all.length, 4)
  assert.equal(dayOf(dayOfItem(all[0])), dayOf(NOON))
  assert.deepEqual(all.slice(1), ['m0', 'unread', 'm1'])
  for (const day of [new Date(2026, 0, 31), new Date(2026, 11, 31), new Date(2024, 1, 29)])
    assert.equal(dayOf(dayOfItem(`day ${dayOf(+day)}`)), dayOf(+day))
})

test('the window holds 240 messages at most, however one goes', () => {
  const keys = signal(Array.from({ length: 1000 }, (_, i) => `m${i}`)),
    atEnd = signal(true)
  const it = new ThreadWindow({ keys, atEnd })
  const size = () => it.bounds()[2] - it.bounds()[1]
  assert.deepEqual(it.bounds().slice(1), [940, 1000])
  for (let i = 0; i < 20; i++) {
    it.growOlder(it.bounds()[1])
    assert.ok(size() <= 240, `${size()}`)
  }
  assert.equal(it.bounds()[1], 0)
  assert.equal(it.follows(), false)
  for (let i = 0; i < 20; i++) {
    it.growNewer(it.bounds()[2])
    assert.ok(size() <= 240, `${size()}`)
  }
  assert.equal(it.follows(), true)
  it.around('m500')
  assert.deepEqual(it.bounds().slice(1), [470, 531])
  it.follow()
  assert.deepEqual(it.bounds().slice(1), [940, 1000])
})

test('a colleague’s answer since one began is found; notes, one’s own and the customer’s are none', () => {
  const say = (seq, sender_type, id, more = {}) => ({ seq, sender_type, sender: { id }, ...more })
  const ada = say(5, 'support', 2)
  assert.equal(answeredSince([say(3, 'customer', 9), ada], 4, 1), ada)
  assert.equal(answeredSince([ada], 5, 1), null, 'it was seen')
  assert.equal(answeredSince([ada], 4, 2), null, 'it is one’s own')
  assert.equal(answeredSince([say(5, 'support', 2, { is_private: true })], 4, 1), null)
  assert.equal(answeredSince([say(5, 'support', 2, { deleted_at: 'x' })], 4, 1), null)
  assert.equal(answeredSince([say(5, 'customer', 9), undefined], 4, 1), null)
  assert.equal(answeredSince([say(5, 'ai', null)], 4, 1)?.seq, 5)
})

test('canned replies are found by their words, by folder, mine or the team’s', () => {
  const all = [
    { id: 1, shortcut: 'thanks', content: 'Thank you', folder: 'B' },
    { id: 2, shortcut: 'hola', content: 'Olá, José', folder: 'A', is_shared: false },
    { id: 3, shortcut: 'bye', content: 'See you', folder: null },
  ]
  const ids = (...how) => found(all, ...how).map(each => each.id)
  assert.deepEqual(ids('', 'all'), [3, 2, 1])
  assert.deepEqual(ids('jose', 'all'), [2])
  assert.deepEqual(ids('you see', 'all'), [3])
  assert.deepEqual(ids('', 'mine'), [2])
  assert.deepEqual(ids('', 'team'), [3, 1])
})
