// @ts-check
// What stands in a thread, one under the other: messages, the days between them, the line above what is new,
// and what happened to the conversation meanwhile. Pure: a list of keys for the page to draw.
import { dayOf } from '../core/time.js'

/** @typedef {import('../core/types.js').Message} Message */
/**
 * What happened, as far as its place matters; `by`: whose act it was.
 * @typedef {{seq: number, at: number, by: string}} Happening
 */

export const UNREAD = 'unread'
const DAY = 'day ',
  HAPPENED = 'happened '
/** More lines of what happened than these between two messages are folded into the first of them. */
const MOST_LINES = 8
const MINUTE = 60_000

/** The day that a line is about, at noon; null: it is no day. @param {string} item */
export function dayOfItem(item) {
  if (!item.startsWith(DAY)) return null
  const day = Number(item.slice(DAY.length)) - 1
  return +new Date(Math.floor(day / 372), Math.floor((day % 372) / 31), (day % 31) + 1, 12)
}

/** The numbers of what happened, as a line says it; null: it says something else. @param {string} item */
export const happenedOfItem = item =>
  item.startsWith(HAPPENED) ? item.slice(HAPPENED.length).split(',').map(Number) : null

/** @typedef {(numbers: number[]) => boolean} IsNothing whether all is as it was before these acts of one */

/**
 * What one did within a minute is one line, if anything came of it; many lines become one that can be
 * unfolded.
 * @param {Happening[]} between what happened between two messages, in its order
 * @param {{isNothing?: IsNothing, most?: number}} [how]
 * @returns {Happening[][]}
 */
export function linesOf(between, { isNothing = () => false, most = MOST_LINES } = {}) {
  /** @type {Happening[][]} */
  const all = []
  for (const each of between) {
    const before = all.at(-1)
    if (before && before[0].by === each.by && each.at - before[0].at < MINUTE) before.push(each)
    else all.push([each])
  }
  const lines = all.filter(line => !isNothing(line.map(each => each.seq)))
  if (lines.length <= most) return lines
  const folded = lines.length - most + 1
  return [lines.slice(0, folded).flat(), ...lines.slice(folded)]
}

/**
 * The first place in a sorted list that is not before a moment.
 * @param {Happening[]} all
 * @param {number} moment
 */
function placeOf(all, moment) {
  let low = 0,
    high = all.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (all[middle].at < moment) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * @param {object} of
 * @param {string[]} of.keys all that is known, oldest first
 * @param {number} of.start @param {number} of.end what of it is in the page
 * @param {(key: string) => Message | undefined} of.messageOf
 * @param {boolean} of.isComplete it begins with the first message
 * @param {boolean} of.isAtEnd it ends with the newest message
 * @param {string | null} of.unread the first that is new
 * @param {Happening[]} of.happened by time
 * @param {IsNothing} [of.isNothing]
 */
export function itemsOf({ keys, start, end, messageOf, isComplete, isAtEnd, unread, happened, isNothing }) {
  /** @type {string[]} */
  const out = []
  let today = 0
  const put = (/** @type {string} */ item, /** @type {string | number} */ at) => {
    const day = dayOf(at)
    if (day !== today) out.push(DAY + day)
    today = day
    if (item === unread) out.push(UNREAD)
    out.push(item)
  }
  const timeOf = (/** @type {number} */ place) => Date.parse(messageOf(keys[place])?.created_at ?? '')
  let [next, last] = happened.length
    ? stretchOf(happened, { keys, start, end, timeOf, isComplete, isAtEnd })
    : [0, 0]
  const putUntil = (/** @type {number} */ moment) => {
    const from = next
    while (next < last && happened[next].at < moment) next++
    for (const line of linesOf(happened.slice(from, next), { isNothing }))
      put(HAPPENED + line.map(each => each.seq).join(), line[0].at)
  }
  for (let i = start; i < end; i++) {
    const message = messageOf(keys[i])
    if (!message || (message.seq == null && !isAtEnd)) continue
    if (next < last) putUntil(timeOf(i))
    put(keys[i], message.created_at)
  }
  if (next < last) putUntil(Infinity)
  return out
}

/**
 * What of all that happened belongs to what is in the page: nothing of a past that is not there, and nothing
 * after a stretch that does not reach the end.
 * @param {Happening[]} happened
 * @param {{keys: string[], start: number, end: number, timeOf: (place: number) => number, isComplete: boolean, isAtEnd: boolean}} of
 */
function stretchOf(happened, { keys, start, end, timeOf, isComplete, isAtEnd }) {
  if (!keys.length) return isComplete && isAtEnd ? [0, happened.length] : [0, 0]
  const isFirst = start === 0 && isComplete
  const from = isFirst ? 0 : placeOf(happened, timeOf(Math.max(0, start - 1)))
  if (end < keys.length) return [from, placeOf(happened, timeOf(end))]
  return [from, isAtEnd ? happened.length : placeOf(happened, timeOf(keys.length - 1))]
}
