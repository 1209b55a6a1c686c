// @ts-check
// What was written and how long customers waited, by day, agent or channel, as a picture, a table and a file.
import { get } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { effect, signal, untracked } from '../core/signal.js'
import { span } from '../core/time.js'
import { number, t } from '../core/words.js'
import { since } from './days.js'

const BY = ['day', 'agent', 'channel'], DAYS = [7, 30, 90, 365]

export function reportsPage() {
  const by = signal('day'), days = signal(30), lines = signal(/** @type {any[]} */ ([])), state = signal('loading')
  const query = () => ({ by: by(), from: since(days(), new Date()) })
  async function load() {
    const asked = untracked(query)
    try { const answer = await get('/reports', asked); if (answer.by === by.peek()) { lines.set(answer.items); state.set('ready') } } catch (/** @type {any} */ problem) { state.set(problem.message) }
  }
  effect(() => { by(); days(); untracked(load) })
  const pick = (/** @type {string} */ words, /** @type {any[]} */ values, /** @type {import('../core/signal.js').Signal<any>} */ chosen, /** @type {(value: any) => string} */ name) => h('div.views', { role: 'group', 'aria-label': words }, ...values.map(value => h('button', { type: 'button', 'aria-pressed': () => String(chosen() === value), onclick: () => chosen.set(value) }, name(value))))
  const most = () => Math.max(1, ...lines().map(it => it.messages_in + it.messages_out))
  return h('div', h('header.top', h('h1', t('admin.reports')), h('a.button', { download: '', href: () => `/api/v1/reports?${new URLSearchParams({ ...query(), format: 'csv' })}` }, icon('down'), t('reports.csv'))),
    h('div.row.start', pick(t('reports.by'), BY, by, value => t(`reports.by_${value}`)), pick(t('reports.days'), DAYS, days, value => t('reports.last', { count: value }))),
    h('section.card', h('p.note-line', { hidden: () => state() === 'ready' && lines().length > 0 }, () => (state() === 'ready' ? t('reports.none') : state() === 'loading' ? t('form.busy') : state())),
      h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('admin.reports'), hidden: () => !lines().length }, h('table',
        h('thead', h('tr', h('th', { scope: 'col' }, () => t(`reports.by_${by()}`)), ...['in', 'out', 'answers', 'median'].map(name => h('th', { scope: 'col' }, t(`reports.${name}`))), h('th', { scope: 'col' }, h('span.hidden-text', t('chart.picture'))))),
        show(h('tbody'), () => lines().map(it => h('tr', h('th', { scope: 'row', dir: 'auto' }, it.name), h('td', number(it.messages_in)), h('td', number(it.messages_out)), h('td', number(it.answers)), h('td', it.median_first_answer_seconds == null ? '–' : span(it.median_first_answer_seconds)),
          h('td', h('span.bar', { 'aria-hidden': 'true', vars: { '--in': String(it.messages_in / most()), '--out': String(it.messages_out / most()) } }, h('i'), h('i.out')))))))),
      h('p.note-line', t('reports.about'))))
}
