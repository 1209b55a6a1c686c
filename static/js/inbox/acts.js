// @ts-check
// What an agent does with a conversation: shown at once, taken back for a moment, put back if the server refuses.
import { get, patch } from '../core/api.js'
import { h } from '../core/dom.js'
import { openMenu, toast, troubled } from '../core/float.js'
import { named, t } from '../core/words.js'

/** @param {import('./session.js').Session} session @param {number} id @param {Partial<import('../core/types.js').Conversation>} shown @param {any} sent */
async function change({ store }, id, shown, sent) {
  const before = store.peekConversation(id)
  if (!before) return null
  store.applyConversations([{ ...before, ...shown }])
  try {
    const moment = store.moment
    const after = await patch(`/conversations/${id}`, sent)
    if (after?.id) store.applyConversations([after], { asked: moment })
    return before
  } catch (problem) {
    const now = store.peekConversation(id)
    if (now) store.applyConversations([{ ...now, status: before.status, assignee: before.assignee, assignee_id: before.assignee_id }])
    troubled(problem)
    return null
  }
}

/** @param {import('./session.js').Session} session @param {number} id @param {string} status */
export async function setStatus(session, id, status) {
  if (session.store.peekConversation(id)?.status === status) return
  const before = await change(session, id, { status }, { status })
  if (before) toast(t('status_act.done', { status: named('status', status) }), { action: t('common.undo'), run: () => change(session, id, { status: before.status }, { status: before.status }) })
}

/** @param {import('./session.js').Session} session @param {number} id @param {any} who a person, or null for nobody */
export async function assignTo(session, id, who) {
  const before = await change(session, id, { assignee: who, assignee_id: who?.id ?? null }, { assignee_id: who?.id ?? null })
  if (before) toast(who ? t('assign.done', { name: who.name }) : t('assign.undone'), { action: t('common.undo'), run: () => change(session, id, { assignee: before.assignee, assignee_id: before.assignee_id }, { assignee_id: before.assignee_id }) })
}

/** Chooses among colleagues: me first, then those who are there. @param {import('./session.js').Session} session @param {number} id @param {HTMLElement} button */
export async function assign(session, id, button) {
  try {
    const { items } = await get('/users', { limit: 100 })
    const now = session.store.peekConversation(id)?.assignee_id
    const here = session.online.peek()
    const people = items.map((/** @type {any} */ user) => ({ id: user.id, name: user.full_name, avatar_url: user.avatar_url }))
    people.sort((/** @type {any} */ a, /** @type {any} */ b) => Number(b.id === session.me.id) - Number(a.id === session.me.id) || Number(here.has(b.id)) - Number(here.has(a.id)) || a.name.localeCompare(b.name))
    openMenu(button, [
      { label: t('assign.nobody'), checked: now == null, run: () => assignTo(session, id, null) },
      { label: '', line: true },
      ...people.map((/** @type {any} */ who) => ({ label: who.id === session.me.id ? t('assign.me', { name: who.name }) : who.name, checked: now === who.id, hint: here.has(who.id) ? t('presence.here') : undefined, run: () => assignTo(session, id, who) })),
    ])
  } catch (problem) { troubled(problem) }
}

/** The list of shortcuts, from the same table that acts on them. @param {import('../core/keys.js').Shortcut[]} table @param {{on: boolean}} single */
export function shortcutSheet(table, single) {
  const words = (/** @type {string} */ key) => key.replace('Arrow', '').replace('Mod', /Mac|iP/.test(navigator.platform) ? '⌘' : 'Ctrl')
  const box = h('input', { type: 'checkbox', checked: single.on, onchange: () => { single.on = box.checked } })
  return [h('dl.shortcuts', ...table.flatMap(each => [h('dt', t(`keys.${each.name}`)), h('dd', ...each.keys.map(key => h('kbd', words(key))))])), h('label', box, ' ', t('keys.single'))]
}
