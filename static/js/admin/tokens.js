// @ts-check
// The tokens programs sign in with, and the browsers one is signed in with. A token is shown once: what is
// not copied then is made anew.
import { call, get, post } from '../core/api.js'
import { confirm } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { copyable, field, form } from '../core/form.js'
import { paged } from '../core/paged.js'
import { signal } from '../core/signal.js'
import { moment, since } from '../core/time.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { listTable } from './list_table.js'
import { sessionsCard } from './sessions.js'

/** @typedef {import('./types.js').Token} Token */

/** For how many days a token may be good; 0: until somebody ends it. */
const LASTS = [0, 7, 30, 90, 365]

export function tokensPage() {
  /** @type {import('../core/paged.js').Paged<Token>} */
  const list = paged(cursor => get('/tokens', { limit: 100, cursor }))
  list.load()
  return h(
    'div',
    h('header.top', h('h1', t('admin.tokens'))),
    maker(list.load),
    h(
      'section.card',
      h('h2', t('tokens.yours')),
      listTable({
        label: t('tokens.yours'),
        list,
        none: h('p', t('tokens.none')),
        textOf: it => it.name,
        columns: columns(list.load),
      }),
    ),
    sessionsCard(),
  )
}

/** @param {() => unknown} again */
function maker(again) {
  const made = signal('')
  const box = form(
    [
      field(t('tokens.name'), {
        name: 'name',
        required: true,
        hint: t('tokens.name_hint'),
        autocomplete: 'off',
      }),
      field(t('tokens.lasts'), {
        name: 'days',
        value: '0',
        options: LASTS.map(days => [
          String(days),
          days ? t('tokens.days', { count: days }) : t('tokens.for_ever'),
        ]),
      }),
    ],
    t('tokens.make'),
    async ({ name, days }) => {
      made.set((await post('/tokens', { name: name.trim(), ...endOf(Number(days)) })).token)
      box.reset()
      again()
    },
  )
  return h(
    'section.card.narrow',
    h('p', t('tokens.about'), ' ', h('a', { href: '/docs' }, t('tokens.docs'))),
    box,
    show(h('div.form', { role: 'status', hidden: () => !made() }), () => made() && shownOnce(made())),
  )
}

/** @param {number} days */
const endOf = days => (days ? { expires_at: new Date(Date.now() + days * 86_400_000).toISOString() } : {})

/** @param {string} token */
const shownOnce = token => [
  h('p.warning', icon('alert'), h('span', t('tokens.once'))),
  copyable(t('tokens.token'), token),
  copyable(t('tokens.example'), `curl -H "Authorization: Bearer ${token}" ${location.origin}/api/v1/me`),
]

/** @param {() => unknown} again @returns {import('./table.js').Column<Token>[]} */
const columns = again => [
  {
    words: t('tokens.column_name'),
    of: it => h('bdi', it.name || '–'),
    head: true,
    name: 'name',
    sort: it => it.name,
  },
  { words: t('tokens.column_made'), of: it => since(it.created_at), name: 'made', sort: it => it.created_at },
  {
    words: t('tokens.column_used'),
    of: it => (it.last_used_at ? since(it.last_used_at) : t('tokens.never')),
    name: 'used',
    sort: it => it.last_used_at,
  },
  {
    words: t('tokens.ends'),
    of: it => (it.expires_at ? ending(it.expires_at) : t('tokens.never')),
    name: 'ends',
    sort: it => it.expires_at,
  },
  {
    words: '',
    kind: 'acts',
    of: it =>
      h(
        'span.row',
        h(
          'button.button.small',
          {
            type: 'button',
            'aria-label': t('admin.act', { act: t('tokens.end_it'), name: it.name }),
            onclick: () => end(it, again),
          },
          t('tokens.end_it'),
        ),
      ),
  },
]

/** A token that has ended says so. @param {string} at */
const ending = at =>
  h(
    'time',
    { datetime: at, class: Date.parse(at) < Date.now() ? 'bad' : '' },
    Date.parse(at) < Date.now() ? t('tokens.ended', { when: moment(at) }) : moment(at),
  )

/** @param {Token} it @param {() => unknown} again */
async function end(it, again) {
  if (!(await confirm(t('tokens.end', { name: it.name }), t('tokens.end_sure'), t('tokens.end_it')))) return
  try {
    await call('DELETE', `/tokens/${it.id}`)
    again()
  } catch (problem) {
    showError(problem)
  }
}
