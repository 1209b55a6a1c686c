// @ts-check
// How numbers went that the server only tells as they are now: noted while the dashboard is open in this tab.
// Pure, but for the drawer they lie in.
import { BASE } from '../core/workspace.js'

/** @typedef {{at: string, count: number}} Point */

/** A note stands for this long; what is told meanwhile goes into it. */
const EVERY = 15_000
/** An hour of notes. */
const KEPT = 240
const DRAWER = `rapport.trends${BASE}`

/** @param {Point[]} points @param {number} at @param {number} count @returns {Point[]} */
export function noted(points, at, count) {
  const last = points.at(-1)
  if (last && at - Date.parse(last.at) < EVERY) return [...points.slice(0, -1), { at: last.at, count }]
  return [...points, { at: new Date(at).toISOString(), count }].slice(-KEPT)
}

/**
 * The server leaves minutes out in which nothing was written: here they are nothing.
 * @param {Point[]} points
 * @param {number} now
 * @param {number} [minutes]
 * @returns {Point[]}
 */
export function everyMinute(points, now, minutes = 60) {
  const counts = new Map(points.map(point => [Math.floor(Date.parse(point.at) / 60_000), point.count]))
  const last = Math.floor(now / 60_000)
  return Array.from({ length: minutes }, (_, i) => last - minutes + 1 + i).map(minute => ({
    at: new Date(minute * 60_000).toISOString(),
    count: counts.get(minute) ?? 0,
  }))
}

/**
 * What this tab noted before a reload, if it is not older than an hour.
 * @returns {Record<string, Point[]>}
 */
export function keptTrends() {
  try {
    /** @type {Record<string, Point[]>} */
    const all = JSON.parse(sessionStorage.getItem(DRAWER) ?? '{}')
    const since = Date.now() - EVERY * KEPT
    return Object.fromEntries(
      Object.entries(all).map(([name, points]) => [
        name,
        points.filter(point => Date.parse(point.at) > since),
      ]),
    )
  } catch {
    return {}
  }
}

/** @param {Record<string, Point[]>} all */
export function keepTrends(all) {
  try {
    sessionStorage.setItem(DRAWER, JSON.stringify(all))
  } catch {
    /* until the page is left */
  }
}
