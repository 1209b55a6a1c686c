// @ts-check
// Who changed what: channels, people, tokens and settings, the newest first.
import { get } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { ago, full } from '../core/time.js'
import { named, t } from '../core/words.js'

export function auditPage() {
  const rows = signal(/** @type {any[]} */ ([])), next = signal(/** @type {string | null} */ (null)), state = signal('loading')
  async function load(/** @type {string | null} */ cursor = null) {
    try {
      const answer = await get('/audit', { limit: 50, cursor })
      rows.set(cursor ? [...rows.peek(), ...answer.items] : answer.items)
      next.set(answer.next_cursor)
      state.set('ready')
    } catch (/** @type {any} */ problem) { state.set(problem.message) }
  }
  load()
  return h('div', h('header.top', h('h1', t('admin.audit'))),
    h('section.card', h('p.note-line', t('audit.about')),
      h('p.trouble', { role: 'alert', hidden: () => ['ready', 'loading'].includes(state()) }, icon('alert'), h('span', () => state())),
      h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('admin.audit') }, h('table',
        h('thead', h('tr', ...['when', 'who', 'what', 'subject', 'details'].map(name => h('th', { scope: 'col' }, t(`audit.${name}`))))),
        show(h('tbody'), () => rows().map(it => h('tr', h('td', h('time', { datetime: it.at, title: full(it.at) }, ago(it.at))), h('td', { dir: 'auto' }, it.user?.name ?? t('audit.server')), h('td', named('audit_action', it.action)), h('td.mono', it.subject), h('td.wrap', { dir: 'auto' }, wordsOf(it.details))))))),
      h('button.button', { type: 'button', hidden: () => !next(), onclick: () => load(next.peek()) }, t('common.more'))))
}

/** Names and ids in one line. @param {any} details */
export function wordsOf(details) {
  return Object.entries(details ?? {}).filter(([, value]) => value != null && value !== '').map(([name, value]) => `${name}: ${[value].flat().join(', ')}`).join(' · ')
}
