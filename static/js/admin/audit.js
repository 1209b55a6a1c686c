// @ts-check
// Who changed what: channels, people, tokens and settings, the newest first.
import { get } from '../core/api.js'
import { h } from '../core/dom.js'
import { since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { weekday } from './days.js'
import { labelOf } from './kinds.js'
import { listed, listing } from './listing.js'
import { table } from './table.js'

export function auditPage() {
  const entries = listing(cursor => get('/audit', { limit: 50, cursor }))
  entries.load()
  return h(
    'div',
    h('header.top', h('h1', t('admin.audit'))),
    h(
      'section.card',
      h('p.note-line', t('audit.about')),
      listed(
        entries,
        h('p', t('audit.none')),
        table(
          t('admin.audit'),
          [
            { words: t('audit.when'), of: it => since(it.at) },
            { words: t('audit.who'), of: it => h('bdi', it.user?.name ?? t('audit.server')) },
            { words: t('audit.address'), of: it => h('bdi', it.address ?? '') },
            { words: t('audit.what'), of: it => named('audit_action', it.action) },
            { words: t('audit.subject'), of: it => subjectOf(it.subject) },
            {
              words: t('audit.details'),
              of: it => wordsOf(it.details) && h('bdi', wordsOf(it.details)),
              kind: 'wrap',
            },
          ],
          entries.rows,
        ),
      ),
    ),
  )
}

/** `channel:6` as people say it. @param {string | null} subject */
export function subjectOf(subject) {
  const [kind, id] = (subject ?? '').split(':')
  return id ? t('audit.one', { kind: named('audit_subject', kind), id }) : named('audit_subject', kind)
}

/** What stands in the details, in one line: names in words where there are some, and of a secret only that it changed. @param {any} details @returns {string} */
export function wordsOf(details) {
  return Object.entries(details ?? {})
    .map(([name, value]) => [name, valueOf(name, value)])
    .filter(([, words]) => words)
    .map(([name, words]) => `${nameOf(name)}: ${words}`)
    .join(' · ')
}

/** @param {string} name */
const nameOf = name => (t.has(`audit_detail.${name}`) ? t(`audit_detail.${name}`) : labelOf('', name))

/** Lists of values out of a closed list. */
const LISTS = /** @type {Record<string, string>} */ ({
  kind: 'channel',
  role: 'role',
  state: 'channel_state',
})
/** Of these it is only told whether they were changed. */
const UNTOLD = ['email', 'password']

/** @param {string} name @param {any} value @returns {string} */
function valueOf(name, value) {
  if (value == null || value === '') return ''
  // Their numbers, where it once said how many there were.
  if (name === 'conversations' && Array.isArray(value)) return value.map(id => `#${id}`).join(', ')
  if (Array.isArray(value))
    return value
      .map(each => (name === 'options' || name === 'credentials' ? nameOf(each) : valueOf(name, each)))
      .filter(Boolean)
      .join(', ')
  if (typeof value === 'object')
    return name === 'days' && value.day
      ? `${weekday(value.day)} ${value.from}–${value.to}`
      : `(${wordsOf(value)})`
  if (typeof value === 'boolean')
    return UNTOLD.includes(name)
      ? value
        ? t('audit_detail.changed')
        : ''
      : t(value ? 'common.yes' : 'common.no')
  if (name === 'by') return t.has(`reports.by_${value}`) ? t(`reports.by_${value}`) : value
  return name in LISTS ? named(LISTS[name], value) : String(value)
}
