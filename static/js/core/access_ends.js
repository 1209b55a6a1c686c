// @ts-check
// A channel whose access ends soon: which one it is, and how that is said. Told to those who can do something
// about it, on every page, two weeks before.
import { moment } from './time.js'
import { t } from './words.js'

/** @typedef {import('./types.js').Channel} Channel */

const SOON = 14 * 86_400_000

/**
 * When a channel's access ends: its token, or the access to people's data, whichever is first.
 * @param {Channel} channel
 */
export function endOf({ upkeep }) {
  const token = upkeep?.token
  const ends = [token?.expires_at, token?.data_access_expires_at].filter(at => at != null)
  return ends.length ? ends.map(at => Date.parse(at)).sort((a, b) => a - b)[0] : null
}

/**
 * The channel whose access ends first, if that is soon.
 * @param {Channel[]} channels @param {number} [now]
 */
export function firstToEnd(channels, now = Date.now()) {
  const ending = channels
    .filter(each => each.state !== 'off')
    .map(channel => ({ channel, at: endOf(channel) ?? Infinity }))
    .filter(({ at }) => at - now < SOON)
    .sort((a, b) => a.at - b.at)
  return ending[0] ?? null
}

/** What is said of it; nothing: none ends soon. @param {Channel[]} channels @param {number} [now] */
export function endSaid(channels, now = Date.now()) {
  const first = firstToEnd(channels, now)
  if (!first) return ''
  const { name } = first.channel
  return first.at <= now
    ? t('banner.access_ended', { name })
    : t('banner.access_ends', { name, when: moment(first.at) })
}
