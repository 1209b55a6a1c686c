// @ts-check
// Days as forms and reports have them. Pure.
import { locale } from '../core/words.js'

export const WEEK = [1, 2, 3, 4, 5, 6, 7]

/** A weekday's name, 1 is Monday. @param {number} day */
export const weekday = day => new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, day)))

/** The form's values as the API has them; a day without both times is a day off. @param {Record<string, string>} values */
export function hoursOf(values) {
  const days = WEEK.filter(day => values[`from-${day}`] && values[`to-${day}`]).map(day => ({ day, from: values[`from-${day}`], to: values[`to-${day}`] }))
  return { is_on: values.is_on === 'true', time_zone: values.time_zone.trim(), days }
}

/** The first day of a span that ends today, UTC. @param {number} days @param {Date} today */
export const since = (days, today) => new Date(today.getTime() - (days - 1) * 86_400_000).toISOString().slice(0, 10)
