// What of the list a page is told: what it shows, and once a fetch where too much changed to be told.
import assert from 'node:assert/strict'
import test from 'node:test'
import { bursts } from '../../static/js/inbox/counts.js'
import { ListWatch, showsOthers } from '../../static/js/inbox/list_watch.js'
import { LivePeople } from '../../static/js/inbox/live_people.js'
import { place } from '../../static/js/inbox/url_state.js'
import { flush } from '../../static/js/core/signal.js'

/** A line that keeps what was sent, and a chance that is always in the middle. */
function watched() {
  const heard = new Map()
  const sent = []
  const on = (type, each) => heard.set(type, [...(heard.get(type) ?? []), each])
  const link = { on, send: frame => sent.push(frame) }
  const list = new ListWatch(link, () => 0.5)
  const hears = frame => heard.get(frame.type)?.forEach(each => each(frame))
  return { link, list, sent, hears }
}

const shows = view => {
  place.set({ ...place.peek(), view })
  flush()
}

test('the page watches what it shows, and fetches what may have changed while it was not told', () => {
  shows('mine')
  const { list, sent, hears } = watched()
  let fetched = 0
  list.stale.add(() => fetched++)
  list.begin()
  assert.deepEqual(sent.splice(0), [
    { type: 'watch', scope: 'mine_and_unassigned', batch: true, ref: 'list' },
  ])
  shows('unassigned')
  assert.deepEqual(sent, [], 'the same is told for it')
  shows('all')
  assert.deepEqual(sent.splice(0), [{ type: 'watch', scope: 'all', batch: true, ref: 'wider' }])
  assert.equal(fetched, 0, 'not before everything is told')
  hears({ type: 'watching', scope: 'all', ref: 'wider' })
  assert.equal(fetched, 1)
  shows('waiting')
  assert.deepEqual(sent, [])
  shows('direct')
  assert.deepEqual(sent.splice(0), [{ type: 'watch', scope: 'mine_and_unassigned', batch: true }])
  hears({ type: 'close', code: 1006 })
  shows('all')
  assert.deepEqual(sent, [], 'the next welcome says it')
  assert.equal(fetched, 1)
})

test('a filter by assignee narrows what is watched as a view does', () => {
  const shown = (view, assignee) => showsOthers({ ...place.peek(), view, assignee })
  assert.equal(shown('all', ''), true)
  assert.equal(shown('all', 'me,none'), false)
  assert.equal(shown('waiting', 'me'), false)
  assert.equal(shown('all', 'me,7'), true)
  assert.equal(shown('mine', ''), false)
})

test('a list too busy to be told is fetched once, at a moment of chance within what the server says', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  shows('all')
  const { list, hears } = watched()
  let fetched = 0
  list.stale.add(() => fetched++)
  list.begin()
  for (let second = 0; second < 3; second++) hears({ type: 'list_stale', scope: 'all', within_ms: 8_000 })
  t.mock.timers.tick(3_999)
  assert.equal(fetched, 0)
  t.mock.timers.tick(1)
  assert.equal(fetched, 1)
  t.mock.timers.tick(60_000)
  assert.equal(fetched, 1, 'once for all that was said before')
  hears({ type: 'list_stale', scope: 'all', within_ms: 8_000 })
  list.begin()
  t.mock.timers.tick(60_000)
  assert.equal(fetched, 1, 'whoever comes back fetches it in any case')
})

test('who is here is told at once to whoever comes, and then what changes', () => {
  const { link, hears } = watched()
  const { online } = new LivePeople(link, 1)
  const present = (id, state = 'online') => ({ id, state })
  hears({ type: 'presence_changes', items: [present(9)] })
  hears({ type: 'presence_snapshot', users: [present(1), present(2)] })
  assert.deepEqual([...online()], [1, 2], 'who is missing is not here')
  hears({ type: 'presence_changes', items: [present(2, 'offline'), present(3)] })
  assert.deepEqual([...online()], [1, 3])
})

test('what is counted after changes rests the longer the more people do so, and begins at a moment of chance', t => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  let [counted, online] = [0, 20]
  const changed = bursts(
    () => counted++,
    250,
    3_000,
    () => online * 15,
    () => 0.5,
  )
  const busyFor = seconds => {
    for (let n = 0; n < seconds * 10; n++) {
      changed()
      t.mock.timers.tick(100)
    }
  }
  changed()
  t.mock.timers.tick(250)
  assert.equal(counted, 1, 'a small team sees it at once')
  busyFor(30)
  assert.ok(counted >= 9, `${counted}: every three seconds while it changes`)
  ;[counted, online] = [0, 2_000]
  t.mock.timers.tick(60_000)
  counted = 0
  busyFor(120)
  assert.ok(counted >= 3 && counted <= 5, `${counted} in two minutes`)
})
