// Times as people type them, in every language the product speaks.
import assert from 'node:assert/strict'
import test from 'node:test'
import { LANGUAGES } from '../../static/js/core/words.js'
import { parseWhen } from '../../static/js/inbox/parse_when.js'

/** A Sunday, ten past ten in the evening. */
const now = new Date(2026, 10, 29, 22, 10)
const at = (text, language = 'en') => {
  const found = parseWhen(text, { now, language })
  if (!found) return null
  const two = number => String(number).padStart(2, '0')
  return `${two(found.getMonth() + 1)}-${two(found.getDate())} ${two(found.getHours())}:${two(found.getMinutes())}`
}

test('days and clocks are read as they are typed', () => {
  assert.deepEqual(
    ['thu 9', 'thursday', 'Thu 9:30', 'thu 2pm', 'fri 14h30', 'sunday', 'monday 9 am'].map(each => at(each)),
    ['12-03 09:00', '12-03 09:00', '12-03 09:30', '12-03 14:00', '12-04 14:30', '12-06 09:00', '11-30 09:00'],
  )
  assert.deepEqual(
    ['tomorrow', 'tomorrow 14', 'today 23:30', '23:30', '9', '9:15'].map(each => at(each)),
    ['11-30 09:00', '11-30 14:00', '11-29 23:30', '11-29 23:30', '11-30 09:00', '11-30 09:15'],
  )
  assert.deepEqual(
    ['dec 3', '3 dec 15', 'december 24 18:00', 'nov 1', '2026-12-24', '2026-12-24 18:00'].map(each =>
      at(each),
    ),
    ['12-03 09:00', '12-03 15:00', '12-24 18:00', '11-01 09:00', '12-24 09:00', '12-24 18:00'],
  )
})

test('lengths of time count from now', () => {
  assert.deepEqual(
    ['in 3 days', '3d', '2 h', '2h', 'in 30 minutes', '45 min', '1 week', 'in 2 weeks', '1 day 2 hours'].map(
      each => at(each),
    ),
    [
      '12-02 22:10',
      '12-02 22:10',
      '11-30 00:10',
      '11-30 00:10',
      '11-29 22:40',
      '11-29 22:55',
      '12-06 22:10',
      '12-13 22:10',
      '12-01 00:10',
    ],
  )
})

test('what is no time, or past, is none', () => {
  for (const each of ['', 'refund', 'today 9', '2020-01-01', 'feb 31', 'chi', '99:99', 'in'])
    assert.equal(at(each), null, each)
})

test('every language reads its own weekdays, months, lengths and tomorrow', () => {
  for (const language of Object.keys(LANGUAGES)) {
    const weekday = style =>
      new Intl.DateTimeFormat(language, { weekday: style }).format(new Date(2026, 11, 3))
    for (const style of ['long', 'short'])
      assert.equal(at(`${weekday(style)} 9`, language), '12-03 09:00', `${language}: ${weekday(style)}`)
    const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
    assert.equal(at(relative.format(3, 'day'), language), '12-02 22:10', relative.format(3, 'day'))
    assert.equal(at(relative.format(5, 'hour'), language), '11-30 03:10', relative.format(5, 'hour'))
    assert.equal(at(relative.format(1, 'day'), language), '11-30 09:00', relative.format(1, 'day'))
    assert.equal(at(`${relative.format(1, 'day')} 14:30`, language), '11-30 14:30', language)
    const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long' }).format(
      new Date(2026, 11, 24),
    )
    assert.equal(at(date, language), '12-24 09:00', date)
  }
  assert.equal(at('giovedì 9', 'it'), '12-03 09:00')
  assert.equal(at('giovedi 9', 'it'), '12-03 09:00')
  assert.equal(at('jue 9', 'es'), '12-03 09:00')
  assert.equal(at('qui 9', 'pt'), '12-03 09:00')
  assert.equal(at('Do 9', 'de'), '12-03 09:00')
})
