// What the line tells of people: who looks is known to whoever asks later, and forgotten at a new following.
import assert from 'node:assert/strict'
import test from 'node:test'
import { LivePeople } from '../../static/js/inbox/live_people.js'

const ME = 1
const ADA = { id: 2, name: 'Ada' }

function line() {
  const heard = new Map()
  const people = new LivePeople({ on: (type, each) => heard.set(type, each) }, ME)
  return { people, hears: frame => heard.get(frame.type)(frame) }
}

test('who looked before anybody asked is known, and forgotten when the conversation is followed anew', () => {
  const { people, hears } = line()
  hears({ type: 'viewers', conversation_id: 7, users: [ADA] })
  assert.deepEqual(people.viewers().get(7), [ADA])
  people.forgetViewers(7)
  assert.equal(people.viewers().has(7), false)
})

test('who writes is named until they stop; oneself never is', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { people, hears } = line()
  const types = (user, is_typing = true) => hears({ type: 'typing', conversation_id: 7, user, is_typing })
  types({ id: ME, name: 'Me' })
  assert.equal(people.typing().has(7), false)
  types(ADA)
  assert.equal(people.typing().get(7).get(ADA.id), 'Ada')
  types(ADA, false)
  assert.equal(people.typing().has(7), false)
  types(ADA)
  t.mock.timers.tick(5_000)
  assert.equal(people.typing().has(7), false, 'whose line broke writes for ever')
})
