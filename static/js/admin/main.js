// @ts-check
// The dashboard: its places lie in the address after `#`, so that back, reload and a copied link lead there again.
import '../core/theme.js'
import { get } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { leaveWhenSignedOut, rail } from '../core/rail.js'
import { effect, flush, owned, signal, untracked } from '../core/signal.js'
import { loadWords, t } from '../core/words.js'
import { auditPage } from './audit.js'
import { board } from './board.js'
import { cannedPage } from './canned.js'
import { channelsPage } from './channels.js'
import { deliveriesPage } from './deliveries.js'
import { flowsPage } from './flows.js'
import { hooksPage } from './hooks.js'
import { labelsPage } from './labels.js'
import { peoplePage, tokensPage } from './people.js'
import { reportsPage } from './reports.js'
import { settingsPage } from './settings.js'

leaveWhenSignedOut()
const [me] = await Promise.all([signedIn(), loadWords('admin')])

async function signedIn() {
  for (let wait = 500; ; wait = Math.min(10_000, wait * 2)) {
    try { const answer = await get('/me'); return answer.user ?? answer } catch (/** @type {any} */ problem) {
      if (problem.status === 401) await new Promise(() => {})
      await new Promise(done => setTimeout(done, wait))
    }
  }
}

const channels = signal(/** @type {import('../core/types.js').Channel[]} */ ([]))
const again = () => get('/channels').then(answer => { channels.set(answer.items ?? answer) }).catch(() => {})
/** @type {Record<string, [string, () => HTMLElement]>} */
const PLACES = {
  overview: ['chart', () => board(channels, again)],
  channels: ['plug', () => channelsPage(channels, again)],
  flows: ['flow', () => flowsPage(channels)],
  canned: ['bolt', () => cannedPage()],
  labels: ['pin', () => labelsPage()],
  people: ['people', () => peoplePage(me)],
  hooks: ['code', () => hooksPage()],
  tokens: ['key', () => tokensPage()],
  deliveries: ['truck', () => deliveriesPage(channels)],
  reports: ['chart', () => reportsPage()],
  settings: ['gear', () => settingsPage()],
  audit: ['shield', () => auditPage()],
}
const read = () => (location.hash.slice(1) in PLACES ? location.hash.slice(1) : location.pathname.split('/')[2] in PLACES ? location.pathname.split('/')[2] : 'overview')
const place = signal(read())
addEventListener('hashchange', () => place.set(read()))

const main = h('main.board', { tabindex: '-1' })
const app = h('div.admin', rail(me, 'admin'),
  me.role === 'admin' && h('nav.places', { 'aria-label': t('admin.label') }, h('h2', t('rail.admin')), ...Object.entries(PLACES).map(([name, [sign]]) => h('a', { href: `#${name}`, 'aria-current': () => (place() === name ? 'page' : null) }, icon(sign), t(`admin.${name}`)))),
  main)
document.getElementById('app')?.replaceWith(app)

let leave = () => {}
if (me.role !== 'admin') main.append(h('div.empty', icon('shield'), h('h1', t('admin.only')), h('p', t('admin.only_next')), h('a.button', { href: '/' }, t('rail.inbox'))))
else {
  await again()
  effect(() => {
    const name = place()
    untracked(() => {
      leave()
      const [made, stop] = owned(PLACES[name][1])
      leave = stop
      main.replaceChildren(made)
      main.scrollTop = 0
    })
    document.title = t('title.page', { page: t(`admin.${name}`) })
  })
}
flush()
document.documentElement.dataset.ready = ''
