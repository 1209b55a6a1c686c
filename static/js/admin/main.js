// @ts-check
// The dashboard: its pages lie in the address after `#`, so that back, reload and a copied link lead there
// again.
import '../core/theme.js'
import { endSaid } from '../core/access_ends.js'
import { all, get, statusOf } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { may, seesDashboard } from '../core/may.js'
import { paged } from '../core/paged.js'
import { leaveWhenSignedOut, rail } from '../core/rail.js'
import { computed, effect, flush, owned, untracked } from '../core/signal.js'
import { loadWords, t } from '../core/words.js'
import { ownPath } from '../core/workspace.js'
import { here } from './address.js'
import { auditPage } from './audit.js'
import { board } from './board.js'
import { cannedPage } from './canned.js'
import { knowKinds } from './channel_kinds.js'
import { channelsPage } from './channels.js'
import { deliveriesPage } from './deliveries.js'
import { flowsPage } from './flows.js'
import { hooksPage } from './hooks.js'
import { labelsPage } from './labels.js'
import { peoplePage } from './people.js'
import { reportsPage } from './reports.js'
import { rolesPage } from './roles.js'
import { settingsPage } from './settings.js'
import { teamsPage } from './teams.js'
import { tokensPage } from './tokens.js'

/** @typedef {import('../core/types.js').Channel} Channel */

leaveWhenSignedOut()
const [me] = await Promise.all([signedIn(), loadWords('admin')])

async function signedIn() {
  for (let wait = 500; ; wait = Math.min(10_000, wait * 2)) {
    try {
      const answer = await get('/me')
      return answer.user ?? answer
    } catch (problem) {
      if (statusOf(problem) === 401) await new Promise(() => {})
      await new Promise(done => setTimeout(done, wait))
    }
  }
}

/** @type {import('../core/paged.js').Paged<Channel>} */
const channels = paged(async () => {
  const [items] = await Promise.all([all('/channels'), knowKinds()])
  return { items, next_cursor: null }
})
/** Each page with its icon and what it takes. @type {Record<string, [string, string, () => HTMLElement]>} */
const ALL = {
  overview: ['chart', 'stats.see', () => board(channels)],
  channels: ['plug', 'channels.manage', () => channelsPage(channels)],
  flows: ['flow', 'flows.manage', () => flowsPage(channels)],
  canned: ['bolt', 'canned.manage', () => cannedPage()],
  labels: ['tag', 'labels.manage', () => labelsPage()],
  people: ['people', 'users.manage', () => peoplePage(me)],
  teams: ['chat', 'teams.manage', () => teamsPage()],
  roles: ['eye', 'roles.manage', () => rolesPage()],
  hooks: ['code', 'hooks.manage', () => hooksPage()],
  tokens: ['key', 'tokens.create', () => tokensPage()],
  deliveries: ['truck', 'deliveries.see', () => deliveriesPage(channels)],
  reports: ['file', 'reports.see', () => reportsPage()],
  settings: ['gear', 'settings.manage', () => settingsPage()],
  audit: ['shield', 'audit.see', () => auditPage()],
}
const PAGES = Object.fromEntries(Object.entries(ALL).filter(([, [, permission]]) => may(me, permission)))
/** The page the address names: after `#`, or below `/admin/`. */
const page = computed(() => {
  const below = ownPath().split('/')[2]
  return [here().page, below].find(name => Object.hasOwn(PAGES, name)) ?? Object.keys(PAGES)[0]
})

const main = h('main.board', { id: 'board', tabindex: '-1' })
const pages = h(
  'nav.places',
  { 'aria-label': t('admin.label') },
  h('h2', t('rail.admin')),
  ...Object.entries(PAGES).map(([name, [sign]]) =>
    h(
      'a',
      { href: `#${name}`, 'aria-current': () => (page() === name ? 'page' : null) },
      icon(sign),
      t(`admin.${name}`),
    ),
  ),
)

/** @param {Event} event */
function skip(event) {
  event.preventDefault()
  main.focus()
}

const app = h(
  'div.admin',
  h('a.skip', { href: '#board', onclick: skip }, t('admin.skip')),
  rail(me, 'admin'),
  seesDashboard(me) && pages,
  me.role === 'admin' && accessEnds(),
  main,
)
document.getElementById('app')?.replaceWith(app)

/** Above every page: a channel whose access ends soon. */
function accessEnds() {
  const said = () => endSaid(channels.rows() ?? [])
  return h(
    'div.banner',
    { role: 'status', hidden: () => !said() },
    icon('clock'),
    h('span', said),
    h('a.button.quiet.small', { href: '#channels', hidden: () => page() === 'channels' }, t('banner.mend')),
  )
}

const onlyAdmins = () =>
  h(
    'div.empty',
    icon('shield'),
    h('h1', t('admin.only')),
    h('p', t('admin.only_next')),
    h('a.button', { href: '/' }, t('rail.inbox')),
  )

let leave = () => {}
/** @param {string} name */
function enter(name) {
  leave()
  const [made, stop] = owned(PAGES[name][2])
  leave = stop
  main.replaceChildren(made)
  main.scrollTop = 0
  // On a phone the pages are a line that scrolls: where one is must be seen.
  const link = pages.querySelector(`[href="#${name}"]`)
  const middle = (pages.clientWidth - (link?.clientWidth ?? 0)) / 2
  pages.scrollLeft += (link?.getBoundingClientRect().left ?? 0) - middle
}

if (!seesDashboard(me) || !Object.keys(PAGES).length) main.replaceChildren(onlyAdmins())
else {
  await channels.load()
  effect(() => {
    const name = page()
    untracked(() => enter(name))
    document.title = t('title.page', { page: t(`admin.${name}`) })
  })
}
flush()
document.documentElement.dataset.ready = ''
