// Which channel's access ends first, and what is said of it: two weeks before, and when it is over.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { endOf, endSaid, firstToEnd } from '../../static/js/core/access_ends.js'
import { setWords } from '../../static/js/core/words.js'

setWords('en', JSON.parse(readFileSync(new URL('../../static/words/en.json', import.meta.url), 'utf8')))

const NOON = Date.parse('2026-11-30T12:00:00Z')
const inDays = days => new Date(NOON + days * 86_400_000).toISOString()
const channel = (name, expires_at, data_access_expires_at = null, state = 'active') => ({
  name,
  state,
  upkeep: { token: { expires_at, data_access_expires_at } },
})

test('the first of both ends counts', () => {
  assert.equal(endOf(channel('a', inDays(30), inDays(10))), Date.parse(inDays(10)))
  assert.equal(endOf(channel('a', null, inDays(10))), Date.parse(inDays(10)))
  assert.equal(endOf(channel('a', null)), null)
  assert.equal(endOf({ name: 'a', state: 'active' }), null, 'an older server says nothing')
})

test('it is told two weeks before, of the channel whose access ends first', () => {
  const later = channel('Later', inDays(13)),
    first = channel('First', inDays(3))
  assert.equal(firstToEnd([later, first], NOON)?.channel.name, 'First')
  assert.match(endSaid([later], NOON), /^Later: access expires /)
  assert.equal(endSaid([channel('Far', inDays(15)), channel('Never', null)], NOON), '')
  assert.equal(endSaid([channel('Off', inDays(3), null, 'off')], NOON), '')
  assert.match(endSaid([channel('Gone', inDays(-1))], NOON), /^Gone: access has expired/)
})
