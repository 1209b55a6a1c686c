// The outbox: what was sent and not acknowledged goes out again under the same id, and never twice after
// that.
import assert from 'node:assert/strict'
import test, { mock } from 'node:test'
import { Outbox } from '../../static/js/core/outbox.js'

const entry = (client_id, more = {}) => ({
  client_id,
  conversation_id: 1,
  content: `text ${client_id}`,
  attachment_ids: [],
  reply_to: null,
  created_at: `2026-11-21T00:00:0${client_id.length}Z`,
  owner: '7',
  ...more,
})
function box(...entries) {
  const kept = new Map(entries.map(each => [each.client_id, each]))
  return {
    kept,
    all: async () => [...kept.values()],
    put: async each => {
      kept.set(each.client_id, each)
    },
    remove: async id => {
      kept.delete(id)
    },
  }
}
function line() {
  const it = {
    up: true,
    sent: [],
    send: frame => {
      if (it.up) it.sent.push(frame.client_id)
      return it.up
    },
  }
  return it
}

test('what was written while the line was down goes out when it is up, in its order', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const kept = box(),
    wire = line(),
    outbox = new Outbox(kept, wire.send)
  wire.up = false
  outbox.add(entry('a'))
  outbox.add(entry('b'))
  wire.up = true
  outbox.resend()
  assert.deepEqual(wire.sent, ['a', 'b'])
  mock.timers.reset()
})

test('what the server has is not sent again and not kept', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const kept = box(),
    wire = line(),
    outbox = new Outbox(kept, wire.send)
  await outbox.add(entry('a'))
  await outbox.settle('a')
  outbox.resend()
  mock.timers.tick(60_000)
  assert.deepEqual([wire.sent, kept.kept.size], [['a'], 0])
  mock.timers.reset()
})

test('a send without an answer is tried again under its own id', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const wire = line(),
    outbox = new Outbox(box(), wire.send)
  outbox.add(entry('a'))
  mock.timers.tick(15_000)
  assert.deepEqual(wire.sent, ['a', 'a'])
  outbox.settle('a')
  mock.timers.reset()
})

test('a passing trouble is tried again; a final one is handed back once', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const kept = box(),
    wire = line(),
    outbox = new Outbox(kept, wire.send)
  outbox.add(entry('a'))
  assert.equal(outbox.refused('a', 'unavailable'), null)
  mock.timers.tick(5_000)
  assert.deepEqual(wire.sent, ['a', 'a'])
  assert.equal(outbox.refused('a', 'conflict').client_id, 'a')
  assert.equal(outbox.refused('a', 'conflict'), null)
  assert.equal(outbox.size, 0)
  mock.timers.reset()
})

test('a page that comes after takes up only its own person’s', async () => {
  const outbox = new Outbox(box(entry('bb'), entry('a'), entry('ccc', { owner: '8' })), line().send)
  assert.deepEqual(
    (await outbox.load('7')).map(each => each.client_id),
    ['a', 'bb'],
  )
})
