// @ts-check
// When somebody answers again, told from the week of a team somewhere in the world: `{time_zone, days: [{day:
// 1 (Monday) to 7, from: '09:00', to: '17:30'}]}`. Never decides whether one may write: one always may.
import { dayOf } from '../core/time.js'
import { locale, t } from '../core/words.js'

const DAY = 86_400_000

/** @typedef {{time_zone: string, days: {day: number, from: string, to: string}[]}} Hours */

/** What the clocks of a zone show, written as if it were UTC. @param {number} at @param {string} zone */
function wall(at, zone) {
  const shown = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (/** @type {string} */ name) => Number(shown.find(each => each.type === name)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}

/**
 * When the clocks of a zone show this; what a change of the clocks leaves out comes an hour later.
 * @param {number} shown
 * @param {string} zone
 */
function moment(shown, zone) {
  const near = shown - (wall(shown, zone) - shown)
  return near - (wall(near, zone) - shown)
}

/** @param {string} clock */
const minutes = clock => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/**
 * When somebody is there next: `at` itself if they are there now, null if they never are.
 * @param {Hours} hours
 * @param {number} at
 */
export function opening({ time_zone, days }, at) {
  const here = wall(at, time_zone),
    today = here - (here % DAY)
  /** @type {number | null} */
  let next = null
  for (let date = today; date <= today + 7 * DAY; date += DAY) {
    for (const each of days) {
      if (each.day !== (new Date(date).getUTCDay() || 7)) continue
      const from = moment(date + minutes(each.from) * 60_000, time_zone),
        to = moment(date + minutes(each.to) * 60_000, time_zone)
      if (from <= at && at < to) return at
      if (from > at && (next == null || from < next)) next = from
    }
  }
  return next
}

/** @param {number} next @param {number} at */
function nearness(next, at) {
  if (dayOf(next) === dayOf(at)) return 'today'
  return dayOf(next) === dayOf(at + DAY) ? 'tomorrow' : 'day'
}

/**
 * What a visitor is told while nobody is there, in their language and by their clock; nothing while somebody
 * is.
 * @param {Hours | null} hours
 * @param {number} at
 */
export function awayWords(hours, at) {
  if (!hours) return ''
  let next
  // A zone that this browser does not know: better said nothing than something wrong.
  try {
    next = opening(hours, at)
  } catch {
    return ''
  }
  if (next === at) return ''
  if (next == null) return t('widget.away')
  const say = (/** @type {Intl.DateTimeFormatOptions} */ how) =>
    new Intl.DateTimeFormat(locale, how).format(next)
  const when = nearness(next, at)
  // In a week it is the same weekday again: then the date is said, too.
  const day = say(
    next - at < 6 * DAY ? { weekday: 'long' } : { weekday: 'long', day: 'numeric', month: 'long' },
  )
  return t(`widget.away_${when}`, { day, time: say({ hour: 'numeric', minute: '2-digit' }) })
}
