// @ts-check
// Who changed what: channels, people, tokens and settings, the newest first.
import { get } from '../core/api.js'
import { h } from '../core/dom.js'
import { ago, full } from '../core/time.js'
import { named, t } from '../core/words.js'
import { listed, listing } from './listing.js'
import { table } from './table.js'

export function auditPage() {
  const entries = listing(cursor => get('/audit', { limit: 50, cursor }))
  entries.load()
  return h('div', h('header.top', h('h1', t('admin.audit'))),
    h('section.card', h('p.note-line', t('audit.about')), listed(entries, h('p', t('audit.none')), table(t('admin.audit'), [
      { words: t('audit.when'), of: it => h('time', { datetime: it.at, title: full(it.at) }, ago(it.at)) },
      { words: t('audit.who'), of: it => h('bdi', it.user?.name ?? t('audit.server')) },
      { words: t('audit.what'), of: it => named('audit_action', it.action) },
      { words: t('audit.subject'), of: it => subjectOf(it.subject) },
      { words: t('audit.details'), of: it => wordsOf(it.details) && h('bdi', wordsOf(it.details)), kind: 'wrap' },
    ], entries.rows))))
}

/** `channel:6` as people say it. @param {string | null} subject */
export function subjectOf(subject) {
  const [kind, id] = (subject ?? '').split(':')
  return id ? t('audit.one', { kind: named('audit_subject', kind), id }) : named('audit_subject', kind)
}

/** What stands in the details, in one line: names in words where there are some, values as they are. @param {any} details @returns {string} */
export function wordsOf(details) {
  return Object.entries(details ?? {}).filter(([, value]) => value != null && value !== '').map(([name, value]) => `${named('audit_detail', name)}: ${valueOf(name, value)}`).join(' · ')
}

/** @param {string} name @param {any} value @returns {string} */
function valueOf(name, value) {
  if (Array.isArray(value)) return value.map(each => valueOf(name, each)).join(', ')
  if (typeof value === 'object') return `(${wordsOf(value)})`
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no')
  if (name === 'kind') return named('channel', value)
  if (name === 'role') return named('role', value)
  return String(value)
}
