// @ts-check
// An entry of the audit log in words: what something was done to, and the details. Never a secret: of one it
// is told that it changed.
import { full } from '../core/time.js'
import { named, t } from '../core/words.js'
import { weekday } from './days.js'
import { labelOf } from './kinds.js'

/** `channel:6` as people say it. @param {string | null} subject */
export function subjectOf(subject) {
  const [kind, id] = (subject ?? '').split(':')
  return id ? t('audit.one', { kind: named('audit_subject', kind), id }) : named('audit_subject', kind)
}

/**
 * What stands in the details, in one line: names in words where there are some, and of a secret only that it
 * changed.
 * @param {Record<string, unknown> | null} details
 * @returns {string}
 */
export function wordsOf(details) {
  const all = details ?? {}
  return Object.entries(all)
    .filter(([name]) => !isNamed(name, all))
    .map(([name, value]) => [name, valueOf(name, value)])
    .filter(([, words]) => words)
    .map(([name, words]) => `${nameOf(name)}: ${words}`)
    .join(' · ')
}

/**
 * Whether an id has its name beside it, which says more.
 * @param {string} name
 * @param {Record<string, unknown>} all
 */
const isNamed = (name, all) =>
  (name.endsWith('_id') && !!all[name.slice(0, -3)]) ||
  (name.endsWith('_ids') && `${name.slice(0, -4)}s` in all)

/** @param {string} name */
const nameOf = name => (t.has(`audit_detail.${name}`) ? t(`audit_detail.${name}`) : labelOf('', name))

/** Lists of values out of a closed list. */
const LISTS = /** @type {Record<string, string>} */ ({
  kind: 'channel',
  role: 'role',
  state: 'channel_state',
  status: 'status',
  priority: 'priority',
})
/** Of these it is only told whether they were changed. */
const UNTOLD = ['email', 'password']

/** @param {string} name @param {unknown} value @returns {string} */
function valueOf(name, value) {
  if (value == null || value === '') return ''
  if (Array.isArray(value)) return listOf(name, value)
  if (typeof value === 'object') return objectOf(name, /** @type {Record<string, unknown>} */ (value))
  if (typeof value === 'boolean') return yesOrNo(name, value)
  const text = String(value)
  if (name === 'assigned_because') return named('audit_because', text)
  if (name === 'snoozed_until') return full(text)
  if (name === 'by') return t.has(`reports.by_${text}`) ? t(`reports.by_${text}`) : text
  return name in LISTS ? named(LISTS[name], text) : text
}

/** @param {string} name @param {unknown[]} values */
function listOf(name, values) {
  // Their numbers, where it once said how many there were.
  if (name === 'conversations') return values.map(id => `#${id}`).join(', ')
  const isNames = name === 'options' || name === 'credentials'
  return values
    .map(each => (isNames ? nameOf(String(each)) : valueOf(name, each)))
    .filter(Boolean)
    .join(', ')
}

/** @param {string} name @param {Record<string, unknown>} value */
const objectOf = (name, value) =>
  name === 'days' && value.day
    ? `${weekday(Number(value.day))} ${value.from}–${value.to}`
    : `(${wordsOf(value)})`

/** @param {string} name @param {boolean} value */
function yesOrNo(name, value) {
  if (!UNTOLD.includes(name)) return t(value ? 'common.yes' : 'common.no')
  return value ? t('audit_detail.changed') : ''
}
