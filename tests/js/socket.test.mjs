// The link: it comes back by itself, notices a dead line, and obeys the close codes.
import assert from 'node:assert/strict'
import test from 'node:test'
import { backOff, Link } from '../../static/js/core/socket.js'

/** A world with its own clock and sockets one can look at. */
function world() {
  const it = {
    now: 0,
    sockets: [],
    timers: new Map(),
    count: 0,
    open() {
      const socket = {
        sent: [],
        readyState: 1,
        send: text => socket.sent.push(JSON.parse(text)),
        close: () => {
          socket.readyState = 3
        },
      }
      it.sockets.push(socket)
      return socket
    },
    later(work, ms) {
      it.timers.set(++it.count, { at: it.now + ms, work })
      return it.count
    },
    cancel(id) {
      it.timers.delete(id)
    },
    pass(ms) {
      const end = it.now + ms
      for (;;) {
        const due = [...it.timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0]
        if (!due) break
        it.timers.delete(due[0])
        it.now = due[1].at
        due[1].work()
      }
      it.now = end
    },
    get socket() {
      return it.sockets.at(-1)
    },
    frame(frame) {
      it.socket.onmessage({ data: JSON.stringify(frame) })
    },
  }
  return it
}
const started = greet => {
  const it = world()
  const link = new Link(it, greet)
  link.start()
  it.socket.onopen()
  return [it, link]
}
const welcome = { type: 'welcome', heartbeat_ms: 1000 }

test('the wait doubles from half a second to half a minute, and a part of it is chance', () => {
  assert.equal(backOff(0, 1), 500)
  assert.equal(backOff(0, 0), 250)
  assert.equal(backOff(3, 1), 4000)
  assert.equal(backOff(20, 1), 30_000)
})

test('nothing is sent before the welcome', () => {
  const [it, link] = started()
  assert.equal(link.send({ type: 'watch' }), false)
  it.frame(welcome)
  assert.equal(link.send({ type: 'watch' }), true)
  assert.deepEqual(it.socket.sent, [{ type: 'watch' }])
})

test('a visitor speaks first', () => {
  const [it] = started(() => ({ type: 'hello', token: null }))
  assert.deepEqual(it.socket.sent, [{ type: 'hello', token: null }])
})

test('a lost line comes back by itself, and is live again after its welcome', () => {
  const [it, link] = started()
  it.frame(welcome)
  it.socket.onclose({ code: 1012 })
  assert.equal(link.state.peek(), 'waiting')
  it.pass(500)
  assert.equal(it.sockets.length, 2)
  it.frame(welcome)
  assert.equal(link.state.peek(), 'live')
})

test('a slow session resumes at once, but not in a circle', () => {
  const [it] = started()
  it.frame(welcome)
  it.socket.onclose({ code: 4008 })
  it.pass(0)
  assert.equal(it.sockets.length, 2)
  it.socket.onclose({ code: 4008 }) // before any welcome
  it.pass(0)
  assert.equal(it.sockets.length, 2)
})

test('a session that has ended is not knocked at again', () => {
  const [it, link] = started()
  it.frame(welcome)
  it.socket.onclose({ code: 4001 })
  it.pass(100_000)
  link.hurry()
  assert.deepEqual([link.state.peek(), it.sockets.length], ['signed_out', 1])
})

test('a silent line is asked, and given up when it does not answer', () => {
  const [it, link] = started()
  it.frame(welcome)
  it.pass(1000)
  assert.deepEqual(it.socket.sent.at(-1), { type: 'ping' })
  it.frame({ type: 'pong' })
  it.pass(1000)
  assert.equal(link.state.peek(), 'live')
  it.pass(10_600)
  assert.equal(it.sockets.length, 2)
})

test('a frame of a socket that was given up is not heard', () => {
  const [it, link] = started()
  const heard = []
  link.on('chat_message', frame => heard.push(frame))
  it.frame(welcome)
  const old = it.socket
  old.onclose({ code: 1006 })
  it.pass(1000)
  old.onmessage({ data: JSON.stringify({ type: 'chat_message' }) })
  assert.equal(heard.length, 0)
})

test('a network that is back does not wait for the timer', () => {
  const [it, link] = started()
  for (let i = 0; i < 6; i++) {
    it.socket.onclose({ code: 1006 })
    it.pass(30_000)
  }
  it.socket.onclose({ code: 1006 })
  const before = it.sockets.length
  link.hurry()
  assert.equal(it.sockets.length, before + 1)
})

test('a browser that calls itself offline has a live line asked at once, and is not believed where it answers', () => {
  const [silent, dead] = started()
  silent.frame(welcome)
  dead.doubt()
  assert.deepEqual(silent.socket.sent.at(-1), { type: 'ping' })
  silent.pass(1_200)
  assert.equal(dead.state.peek(), 'waiting')
  const [there, live] = started()
  there.frame(welcome)
  live.doubt()
  there.frame({ type: 'pong' })
  there.pass(1_200)
  assert.equal(live.state.peek(), 'live')
})
