// @ts-check
// In one's own menu: the workspaces one is a member of, with what is unread in each, what one is asked to
// join, and a new one for those who may make one. Fetched with the menu.
import { call, get, post } from './api.js'
import { dialog } from './dialog.js'
import { field, form } from './form.js'
import { showError } from './toast.js'
import { moreWords, number, t } from './words.js'
import { pageOf, remember } from './workspace.js'

/** @typedef {import('./menu.js').MenuItem} MenuItem */
/** @typedef {import('./types.js').User} User */
/** @typedef {import('./types.js').WorkspaceEntry} WorkspaceEntry */
/** @typedef {{id: number, workspace: {slug: string, name: string}}} Offer */

/** What takes longer is left out: the menu opens without it. */
const PATIENCE = 1500

/** @param {User} me @returns {Promise<MenuItem[]>} */
export async function workspaceItems(me) {
  const isAlone = (me.memberships?.length ?? 0) < 2
  const [workspaces, acts] = await Promise.all([isAlone ? [] : list('/workspaces'), actsOf(me)])
  const own = workspaces.filter(each => each.user_id && !each.archived)
  const items = [...own.map(each => entry(each, me)), ...acts]
  return items.length ? [...items, { label: '', line: true }] : []
}

/** What one is asked to join, and a new workspace. @param {User} me @returns {Promise<MenuItem[]>} */
async function actsOf(me) {
  const offers = await list('/me/membership-offers')
  if (!offers.length && !me.can_create_workspaces) return []
  try {
    await moreWords()
  } catch {
    return [] // there is no network, and without one nothing of it can be done
  }
  const create = { label: t('workspace.new'), icon: 'plus', run: createWorkspace }
  return [...offers.flatMap(asked), ...(me.can_create_workspaces ? [create] : [])]
}

/** @param {string} path @returns {Promise<any[]>} */
const list = path =>
  get(path, {}, { signal: AbortSignal.timeout(PATIENCE) }).then(
    answer => answer.items,
    () => [],
  )

/** @param {WorkspaceEntry} it @param {User} me @returns {MenuItem} */
const entry = (it, me) => ({
  label: it.name,
  checked: it.id === me.workspace?.id,
  value: it.unread ? `${number(it.unread)}${it.unread >= 100 ? '+' : ''}` : '',
  run: () => location.assign(pageOf(it.slug)),
})

/** @param {Offer} offer @returns {MenuItem[]} */
const asked = ({ id, workspace }) => [
  {
    label: t('workspace.join', { name: workspace.name }),
    icon: 'check',
    run: () => {
      // From then on an old address names no workspace: whatever leads into one leads there.
      remember(workspace.slug)
      post(`/me/membership-offers/${id}/accept`)
        .then(() => location.assign(pageOf(workspace.slug)))
        .catch(showError)
    },
  },
  {
    label: t('workspace.decline', { name: workspace.name }),
    icon: 'close',
    run: () => call('DELETE', `/me/membership-offers/${id}`).catch(showError),
  },
]

const createWorkspace = () =>
  dialog(t('workspace.new'), close =>
    form(
      [
        field(t('workspace.name'), { name: 'name', required: true, autofocus: true, autocomplete: 'off' }),
        field(t('workspace.slug'), {
          name: 'slug',
          hint: t('workspace.slug_hint'),
          autocomplete: 'off',
          mono: true,
        }),
      ],
      t('workspace.create'),
      async ({ name, slug }) => {
        const made = await post('/workspaces', { name, slug: slug.trim() || null })
        location.assign(pageOf(made.slug))
        close()
      },
      { cancel: () => close() },
    ),
  )
