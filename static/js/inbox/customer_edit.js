// @ts-check
// Changing a customer: their name, their fields, joining two of them, blocking, deleting. Fetched when
// somebody does.
import { get, patch, post, remove } from '../core/api.js'
import { h } from '../core/dom.js'
import { confirm, dialog } from '../core/dialog.js'
import { openMenu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { may } from '../core/may.js'
import { stylesheet } from '../core/stylesheet.js'
import { moreWords, t } from '../core/words.js'
import { go, NO_SEARCH, place } from './url_state.js'

await Promise.all([moreWords(), stylesheet('inbox_dialogs')])

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./customer_details.js').Customer} Customer */
/** @typedef {import('./customer_details.js').Change} Change */

/** @param {string} name empty: a new one @param {string} value @param {Change} change */
export const editField = (name, value, change) =>
  dialog(t(name ? 'customer.field_edit' : 'customer.field_add'), close =>
    form(
      [
        field(t('customer.field_name'), {
          name: 'name',
          required: true,
          value: name,
          autofocus: !name,
          autocomplete: 'off',
        }),
        field(t('customer.field_value'), { name: 'value', value, autofocus: !!name, autocomplete: 'off' }),
      ],
      t('common.save'),
      async values => {
        const now = values.name.trim()
        await change({
          custom_fields: {
            ...(name && name !== now ? { [name]: null } : {}),
            [now]: values.value.trim() || null,
          },
        })
        close()
      },
      { cancel: () => close() },
    ),
  )

/** What the team calls a customer; nothing, or their own name, takes it back. @param {number} id */
export async function rename(id) {
  const it = await get(`/customers/${id}`)
  await dialog(
    t('customer.rename'),
    close =>
      form(
        [
          field(t('customer.rename_name'), {
            name: 'name',
            value: it.name ?? '',
            autofocus: true,
            autocomplete: 'off',
            hint: it.own_name
              ? t('customer.rename_hint', { name: it.own_name })
              : t('customer.rename_hint_none'),
          }),
        ],
        t('common.save'),
        async values => {
          const name = values.name.trim()
          await patch(`/customers/${id}`, { name: name && name !== it.own_name ? name : null })
          close()
        },
        { cancel: () => close() },
      ),
    'bare',
  )
}

/**
 * @param {Session} session
 * @param {Customer} it
 * @param {Change} change
 * @param {() => unknown} again
 * @param {HTMLElement} button
 */
export function customerMenu(session, it, change, again, button) {
  const allowed = (
    /** @type {string} */ permission,
    /** @type {import('../core/menu.js').MenuItem[]} */ items,
  ) => (may(session.me, permission) ? items : [])
  openMenu(button, [
    ...allowed('customers.edit', [
      { label: t('customer.rename'), icon: 'pen', run: () => rename(it.id).catch(showError) },
    ]),
    {
      label: t('customer.search'),
      icon: 'search',
      run: () => {
        go({ ...NO_SEARCH, who: it.id, c: innerWidth <= 768 ? null : place.peek().c })
        ;/** @type {HTMLElement | null} */ (document.querySelector('.find input'))?.focus()
      },
    },
    ...allowed('customers.merge', [
      { label: t('customer.merge'), icon: 'people', run: () => merging(session, it, again) },
      ...partings(it, again),
    ]),
    ...visits(session, it),
    ...allowed('customers.block', [
      {
        label: t(it.blocked ? 'customer.unblock' : 'customer.block'),
        icon: 'shield',
        run: () => change({ blocked: !it.blocked }).catch(showError),
      },
    ]),
    ...allowed('customers.erase', [
      { label: t('customer.delete'), icon: 'trash', danger: true, run: () => erase(session, it) },
    ]),
  ])
}

/**
 * Joining two customers comes with its code when somebody does.
 * @param {Session} session
 * @param {Customer} it
 * @param {() => unknown} again
 */
const merging = (session, it, again) =>
  import('./customer_merge.js').then(each => each.merge(session, it, again)).catch(showError)

/** The newest merge, for as long as it can be undone. @param {Customer} it @param {() => unknown} again */
function partings(it, again) {
  const merged = it.merges?.[0]
  if (!merged?.undo_until || Date.parse(merged.undo_until) <= Date.now()) return []
  const label = t('customer.unmerge', { name: merged.name ?? '' })
  return [{ label, icon: 'people', run: () => part(it, merged, again).catch(showError) }]
}

/**
 * Two customers again, after a question.
 * @param {Customer} it
 * @param {import('./customer_details.js').Merge} merged
 * @param {() => unknown} again
 */
async function part(it, merged, again) {
  const words = t('customer.unmerge_sure', { name: merged.name ?? '' })
  if (!(await confirm(t('customer.unmerge_action'), words, t('customer.unmerge_action'), false))) return
  await post(`/customers/${it.id}/merges/${merged.id}/undo`)
  toast(t('customer.unmerged'))
  again()
}

/** For a browser that is lost or others'. @param {Session} session @param {Customer} it */
function visits({ me }, it) {
  const hasVisits = it.identities.some(each => each.kind === 'visitor')
  if (!may(me, 'customers.edit') || !hasVisits) return []
  return [{ label: t('customer.end_visits'), icon: 'globe', run: () => endVisits(it).catch(showError) }]
}

/** @param {Customer} it */
async function endVisits(it) {
  const action = t('customer.end_visits_action')
  if (!(await confirm(t('customer.end_visits'), t('customer.end_visits_sure'), action))) return
  await post(`/customers/${it.id}/end-visits`)
  toast(t('customer.visits_ended'))
}

/** @param {Session} session @param {Customer} it */
async function erase(session, it) {
  const name = it.name || it.username || it.external_id || it.identities?.[0]?.external_id || String(it.id)
  const same = (/** @type {string} */ text) =>
    text.normalize('NFC').replace(/\s+/g, ' ').trim().toLocaleLowerCase()
  // There is no way back from it: whoever means it can say who is meant.
  const is = await dialog(t('customer.delete'), (/** @type {(is?: boolean) => void} */ close) =>
    form(
      [
        h('p', t('customer.delete_sure', { name })),
        field(t('erase.type', { name }), {
          name: 'typed',
          required: true,
          autocomplete: 'off',
          autofocus: true,
        }),
      ],
      t('customer.delete_action'),
      async ({ typed }) => {
        if (same(typed) !== same(name))
          throw Object.assign(new Error(), { fields: { typed: t('erase.differs', { name }) } })
        await remove(`/customers/${it.id}`)
        close(true)
      },
      { cancel: () => close(), danger: true },
    ),
  )
  if (!is) return
  go({ c: null })
  session.erased(it.conversations.map(each => each.id))
}
