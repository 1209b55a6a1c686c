// @ts-check
// The dashboard: its places lie in the address after `#`, so that back, reload and a copied link lead there again.
import '../core/theme.js'
import { all, get } from '../core/api.js'
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
import { listing } from './listing.js'
import { peoplePage } from './people.js'
import { reportsPage } from './reports.js'
import { settingsPage } from './settings.js'
import { tokensPage } from './tokens.js'

leaveWhenSignedOut()
const [me] = await Promise.all([signedIn(), loadWords('admin')])

async function signedIn() {
  for (let wait = 500; ; wait = Math.min(10_000, wait * 2)) {
    try {
      const answer = await get('/me')
      return answer.user ?? answer
    } catch (/** @type {any} */ problem) {
      if (problem.status === 401) await new Promise(() => {})
      await new Promise(done => setTimeout(done, wait))
    }
  }
}

const channels = listing(async () => ({ items: await all('/channels'), next_cursor: null }))
/** @type {Record<string, [string, () => HTMLElement]>} */
const PLACES = {
  overview: ['chart', () => board(channels)],
  channels: ['plug', () => channelsPage(channels)],
  flows: ['flow', () => flowsPage(channels)],
  canned: ['bolt', () => cannedPage()],
  labels: ['tag', () => labelsPage()],
  people: ['people', () => peoplePage(me)],
  hooks: ['code', () => hooksPage()],
  tokens: ['key', () => tokensPage()],
  deliveries: ['truck', () => deliveriesPage(channels, part)],
  reports: ['file', () => reportsPage()],
  settings: ['gear', () => settingsPage()],
  audit: ['shield', () => auditPage()],
}
/** `#deliveries/failed`: a place, and what part of it. */
const read = () => {
  const [name, part = ''] = location.hash.slice(1).split('/'),
    below = location.pathname.split('/')[2]
  return Object.hasOwn(PLACES, name) ? [name, part] : [Object.hasOwn(PLACES, below) ? below : 'overview', '']
}
const place = signal(read()[0]),
  part = signal(read()[1])
addEventListener('hashchange', () => {
  part.set(read()[1])
  place.set(read()[0])
})

const main = h('main.board', { id: 'board', tabindex: '-1' })
const places = h(
  'nav.places',
  { 'aria-label': t('admin.label') },
  h('h2', t('rail.admin')),
  ...Object.entries(PLACES).map(([name, [sign]]) =>
    h(
      'a',
      { href: `#${name}`, 'aria-current': () => (place() === name ? 'page' : null) },
      icon(sign),
      t(`admin.${name}`),
    ),
  ),
)
const app = h(
  'div.admin',
  h(
    'a.skip',
    {
      href: '#board',
      onclick: (/** @type {Event} */ event) => {
        event.preventDefault()
        main.focus()
      },
    },
    t('admin.skip'),
  ),
  rail(me, 'admin'),
  me.role === 'admin' && places,
  main,
)
document.getElementById('app')?.replaceWith(app)

let leave = () => {}
if (me.role !== 'admin')
  main.replaceChildren(
    h(
      'div.empty',
      icon('shield'),
      h('h1', t('admin.only')),
      h('p', t('admin.only_next')),
      h('a.button', { href: '/' }, t('rail.inbox')),
    ),
  )
else {
  await channels.load()
  effect(() => {
    const name = place()
    untracked(() => {
      leave()
      const [made, stop] = owned(PLACES[name][1])
      leave = stop
      main.replaceChildren(made)
      main.scrollTop = 0
      // On a phone the places are a line that scrolls: where one is must be seen.
      const here = places.querySelector(`[href="#${name}"]`)
      places.scrollLeft +=
        (here?.getBoundingClientRect().left ?? 0) - (places.clientWidth - (here?.clientWidth ?? 0)) / 2
    })
    document.title = t('title.page', { page: t(`admin.${name}`) })
  })
}
flush()
document.documentElement.dataset.ready = ''
