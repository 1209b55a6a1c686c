// @ts-check
// The browsers one is signed in with, and ending what one does not know.
import { call, get } from '../core/api.js'
import { confirm } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { paged } from '../core/paged.js'
import { since } from '../core/time.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { listTable, ownView } from './list_table.js'

/** @typedef {import('./types.js').Session} Session */

export function sessionsCard() {
  /** @type {import('../core/paged.js').Paged<Session>} */
  const list = paged(cursor => get('/me/sessions', { limit: 100, cursor }))
  list.load()
  return h(
    'section.card',
    h('h2', t('tokens.sessions')),
    h('p.note-line', t('tokens.sessions_about')),
    listTable({
      label: t('tokens.sessions'),
      list,
      none: h('p', t('tokens.sessions_none')),
      view: ownView(),
      columns: columns(list.load),
    }),
    h(
      'button.button.small',
      { type: 'button', hidden: () => (list.rows()?.length ?? 0) < 2, onclick: () => end('', list.load) },
      t('tokens.end_others'),
    ),
  )
}

/** @param {() => unknown} again @returns {import('./table.js').Column<Session>[]} */
const columns = again => [
  {
    words: t('tokens.device'),
    of: it => h('bdi', it.device || '–'),
    head: true,
    kind: 'wrap',
    name: 'device',
    sort: it => it.device,
  },
  {
    words: t('tokens.address'),
    of: it => h('bdi', it.address || '–'),
    name: 'address',
    sort: it => it.address,
  },
  { words: t('tokens.signed_in'), of: it => since(it.created_at), name: 'since', sort: it => it.created_at },
  {
    words: t('tokens.column_used'),
    of: it => since(it.last_used_at),
    name: 'used',
    sort: it => it.last_used_at,
  },
  { words: '', kind: 'acts', of: it => (it.is_current ? t('tokens.this_one') : ender(it, again)) },
]

/** @param {Session} it @param {() => unknown} again */
const ender = (it, again) =>
  h(
    'button.button.small',
    {
      type: 'button',
      'aria-label': t('admin.act', { act: t('tokens.end_it'), name: it.address ?? '' }),
      onclick: () => end(`/${it.id}`, again),
    },
    t('tokens.end_it'),
  )

/** @param {string} which a path below the sessions; nothing: all but this one @param {() => unknown} again */
async function end(which, again) {
  if (!(await confirm(t('tokens.end_session'), t('tokens.end_session_sure'), t('tokens.end_it')))) return
  try {
    await call('DELETE', `/me/sessions${which}`)
    again()
  } catch (problem) {
    showError(problem)
  }
}
