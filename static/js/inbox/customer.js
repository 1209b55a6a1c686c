// @ts-check
// Changing a customer: their name, their fields, joining two of them, blocking, deleting. Fetched when somebody does.
import { get, patch, post, remove } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog } from '../core/dialog.js'
import { openMenu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { moreWords, named, t } from '../core/words.js'
import { go, NO_SEARCH, place } from './place.js'

await moreWords()

/** @param {string} name empty: a new one @param {string} value @param {(fields: any) => Promise<any>} change */
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

/** @param {import('./session.js').Session} session @param {any} it @param {(fields: any) => Promise<any>} change @param {() => any} again @param {HTMLElement} button */
export function customerMenu(session, it, change, again, button) {
  openMenu(button, [
    { label: t('customer.rename'), icon: 'pen', run: () => rename(it.id).catch(showError) },
    {
      label: t('customer.search'),
      icon: 'search',
      run: () => {
        go({ ...NO_SEARCH, who: it.id, c: innerWidth <= 768 ? null : place.peek().c })
        ;/** @type {HTMLElement | null} */ (document.querySelector('.find input'))?.focus()
      },
    },
    { label: t('customer.merge'), icon: 'people', run: () => merge(session, it, again) },
    ...partings(it, again),
    {
      label: t(it.blocked ? 'customer.unblock' : 'customer.block'),
      icon: 'shield',
      run: () => change({ blocked: !it.blocked }).catch(showError),
    },
    ...(session.me.role === 'admin'
      ? [{ label: t('customer.delete'), icon: 'trash', danger: true, run: () => erase(session, it) }]
      : []),
  ])
}

/** The newest merge, for as long as it can be undone. @param {any} it @param {() => any} again */
function partings(it, again) {
  const merged = it.merges?.[0]
  if (!merged?.undo_until || Date.parse(merged.undo_until) <= Date.now()) return []
  const label = t('customer.unmerge', { name: merged.name ?? '' })
  return [{ label, icon: 'people', run: () => part(it, merged, again).catch(showError) }]
}

/** Two customers again, after a question. @param {any} it @param {any} merged @param {() => any} again */
async function part(it, merged, again) {
  const words = t('customer.unmerge_sure', { name: merged.name ?? '' })
  if (!(await confirm(t('customer.unmerge_action'), words, t('customer.unmerge_action'), false))) return
  await post(`/customers/${it.id}/merges/${merged.id}/undo`)
  toast(t('customer.unmerged'))
  again()
}

/** Who of the web chat's visitors a customer is: proved by a site, or nobody known. @param {any} it */
function proofs(it) {
  const names = (it.identities ?? []).filter((/** @type {any} */ each) => each.kind === 'visitor')
  const proved = (/** @type {any} */ each) => each.external_id.startsWith('user:')
  return { proved: names.some(proved), unproved: names.some((/** @type {any} */ each) => !proved(each)) }
}

/**
 * The other one goes into this: looked for among the conversations.
 * @param {import('./session.js').Session} session @param {any} it @param {() => any} again
 */
const merge = (session, it, again) =>
  dialog(t('customer.merge'), close => {
    const q = signal(''),
      more = signal(false),
      found = signal(/** @type {any[]} */ ([])),
      trouble = signal('')
    let asked = 0
    async function look() {
      const mine = ++asked
      const answer = await get('/conversations', { q: q.peek(), limit: 30 }).catch(() => null)
      if (mine !== asked || !answer) return
      more.set(!!answer.next_cursor)
      const seen = new Set([it.id])
      found.set(
        answer.items.filter(
          (/** @type {any} */ each) =>
            each.customer && !seen.has(each.customer.id) && seen.add(each.customer.id),
        ),
      )
    }
    async function take(/** @type {any} */ other) {
      const [mine, theirs] = await Promise.all(
        [it, other].map(each => get(`/customers/${each.id}`).then(proofs, () => proofs(each))),
      )
      // Who proved who they are, and who did not: whoever holds the other browser would be taken for them.
      const mixed = (mine.proved && theirs.unproved) || (mine.unproved && theirs.proved)
      if (mixed && session.me.role !== 'admin') return trouble.set(t('customer.merge_admins'))
      const words = t('customer.merge_sure', {
        name: other.name ?? other.external_id,
        into: it.name ?? it.external_id ?? '',
      })
      if (
        !(await confirm(
          t('customer.merge'),
          mixed ? `${words} ${t('customer.merge_proved')}` : words,
          t('customer.merge_action'),
        ))
      )
        return
      try {
        await post(`/customers/${it.id}/merge`, { customer_id: other.id })
        close()
        toast(t('customer.merged'))
        again()
      } catch (/** @type {any} */ problem) {
        trouble.set(problem.message)
      }
    }
    const input = h('input', {
      type: 'search',
      autofocus: true,
      'aria-label': t('customer.merge_find'),
      placeholder: t('customer.merge_find'),
      oninput: () => {
        q.set(input.value.trim())
        look()
      },
    })
    look()
    return h(
      'div.form',
      h('p.hint', t('customer.merge_about')),
      h('div.field', input),
      h('p.hint', { role: 'status', hidden: () => !more() }, t('menu.more')),
      show(h('ul.choices'), () =>
        found().map(each =>
          h(
            'li',
            h(
              'button',
              { type: 'button', onclick: () => take(each.customer) },
              h(
                'span',
                h('b', { dir: 'auto' }, each.customer.name ?? each.customer.external_id),
                h('small', `${named('channel', each.channel_kind)} · ${each.customer.external_id ?? ''}`),
              ),
            ),
          ),
        ),
      ),
      h(
        'p.trouble',
        { role: 'alert', hidden: () => !trouble() },
        icon('alert'),
        h('span', () => trouble()),
      ),
    )
  })

/** @param {import('./session.js').Session} session @param {any} it */
async function erase(session, it) {
  const name = it.name || it.username || it.external_id || it.identities?.[0]?.external_id || String(it.id)
  const same = (/** @type {string} */ text) =>
    text.normalize('NFC').replace(/\s+/g, ' ').trim().toLocaleLowerCase()
  // There is no way back from it: whoever means it can say who is meant.
  const is = await dialog(t('customer.delete'), close =>
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
  session.erased(it.conversations.map((/** @type {any} */ each) => each.id))
}
