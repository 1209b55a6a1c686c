// @ts-check
// Times as people say them, in the page's language and the person's own time zone.
import { h } from './dom.js'
import { signal } from './signal.js'
import { locale, t } from './words.js'

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map()
/** @param {string} name @param {Intl.DateTimeFormatOptions} options @param {Date} at */
function say(name, options, at) {
  const key = locale + name
  let format = formats.get(key)
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(locale, options)))
  return format.format(at)
}

/** Rises every half minute, so that «2 min» on the screen grows older. */
export const now = signal(Date.now())
if (typeof document !== 'undefined') setInterval(() => now.set(Date.now()), 30_000)

/** @param {string | number} at */
export const clock = at => say('clock', { hour: '2-digit', minute: '2-digit' }, new Date(at))
/** @param {string | number} at */
export const full = at => say('full', { dateStyle: 'full', timeStyle: 'medium' }, new Date(at))
/** @param {string | number} at */
export const short = at => say('short', { day: 'numeric', month: 'short' }, new Date(at))

/** A day and a time, as short as can be. @param {string | number} at */
export const moment = at =>
  say(
    'moment',
    { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
    new Date(at),
  )

/** A number per calendar day, the same for two moments of one day. @param {string | number} at */
export const dayOf = at => {
  const d = new Date(at)
  return d.getFullYear() * 372 + d.getMonth() * 31 + d.getDate()
}

/** @param {string | number} at */
export function day(at) {
  const date = new Date(at),
    today = new Date()
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (dayOf(at) === dayOf(+today)) return t('time.today')
  if (dayOf(at) === dayOf(+yesterday)) return t('time.yesterday')
  const sameYear = date.getFullYear() === today.getFullYear()
  return say(
    sameYear ? 'day' : 'day-year',
    { weekday: 'long', day: 'numeric', month: 'long', year: sameYear ? undefined : 'numeric' },
    date,
  )
}

/** @param {string | number} at @param {number} [from] */
export function ago(at, from = now()) {
  const then = +new Date(at)
  const minutes = Math.max(0, Math.floor((from - then) / 60_000))
  if (minutes < 1) return t('time.now')
  if (minutes < 60) return t('time.minutes', { count: minutes })
  if (minutes < 1440) return t('time.hours', { count: Math.floor(minutes / 60) })
  if (minutes < 10_080) return t('time.days', { count: Math.floor(minutes / 1440) })
  return short(then)
}

/**
 * How long ago, growing older by itself: what it stands in is not drawn anew for that.
 * @param {string | number | (() => string | number)} at
 */
export function since(at) {
  const when = typeof at === 'function' ? at : () => at
  return h('time', { datetime: when, title: () => full(when()) }, () => ago(when()))
}

/** @param {number} seconds */
export function span(seconds) {
  if (seconds < 10) return t('time.span_seconds', { count: Math.round(seconds * 10) / 10 })
  if (seconds < 90) return t('time.span_seconds', { count: Math.round(seconds) })
  if (seconds < 5400) return t('time.span_minutes', { count: Math.round(seconds / 60) })
  if (seconds < 129_600) return t('time.span_hours', { count: Math.round(seconds / 3600) })
  return t('time.span_days', { count: Math.round(seconds / 86_400) })
}

/** 3:07 for a recording. @param {number} seconds */
export const length = seconds =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`
