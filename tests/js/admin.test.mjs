// The pure parts of the dashboard: spans of time, branches, days.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'

const { secondsOf, spanOf, stepOf, wordsOf, STEP_KINDS, blankStep } =
  await import('../../static/js/admin/flow_steps.js')
const { dayFault, dayName, hoursOf, isZone, since, weekday } = await import('../../static/js/admin/days.js')
const { everyMinute, noted } = await import('../../static/js/admin/trend.js')
const { ceiling, path } = await import('../../static/js/admin/chart.js')
const { isSite, sitesOf } = await import('../../static/js/admin/kinds.js')

test('a span of time is read as people write it, and written back', () => {
  for (const [text, seconds] of [
    ['90', 90],
    ['30m', 1800],
    ['2h', 7200],
    ['1d 12h', 129_600],
    ['0', 0],
  ])
    assert.equal(secondsOf(text), seconds, text)
  for (const text of ['', 'soon', '2 hours', '-5m', '1.5h']) assert.equal(secondsOf(text), null, text)
  for (const seconds of [0, 59, 60, 3_661, 90_061]) assert.equal(secondsOf(spanOf(seconds)), seconds)
  assert.equal(spanOf(null), '')
})

test('words are told apart by whichever comma is written', () =>
  assert.deepEqual(wordsOf('نعم، أجل, yes ,'), ['نعم', 'أجل', 'yes']))

test('every kind of step has a name and something to start from', async () => {
  const words = JSON.parse(await readFile(new URL('../../static/words/admin/en.json', import.meta.url)))
  for (const kind of STEP_KINDS) {
    assert.ok(words.flow_step[kind], kind)
    assert.equal(blankStep(kind).kind, kind)
  }
})

test('business hours hold the days that have both times', () => {
  const values = {
    is_on: 'true',
    time_zone: ' Europe/Madrid ',
    'from-1': '09:00',
    'to-1': '17:30',
    'from-2': '09:00',
    'to-2': '',
  }
  assert.deepEqual(hoursOf(values), {
    is_on: true,
    time_zone: 'Europe/Madrid',
    days: [{ day: 1, from: '09:00', to: '17:30' }],
  })
  assert.equal(weekday(1), 'Monday')
})

test('a report of seven days begins six days ago', () => {
  assert.equal(since(7, new Date('2026-11-21T23:59:00Z')), '2026-11-15')
})

test('a refusal is said at the step it names', () => {
  assert.deepEqual(stepOf('Step 2 (wait, “a”): there is no step “x: y”.'), {
    place: 1,
    words: 'there is no step “x: y”.',
  })
  assert.equal(stepOf('A flow needs at least one step.'), null)
})

test('a day has both its times in their order, or none; a time zone is one that clocks go by', () => {
  for (const [from, to, fault] of [
    ['', '', ''],
    ['09:00', '17:00', ''],
    ['09:00', '', 'half'],
    ['', '17:00', 'half'],
    ['18:00', '09:00', 'turned'],
    ['09:00', '09:00', 'turned'],
  ])
    assert.equal(dayFault(from, to), fault, `${from}-${to}`)
  for (const [zone, is] of [
    ['Europe/Madrid', true],
    ['UTC', true],
    ['Atlantis', false],
    ['', false],
    ['+02:00', false],
  ])
    assert.equal(isZone(zone), is, zone)
  assert.equal(dayName('2026-11-21'), 'Sat, Nov 21, 2026')
})

test('a site is an origin, with or without everything below it', () => {
  assert.deepEqual(sitesOf(' https://a.example/, https://*.b.example '), [
    'https://a.example',
    'https://*.b.example',
  ])
  for (const [site, is] of [
    ['https://a.example', true],
    ['http://localhost:3000', true],
    ['https://*.a.example', true],
    ['*', true],
    ['a.example', false],
    ['https://a.example/cart', false],
    ['javascript:alert(1)', false],
  ])
    assert.equal(isSite(site), is, site)
})

test('what is told within a quarter of a minute is one note, and an hour of notes is kept', () => {
  const start = Date.UTC(2026, 10, 21)
  let points = []
  for (let second = 0; second < 7_200; second += 3) points = noted(points, start + second * 1000, second)
  assert.equal(points.length, 240)
  assert.equal(points.at(-1).count, 7_197, 'the newest is what was told last')
  assert.ok(points.every((point, i) => !i || Date.parse(point.at) - Date.parse(points[i - 1].at) >= 15_000))
})

test('minutes in which nothing was written are there, as nothing', () => {
  const filled = everyMinute(
    [{ at: '2026-11-21T12:57:00.000Z', count: 22 }],
    Date.parse('2026-11-21T12:59:30Z'),
    4,
  )
  assert.deepEqual(
    filled.map(point => [point.at.slice(11, 16), point.count]),
    [
      ['12:56', 0],
      ['12:57', 22],
      ['12:58', 0],
      ['12:59', 0],
    ],
  )
})

test('a line runs from edge to edge, each point at its own time, below a round number', () => {
  const at = minute => new Date(Date.UTC(2026, 10, 21, 12, minute)).toISOString()
  assert.equal(
    path(
      [
        { at: at(0), count: 0 },
        { at: at(1), count: 4 },
        { at: at(4), count: 2 },
      ],
      4,
    ),
    'M0.0 100.0L150.0 6.0L600.0 53.0',
  )
  assert.equal(path([{ at: at(0), count: 1 }], 4), '')
  for (const [value, round] of [
    [0, 4],
    [4, 4],
    [5, 5],
    [11, 20],
    [99, 100],
    [430, 500],
  ])
    assert.equal(ceiling(value), round)
})

test('the audit log says in words what was changed, and of a secret only that it was', async () => {
  const { setWords } = await import('../../static/js/core/words.js'),
    { subjectOf, wordsOf: told } = await import('../../static/js/admin/audit_words.js')
  const read = async name =>
    JSON.parse(await readFile(new URL(`../../static/words/${name}en.json`, import.meta.url)))
  setWords('en', { ...(await read('')), ...(await read('admin/')), common: (await read('')).common })
  assert.equal(
    told({ username: null, full_name: 'Ana', email: false, role: 'admin', password: true, is_active: null }),
    'Name: Ana · Role: Admin · Password: Changed',
  )
  assert.equal(
    told({ name: null, options: [], credentials: ['access_token', 'verify_token'], state: 'off' }),
    'Credentials: Access token, Verify token · Status: Off',
  )
  assert.equal(
    told({
      undo_seconds: 5,
      business_hours: { is_on: true, time_zone: 'UTC', days: [{ day: 1, from: '09:00', to: '18:00' }] },
    }),
    'Undo send (seconds): 5 · Business hours: (Enabled: Yes · Time zone: UTC · Days: Monday 09:00–18:00)',
  )
  assert.equal(told({ conversations: [4, 17] }), 'Conversations: #4, #17')
  assert.equal(
    told({ conversations: 2 }),
    'Conversations: 2',
    'entries of an older release say how many there were',
  )
  assert.equal(
    told({
      assignee: 'Chi',
      assignee_id: 3,
      label_ids: [1],
      labels: ['Order'],
      status: 'snoozed',
      priority: 'high',
    }),
    'Assigned to: Chi · Labels: Order · Status: Snoozed · Priority: High',
    'names say more than their ids',
  )
  assert.equal(
    told({ assigned_because: 'reply', assignee_id: 3 }),
    'Reason: assigned by replying · Assigned to: 3',
  )
  assert.equal(told({ something_new: 3 }), 'something_new: 3')
  assert.equal(subjectOf('channel:6'), 'Channel 6')
  assert.equal(subjectOf('settings'), 'Settings')
})
