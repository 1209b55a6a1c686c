// @ts-check
// Roles: what somebody may do. Four come made, the others are the workspace's own.
import { call, patch, post } from '../core/api.js'
import { confirm, dialog } from '../core/dialog.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { paged } from '../core/paged.js'
import { showError, toast } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { listTable } from './list_table.js'
import { fitToSight, permissionBoxes, tickedIn } from './permission_boxes.js'
import { knowRoles, roleName, roles } from './role_names.js'

/** @typedef {import('./types.js').Role} Role */

const SIGHTS = ['everything', 'teams', 'own_and_unassigned']

export function rolesPage() {
  /** @type {import('../core/paged.js').Paged<Role>} */
  const list = paged(async () => {
    await knowRoles()
    return { items: roles.peek(), next_cursor: null }
  })
  list.load()
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.roles')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => edit(null, list.load) },
        icon('plus'),
        t('roles.new'),
      ),
    ),
    h(
      'section.card',
      h('p.note-line', t('roles.about')),
      listTable({ label: t('admin.roles'), list, none: h('p'), columns: columns(list.load) }),
    ),
  )
}

/** All there is to allow: what the admin's role does. */
const known = () => roles.peek().find(each => each.slug === 'admin')?.permissions ?? []

/** @param {() => unknown} again @returns {import('./table.js').Column<Role>[]} */
const columns = again => [
  { words: t('roles.name'), of: it => h('bdi', roleName(it)), head: true, name: 'name', sort: roleName },
  {
    words: t('roles.kind'),
    of: it => t(it.is_made ? 'roles.made' : 'roles.own'),
    name: 'kind',
    sort: it => String(it.is_made),
  },
  {
    words: t('roles.sees'),
    of: it => named('sight', it.sight),
    name: 'sees',
    sort: it => named('sight', it.sight),
  },
  { words: t('roles.allows'), of: howMuch, name: 'allows', sort: it => it.permissions.length },
  { words: '', kind: 'acts', of: it => acts(it, again) },
]

/** @param {Role} it */
const howMuch = it =>
  it.slug === 'admin'
    ? t('roles.everything')
    : t('roles.count', { count: it.permissions.length, total: known().length })

/** @param {Role} it @param {() => unknown} again */
const acts = (it, again) =>
  h(
    'span.row',
    it.slug !== 'admin' && button('pen', t('roles.edit_it', { name: roleName(it) }), () => edit(it, again)),
    !it.is_made && button('trash', t('roles.delete', { name: it.name }), () => erase(it, again)),
  )

/** @param {string} sign @param {string} words @param {() => unknown} onclick */
const button = (sign, words, onclick) =>
  h('button.button.small', { type: 'button', 'aria-label': words, onclick }, icon(sign))

/** @param {Role | null} it nothing: a new one @param {() => unknown} again */
const edit = (it, again) =>
  dialog(it ? t('roles.edit_it', { name: roleName(it) }) : t('roles.new'), close => {
    const boxes = h('div', ...permissionBoxes(known(), it?.permissions ?? []))
    return form(
      [!it?.is_made && nameField(it), sightField(it, boxes), boxes],
      t('common.save'),
      async values => {
        const permissions = tickedIn(boxes, 'permissions')
        const shown = { permissions, sight: values.sight }
        const said = it?.is_made ? shown : { name: values.name, ...shown }
        await (it ? patch(`/roles/${it.slug}`, said) : post('/roles', said))
        toast(t('roles.saved'), { tone: 'good' })
        again()
        close()
      },
      { cancel: () => close() },
    )
  })

/** @param {Role | null} it @param {HTMLElement} boxes */
function sightField(it, boxes) {
  const now = it?.sight ?? SIGHTS[0]
  const box = field(t('roles.sees'), {
    name: 'sight',
    value: now,
    hint: t('roles.sees_hint'),
    options: SIGHTS.map(each => [each, named('sight', each)]),
  })
  box.addEventListener('change', event =>
    fitToSight(boxes, /** @type {HTMLSelectElement} */ (event.target).value),
  )
  fitToSight(boxes, now)
  return box
}

/** @param {Role | null} it */
const nameField = it =>
  field(t('roles.name'), {
    name: 'name',
    required: true,
    value: it?.name ?? '',
    autofocus: true,
    autocomplete: 'off',
  })

/** @param {Role} it @param {() => unknown} again */
async function erase(it, again) {
  if (!(await confirm(t('roles.delete', { name: it.name }), t('roles.delete_sure'), t('common.delete'))))
    return
  try {
    await call('DELETE', `/roles/${it.slug}`)
    again()
  } catch (problem) {
    showError(problem)
  }
}
