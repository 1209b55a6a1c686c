// @ts-check
// The workspaces that one may look after: another address, nobody works there any more, back again.
import { get, patch } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { menu } from '../core/menu.js'
import { paged } from '../core/paged.js'
import { toast } from '../core/toast.js'
import { t } from '../core/words.js'
import { BASE, pageOf } from '../core/workspace.js'
import { listTable } from './list_table.js'

/** @typedef {import('../core/types.js').WorkspaceEntry} WorkspaceEntry */

export function workspacesCard() {
  /** @type {import('../core/paged.js').Paged<WorkspaceEntry>} */
  const list = paged(() => get('/workspaces'))
  list.begin()
  return h(
    'section.card',
    h('h2', t('settings.workspaces')),
    listTable({ label: t('settings.workspaces'), list, none: h('p'), columns: columns(list.load) }),
  )
}

/** @param {() => unknown} again @returns {import('./table.js').Column<WorkspaceEntry>[]} */
const columns = again => [
  { words: t('settings.workspace_name'), of: it => h('bdi', it.name), head: true },
  { words: t('settings.address'), of: it => h('bdi.mono', pageOf(it.slug)) },
  { words: t('settings.state'), of: it => t(it.archived ? 'settings.archived' : 'settings.in_use') },
  { words: '', kind: 'acts', of: it => acts(it, again) },
]

/** @param {WorkspaceEntry} it @param {() => unknown} again */
const acts = (it, again) =>
  menu(
    h(
      'button.button.quiet',
      { type: 'button', 'aria-label': t('people.acts', { name: it.name }) },
      icon('more'),
    ),
    () => [
      { label: t('settings.change_address'), icon: 'pen', run: () => changeAddress(it, again) },
      it.archived
        ? { label: t('settings.unarchive'), icon: 'retry', run: () => archive(it, false, again) }
        : { label: t('settings.archive'), icon: 'off', danger: true, run: () => archive(it, true, again) },
    ],
  )

/** @param {WorkspaceEntry} it @param {() => unknown} again */
const changeAddress = (it, again) =>
  dialog(t('settings.change_address'), close =>
    form(
      [
        field(t('settings.address'), {
          name: 'slug',
          required: true,
          value: it.slug,
          hint: t('settings.address_hint'),
          autofocus: true,
          autocomplete: 'off',
          mono: true,
        }),
      ],
      t('common.save'),
      async ({ slug }) => {
        const { slug: now } = await patch(`/workspaces/${it.id}`, { slug: slug.trim() })
        // This page stands at the old one.
        if (BASE === pageOf(it.slug, '')) location.replace(pageOf(now, '/admin#settings'))
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {WorkspaceEntry} it @param {boolean} archived @param {() => unknown} again */
const archive = (it, archived, again) =>
  dialog(t(archived ? 'settings.archive' : 'settings.unarchive'), close =>
    form(
      [h('p', t(archived ? 'settings.archive_sure' : 'settings.unarchive_sure', { name: it.name }))],
      t(archived ? 'settings.archive' : 'settings.unarchive'),
      async () => {
        await patch(`/workspaces/${it.id}`, { archived })
        toast(t('settings.saved'), { tone: 'good' })
        again()
        close()
      },
      { cancel: () => close(), danger: archived },
    ),
  )
