// The pure parts of the dashboard: spans of time, branches, days.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'

const { casesOf, linesOf, secondsOf, spanOf, STEP_KINDS, blankStep } = await import('../../static/js/admin/steps.js')
const { hoursOf, since, weekday } = await import('../../static/js/admin/days.js')

test('a span of time is read as people write it, and written back', () => {
  for (const [text, seconds] of [['90', 90], ['30m', 1800], ['2h', 7200], ['1d 12h', 129_600], ['0', 0]]) assert.equal(secondsOf(text), seconds, text)
  for (const text of ['', 'soon', '2 hours', '-5m', '1.5h']) assert.equal(secondsOf(text), null, text)
  for (const seconds of [0, 59, 60, 3_661, 90_061]) assert.equal(secondsOf(spanOf(seconds)), seconds)
  assert.equal(spanOf(null), '')
})

test('a branch is a line a case', () => {
  const cases = [{ words: ['yes', 'yep'], go_to: 'close' }, { words: ['no'], go_to: 'ask' }]
  assert.deepEqual(casesOf(linesOf(cases)), cases)
  assert.deepEqual(casesOf('yes -> close\n\nnonsense\n → x'), [{ words: ['yes'], go_to: 'close' }])
})

test('every kind of step has a name and something to start from', async () => {
  const words = JSON.parse(await readFile(new URL('../../static/words/admin/en.json', import.meta.url)))
  for (const kind of STEP_KINDS) {
    assert.ok(words.flow_step[kind], kind)
    assert.equal(blankStep(kind).kind, kind)
  }
})

test('business hours hold the days that have both times', () => {
  const values = { is_on: 'true', time_zone: ' Europe/Madrid ', 'from-1': '09:00', 'to-1': '17:30', 'from-2': '09:00', 'to-2': '' }
  assert.deepEqual(hoursOf(values), { is_on: true, time_zone: 'Europe/Madrid', days: [{ day: 1, from: '09:00', to: '17:30' }] })
  assert.equal(weekday(1), 'Monday')
})

test('a report of seven days begins six days ago', () => {
  assert.equal(since(7, new Date('2026-11-21T23:59:00Z')), '2026-11-15')
})
