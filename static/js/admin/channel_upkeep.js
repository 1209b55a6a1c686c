// @ts-check
// What a channel's platform says of it: what was read back, how its webhook, its access and its number stand.
import { h, icon } from '../core/dom.js'
import { ago, moment } from '../core/time.js'
import { named, t } from '../core/words.js'
import { kindOf } from './channel_kinds.js'
import { labelOf } from './kinds.js'

/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('../core/types.js').Upkeep} Upkeep */

const SOON = 14 * 86_400_000
/** As the platform calls them; others are shown as they come. */
const QUALITIES = ['green', 'yellow', 'red']

/** @param {Channel} it */
export function upkeepOf(it) {
  const { messages, webhook, token, number } = it.upkeep ?? {}
  const lines = [
    ...recovery(it, messages ?? null),
    ...calls(webhook ?? null),
    ...access(it, token ?? null),
    ...rating(number ?? null),
  ]
  return lines.length > 0 && h('ul.upkeep', ...lines)
}

/** @param {string} words */
const line = words => h('li', h('span', { dir: 'auto' }, words))
/** @param {string} words */
const trouble = words => h('li.trouble', icon('alert'), h('span', { dir: 'auto' }, words))
/** @param {{fault: string | null}} asked */
const fault = ({ fault: why }) => (why ? [trouble(t('channels.not_asked', { fault: why }))] : [])

/** @param {Channel} it @param {Upkeep['messages']} messages */
function recovery(it, messages) {
  const { webhook, checks = [] } = kindOf(it.kind)
  if (!messages) return webhook && !checks.includes('webhook') ? [line(t('channels.no_recovery'))] : []
  const { compared_until: compared, recovered, missing } = messages
  return [
    h(
      'li',
      h('span', () => (compared ? t('channels.compared', { when: ago(compared) }) : '')),
      recovered > 0 && h('b', t('channels.recovered', { count: recovered })),
    ),
    ...(missing > 0 ? [trouble(t('channels.lost', { count: missing }))] : []),
    ...fault(messages),
  ]
}

/** @param {Upkeep['webhook']} webhook */
function calls(webhook) {
  if (!webhook) return []
  const { pending, error, error_at: at, set_at: set } = webhook
  const when = at ? moment(at) : ''
  return [
    ...(pending ? [line(t('channels.pending', { count: pending }))] : []),
    ...(error && pending ? [trouble(t('channels.delivery_error', { when, error }))] : []),
    ...(set ? [line(t('channels.webhook_set', { when: moment(set) }))] : []),
    ...fault(webhook),
  ]
}

/** @param {Channel} it @param {Upkeep['token']} token */
function access(it, token) {
  if (!token) return []
  const { expires_at: ends, data_access_expires_at: data, renewed_at: renewed, missing } = token
  const until = (/** @type {string} */ at) => (Date.parse(at) - Date.now() < SOON ? trouble : line)
  return [
    ...(ends ? [until(ends)(t('channels.token_expires', { when: moment(ends) }))] : []),
    ...(data ? [until(data)(t('channels.data_access_expires', { when: moment(data) }))] : []),
    ...(missing ? [line(t('channels.token_unknown', { name: labelOf(it.kind, missing) }))] : []),
    ...(renewed ? [line(t('channels.token_renewed', { when: moment(renewed) }))] : []),
    ...fault(token),
  ]
}

/** @param {Upkeep['number']} number */
function rating(number) {
  if (!number) return []
  const { quality, tier, verified_name: name, name_status: status } = number
  const word = quality?.toLowerCase() ?? ''
  const shown = QUALITIES.includes(word) ? named('number_quality', word) : quality
  const said = t('channels.quality_of', { quality: shown })
  const called = [name, status && `(${status})`].filter(Boolean).join(' ')
  return [
    ...(quality ? [word === 'red' ? trouble(said) : line(said)] : []),
    ...(tier ? [line(t('channels.tier', { tier: tier.replace(/^TIER_/, '') }))] : []),
    ...(called ? [line(t('channels.shown_name', { name: called }))] : []),
    ...fault(number),
  ]
}
