// The store: whatever the order, the doubling and the gaps of what arrives, a thread is one and the same.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Store } from '../../static/js/core/store.js'

const ME = 7
const message = (id, seq, version, more = {}) => ({
  id,
  conversation_id: 1,
  seq,
  version,
  sender_type: 'customer',
  sender: { id: 1, name: 'Ana' },
  origin: 'platform',
  message_type: 'text',
  content: `text ${id}`,
  attachments: [],
  reply_to: null,
  client_id: null,
  status: 'received',
  error: null,
  created_at: new Date(1e12 + (seq ?? 1e6) * 1000).toISOString(),
  deleted_at: null,
  ...more,
})
const mine = (client_id, more = {}) =>
  message(0, null, 0, {
    sender_type: 'support',
    sender: { id: ME, name: 'Marta' },
    client_id,
    status: 'pending',
    ...more,
  })
const ofMe = m => m.sender_type === 'support' && m.sender?.id === ME
const shown = store =>
  store
    .thread(1)
    .keys.peek()
    .map(key => store.peek(key))
    .map(m => m.id || m.client_id)
const shuffled = list =>
  list
    .map(each => [Math.random(), each])
    .sort((a, b) => a[0] - b[0])
    .map(each => each[1])

test('a thread is the same whatever the order and number of arrivals', () => {
  const all = Array.from({ length: 200 }, (_, i) => message(i + 1, i + 1, i + 1))
  const threads = new Set()
  for (let run = 0; run < 50; run++) {
    const store = new Store(ofMe)
    let fresh = 0
    store.onFresh(() => fresh++)
    store.page(1, [], { limit: 60 })
    const mixed = shuffled([...all, ...all.filter(() => Math.random() < 0.4)])
    while (mixed.length) store.apply(mixed.splice(0, 1 + Math.floor(Math.random() * 20)), { live: true })
    threads.add(shown(store).join())
    assert.equal(fresh, 200)
  }
  assert.deepEqual([...threads], [all.map(m => m.id).join()])
})

test('the server’s message replaces the pending copy in its place, and an older state never comes back', () => {
  const store = new Store(ofMe)
  store.page(1, [message(1, 1, 1)], { limit: 60 })
  store.apply([mine('a')])
  const key = store.thread(1).keys.peek()[1]
  store.apply([mine('a', { id: 2, seq: 2, version: 2, status: 'sent' })])
  store.apply([
    mine('a', { id: 2, seq: 2, version: 5, status: 'read' }),
    mine('a', { id: 2, seq: 2, version: 4, status: 'delivered' }),
  ])
  store.apply([mine('a')])
  assert.deepEqual(shown(store), [1, 2])
  assert.equal(store.thread(1).keys.peek()[1], key)
  assert.equal(store.peek(key).status, 'read')
})

test('what is erased is gone, and no answer that was on its way brings it back', () => {
  const store = new Store(ofMe)
  const conversation = { id: 1, version: 3, revision: 3, last_activity_at: '2026-11-22T10:00:00.000Z' }
  store.applyConversations([conversation, { ...conversation, id: 2 }])
  store.page(1, [message(1, 1, 1), message(2, 2, 2)], { limit: 60 })
  const keys = store.thread(1).keys.peek()
  store.erase([1])
  store.applyConversations([{ ...conversation, version: 4, revision: 4 }])
  store.applyConversations([{ ...conversation, version: 5, revision: 5 }], { live: true })
  assert.deepEqual(store.conversations.peek(), [2])
  assert.equal(store.peekConversation(1), undefined)
  assert.deepEqual(
    keys.map(key => store.peek(key)),
    [undefined, undefined],
  )
  assert.deepEqual(shown(store), [])
})

test('the same client id of another person, or in another conversation, is another message', () => {
  const store = new Store(ofMe)
  store.page(1, [], { limit: 60 })
  store.page(2, [], { limit: 60 })
  store.apply([
    mine('x', { id: 1, seq: 1, version: 1 }),
    mine('x', { id: 2, seq: 2, version: 2, sender: { id: 8, name: 'Tom' } }),
    mine('x', { id: 3, seq: 1, version: 1, conversation_id: 2 }),
  ])
  assert.deepEqual(shown(store), [1, 2])
  assert.equal(store.thread(2).keys.peek().length, 1)
})

test('an update of a message that is not loaded makes no hole in the thread', () => {
  const store = new Store(ofMe)
  store.page(
    1,
    Array.from({ length: 60 }, (_, i) => message(i + 100, i + 100, i + 100)),
    { limit: 60 },
  )
  store.apply([message(5, 5, 200, { status: 'read' })])
  assert.equal(shown(store)[0], 100)
  store.page(
    1,
    Array.from({ length: 60 }, (_, i) => message(i + 40, i + 40, i + 40)),
    { before: 100, limit: 60 },
  )
  assert.deepEqual([shown(store)[0], shown(store).length], [40, 120])
})

test('what comes live while the past is shown waits until the end is reached', () => {
  const store = new Store(ofMe)
  store.around(
    1,
    Array.from({ length: 60 }, (_, i) => message(i + 100, i + 100, i + 100)),
  )
  store.apply([mine('a')])
  store.apply([message(300, 300, 300), mine('a', { id: 301, seq: 301, version: 301 })], { live: true })
  assert.equal(shown(store).at(-1), 159)
  store.page(1, [message(160, 160, 160), message(300, 300, 300)], { after: 159, limit: 60 })
  assert.deepEqual(shown(store).slice(-3), [160, 300, 301])
})

test('an answer to a stretch that is no longer shown is left out', () => {
  const store = new Store(ofMe)
  store.page(
    1,
    Array.from({ length: 60 }, (_, i) => message(i + 500, i + 500, i + 500)),
    { limit: 60 },
  )
  store.page(1, [message(10, 10, 10)], { before: 100, limit: 60 })
  assert.equal(shown(store)[0], 500)
})

test('a page read before a newer change does not put the older state back', () => {
  const store = new Store(ofMe)
  store.page(1, [message(1, 1, 1)], { limit: 60 })
  store.apply([message(1, 1, 9, { content: 'edited' })])
  store.page(1, [message(1, 1, 1)], { limit: 60 })
  assert.equal(store.peek('#1').content, 'edited')
})

test('a reconnect goes on from the newest version the page and the frames have shown', () => {
  const store = new Store(ofMe)
  store.page(1, [message(1, 1, 4), message(2, 2, 3)], { limit: 60 })
  assert.equal(store.thread(1).version, 4)
  store.reached(1, 7)
  store.reached(1, 6)
  assert.equal(store.thread(1).version, 7)
})

test('a send that was given up disappears; one the server has does not', () => {
  const store = new Store(ofMe)
  store.page(1, [], { limit: 60 })
  store.apply([mine('a'), mine('b')])
  store.apply([mine('b', { id: 4, seq: 1, version: 1 })])
  store.drop('1:a')
  store.drop('1:b')
  assert.deepEqual(shown(store), [4])
})

const conversation = (id, more = {}) => ({
  id,
  kind: 'customer',
  status: 'open',
  version: 1,
  unread_count: 0,
  assignee_id: null,
  last_activity_at: new Date(1e12 + id * 1000).toISOString(),
  ...more,
})

test('the list is in the order of activity, and moves when something happens', () => {
  const store = new Store()
  store.applyConversations([conversation(1), conversation(3), conversation(2)])
  assert.deepEqual(store.conversations.peek(), [3, 2, 1])
  store.applyConversations(
    [conversation(1, { version: 2, last_activity_at: new Date(1e12 + 9000).toISOString() })],
    { live: true },
  )
  assert.deepEqual(store.conversations.peek(), [1, 3, 2])
})

test('an answer asked for before a live frame does not undo the frame', () => {
  const store = new Store()
  store.applyConversations([conversation(1)])
  const asked = store.moment
  store.applyConversations([conversation(1, { status: 'closed' })], { live: true })
  store.applyConversations([conversation(1, { status: 'open' })], { asked })
  assert.equal(store.peekConversation(1).status, 'closed')
  store.applyConversations([conversation(1, { status: 'open' })], { asked: store.moment })
  assert.equal(store.peekConversation(1).status, 'open')
})

test('a frame that an answer has overtaken takes nothing back, and a newer answer is not held for an older one', () => {
  const store = new Store()
  store.applyConversations([conversation(1, { revision: 4 })])
  const asked = store.moment
  store.applyConversations([conversation(1, { revision: 6, status: 'closed' })], { asked })
  store.applyConversations([conversation(1, { revision: 5, status: 'open' })], { live: true })
  assert.equal(store.peekConversation(1).status, 'closed')
  store.applyConversations([conversation(1, { revision: 6, status: 'closed', unread_count: 0 })], {
    live: true,
  })
  store.applyConversations([conversation(1, { revision: 7, status: 'pending' })], { asked })
  assert.equal(store.peekConversation(1).status, 'pending')
})

test('a thread that was left is forgotten, what is owed excepted', () => {
  const store = new Store(ofMe)
  store.page(1, [message(1, 1, 1)], { limit: 60 })
  store.apply([mine('a')])
  store.unload(1)
  assert.deepEqual(shown(store), ['a'])
  assert.equal(store.thread(1).low, null)
})
