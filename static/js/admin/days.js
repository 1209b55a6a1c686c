// @ts-check
// Days as forms and reports have them. Pure.
import { locale } from '../core/words.js'

export const WEEK = [1, 2, 3, 4, 5, 6, 7]

/** A weekday's name, 1 is Monday. @param {number} day */
export const weekday = day =>
  new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(
    new Date(Date.UTC(2024, 0, day)),
  )

/** A report's day, which is a day of UTC wherever it is read. @param {string} day such as 2026-11-21 */
export const dayName = day =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${day}T00:00:00Z`))

/**
 * The form's values as the API has them; a day without both times is a day off.
 * @param {Record<string, string>} values
 */
export function hoursOf(values) {
  const days = WEEK.filter(day => values[`from-${day}`] && values[`to-${day}`]).map(day => ({
    day,
    from: values[`from-${day}`],
    to: values[`to-${day}`],
  }))
  return { is_on: values.is_on === 'true', time_zone: values.time_zone.trim(), days }
}

/**
 * What is wrong with a day's two times: `half`, `turned`, or nothing.
 * @param {string} from
 * @param {string} to
 */
export function dayFault(from, to) {
  if (!from !== !to) return 'half'
  return from && from >= to ? 'turned' : ''
}

/** Whether clocks somewhere go by this name. @param {string} zone */
export function isZone(zone) {
  if (/^[+-]/.test(zone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** The first day of a span that ends today, UTC. @param {number} days @param {Date} today */
export const since = (days, today) =>
  new Date(today.getTime() - (days - 1) * 86_400_000).toISOString().slice(0, 10)

/** The day after one such as 2026-11-21; nothing where it is none. @param {string} day */
export function dayAfter(day) {
  const at = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? '' : new Date(at + 86_400_000).toISOString().slice(0, 10)
}
