// @ts-check
// For how long a platform still takes an answer: shown, never enforced, for the platform has the last word.
import { moment, now } from '../core/time.js'
import { named, t } from '../core/words.js'

const HOUR = 3_600_000,
  MINUTE = 60_000

/** @param {import('../core/types.js').Conversation | undefined} it */
export function windowWarning(it) {
  if (!it || it.kind !== 'customer' || !it.window_expires_at) return ''
  const left = +new Date(it.window_expires_at) - now()
  const channel = named('channel', it.channel_kind)
  if (left <= 0 && it.human_agent_until && +new Date(it.human_agent_until) > now())
    return t('window.human_agent', { channel, when: moment(it.human_agent_until) })
  if (left <= 0) return t('window.closed', { channel })
  if (left >= HOUR) return ''
  return t('window.closing', { channel, count: Math.max(1, Math.round(left / MINUTE)) })
}
