// @ts-check
// The worst of what the numbers and channels say, in words.
import { span } from '../core/time.js'
import { t } from '../core/words.js'
import { standing } from './check.js'

/** @typedef {{tone: 'good' | 'warn' | 'bad', words: string, place: string}} Verdict */
/** @typedef {import('./types.js').Stats} Stats */
/** @typedef {import('../core/types.js').Channel} Channel */

/** A queue whose oldest message waits longer than this is not merely busy. */
export const SLOW = 60

/** @param {Stats} stats @param {Channel[]} channels @returns {Verdict} */
export const verdict = (stats, channels) =>
  ofPaused(channels) ??
  ofDeliveries(stats) ??
  ofChannels(channels) ?? { tone: 'good', words: t('board.well'), place: '' }

/** @param {Channel[]} channels @returns {Verdict | null} */
function ofPaused(channels) {
  const paused = channels.filter(each => each.state === 'paused')
  if (!paused.length) return null
  const [{ name, state_reason }] = paused
  const words = t('board.paused', { count: paused.length, name, reason: state_reason ?? '' })
  return { tone: 'bad', words, place: 'channels' }
}

/** @param {Stats} stats @returns {Verdict | null} */
function ofDeliveries(stats) {
  const waits = stats.oldest_queued_seconds ?? 0
  if (waits > SLOW)
    return { tone: 'bad', words: t('board.stuck', { span: span(waits) }), place: 'deliveries' }
  const worst = /** @type {[string, number | undefined, string][]} */ ([
    ['board.quarantined', stats.quarantined, 'deliveries'],
    ['board.unconfirmed', stats.unconfirmed, 'deliveries/unconfirmed'],
    ['board.failures', stats.delivery_failures_24h, 'deliveries/failed'],
  ]).find(([, count]) => count)
  if (!worst) return null
  const [words, count, place] = worst
  return { tone: 'warn', words: t(words, { count }), place }
}

/** @param {Channel[]} channels @returns {Verdict | null} */
function ofChannels(channels) {
  const warn = (/** @type {string} */ words) =>
    /** @type {Verdict} */ ({ tone: 'warn', words, place: 'channels' })
  if (!channels.length) return warn(t('board.no_channel'))
  for (const [is, words] of [
    ['failed', 'standing.some_failed'],
    ['unheard', 'standing.some_unheard'],
  ]) {
    const found = channels.filter(each => standing(each).is === is)
    if (found.length) return warn(t(words, { count: found.length, name: found[0].name }))
  }
  return null
}
