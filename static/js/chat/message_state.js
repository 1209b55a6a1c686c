// @ts-check
// How far a message of ours has got.
import { h, icon } from '../core/dom.js'
import { now } from '../core/time.js'
import { named, t } from '../core/words.js'

/** @typedef {import('../core/types.js').Message} Message */

const SIGN = /** @type {Record<string, string>} */ ({
  pending: 'clock',
  queued: 'clock',
  sending: 'clock',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
  played: 'checks',
  failed: 'alert',
  unconfirmed: 'question',
})
/** @param {Message} m @param {boolean} live */
export function stateMark(m, live) {
  const words = m.status === 'pending' && !live ? t('state.waiting') : named('state', m.status)
  const loud = ['pending', 'failed', 'unconfirmed'].includes(m.status)
  return [icon(SIGN[m.status] ?? 'check', loud ? undefined : words), loud && h('span', words)]
}

/** @param {Message} m */
export const needsSettling = m =>
  !m.deleted_at && (m.status === 'failed' || m.status === 'unconfirmed' || waits(m))
/** Whether it is to go later. @param {Message} m */
export const waits = m => m.status === 'queued' && !!m.send_at && +new Date(m.send_at) > now()
