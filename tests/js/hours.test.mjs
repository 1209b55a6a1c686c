// What a visitor is told of a team's hours: by the visitor's own clock, over changes of the clocks and over
// midnight.
import assert from 'node:assert/strict'
import test from 'node:test'
import { readFileSync } from 'node:fs'

process.env.TZ = 'America/Lima'
const { setWords } = await import('../../static/js/core/words.js')
const { awayWords, opening } = await import('../../static/js/widget/hours.js')
const at = text => +new Date(text)
const words = language =>
  setWords(
    language,
    JSON.parse(readFileSync(new URL(`../../static/words/widget/${language}.json`, import.meta.url), 'utf8')),
  )
const week = [1, 2, 3, 4, 5].map(day => ({ day, from: '09:00', to: '17:30' }))
const madrid = { time_zone: 'Europe/Madrid', days: week }

test('the next opening is found by the clocks of the team', () => {
  for (const [now, next, why] of [
    ['2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', 'nine on a Friday: they have just come'],
    ['2026-11-20T16:29:59Z', '2026-11-20T16:29:59Z', 'the last second'],
    ['2026-11-20T16:30:00Z', '2026-11-23T08:00:00Z', 'half past five: until Monday'],
    ['2026-11-20T07:59:00Z', '2026-11-20T08:00:00Z', 'before they come'],
    ['2026-03-28T12:00:00Z', '2026-03-30T07:00:00Z', 'the clocks go forward on the Sunday between'],
    ['2026-10-24T12:00:00Z', '2026-10-26T08:00:00Z', 'the clocks go back on the Sunday between'],
  ])
    assert.equal(new Date(opening(madrid, at(now))).toISOString().slice(0, 19) + 'Z', next, why)
})

test('a night, a whole week, a day far ahead and nobody at all', () => {
  const bar = {
    time_zone: 'Asia/Tokyo',
    days: [
      { day: 5, from: '18:00', to: '24:00' },
      { day: 6, from: '00:00', to: '03:00' },
    ],
  }
  assert.equal(
    opening(bar, at('2026-11-20T14:59:30Z')),
    at('2026-11-20T14:59:30Z'),
    'half a minute before midnight',
  )
  assert.equal(opening(bar, at('2026-11-20T15:00:00Z')), at('2026-11-20T15:00:00Z'), 'midnight itself')
  assert.equal(
    opening(bar, at('2026-11-20T18:00:00Z')),
    at('2026-11-27T09:00:00Z'),
    'three in the morning: in a week',
  )
  assert.equal(
    opening(
      { time_zone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7].map(day => ({ day, from: '00:00', to: '24:00' })) },
      at('2026-11-22T23:59:59Z'),
    ),
    at('2026-11-22T23:59:59Z'),
  )
  assert.equal(opening({ time_zone: 'UTC', days: [] }, at('2026-11-22T23:59:59Z')), null)
  const gap = { time_zone: 'Europe/Madrid', days: [{ day: 7, from: '02:30', to: '05:00' }] }
  assert.equal(
    opening(gap, at('2026-03-29T00:00:00Z')),
    at('2026-03-29T01:30:00Z'),
    'half past two is left out that night',
  )
})

test('a visitor reads it in their language and by their own clock', () => {
  words('en')
  assert.equal(awayWords(null, 0), '')
  assert.equal(awayWords(madrid, at('2026-11-20T10:00:00Z')), '')
  assert.equal(awayWords(madrid, at('2026-11-21T15:00:00Z')), "We're away. We'll be back Monday at 3:00 AM.")
  assert.equal(
    awayWords(madrid, at('2026-11-22T15:00:00Z')),
    "We're away. We'll be back tomorrow at 3:00 AM.",
  )
  assert.equal(awayWords(madrid, at('2026-11-23T06:00:00Z')), "We're away. We'll be back today at 3:00 AM.")
  assert.equal(
    awayWords({ time_zone: 'Europe/Madrid', days: [week[0]] }, at('2026-11-23T17:00:00Z')),
    "We're away. We'll be back Monday, November 30 at 3:00 AM.",
  )
  assert.equal(
    awayWords({ time_zone: 'UTC', days: [] }, at('2026-11-23T17:00:00Z')),
    "We're away right now. Leave us a message and we'll reply as soon as we can.",
  )
  assert.equal(awayWords({ time_zone: 'Moon/Sea', days: week }, at('2026-11-21T15:00:00Z')), '')
  words('pt')
  assert.match(awayWords(madrid, at('2026-11-21T15:00:00Z')), /segunda-feira.*0?3:00/)
})
