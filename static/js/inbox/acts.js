// @ts-check
// What an agent does with a conversation: shown at once, taken back for a moment, put back if the server refuses.
import { all, patch } from '../core/api.js'
import { openMenu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { go } from './place.js'

/** The fields of `like` as `it` has them. @param {any} it @param {any} like */
const part = (it, like) => Object.fromEntries(Object.keys(like).map(key => [key, it[key] ?? null]))

/** @param {import('./session.js').Session} session @param {number} id @param {Partial<import('../core/types.js').Conversation>} shown @param {any} sent */
export async function change({ store, leaves, me }, id, shown, sent) {
  const before = store.peekConversation(id)
  if (!before) return null
  const goOn = leaves(id)
  store.applyConversations([{ ...before, ...shown }])
  // Who takes it is about to answer it.
  if (shown.assignee_id !== me.id) goOn()
  try {
    const asked = store.moment
    const after = await patch(`/conversations/${id}`, sent)
    if (after?.id) store.applyConversations([after], { asked })
    return before
  } catch (problem) {
    const now = store.peekConversation(id)
    if (now) store.applyConversations([{ ...now, ...part(before, shown) }])
    showError(problem)
    return null
  }
}

/**
 * Says what was done, with the way back: to the conversation, too, if another one has opened since.
 * @param {import('./session.js').Session} session
 * @param {number} id
 * @param {string} words
 * @param {any} shown
 * @param {any} sent
 */
export const undoable = (session, id, words, shown, sent) =>
  toast(words, {
    action: t('common.undo'),
    run: async () => {
      if (await change(session, id, shown, sent)) go({ c: id })
    },
  })

/** @param {import('./session.js').Session} session @param {number} id @param {string} status */
export async function setStatus(session, id, status) {
  if (session.store.peekConversation(id)?.status === status) return
  const before = await change(session, id, { status }, { status })
  if (before)
    undoable(
      session,
      id,
      t('status_act.done', { status: named('status', status) }),
      { status: before.status },
      { status: before.status },
    )
}

/** @param {import('./session.js').Session} session @param {number} id @param {any} who a person, or null for nobody */
export async function assignTo(session, id, who) {
  const before = await change(
    session,
    id,
    { assignee: who, assignee_id: who?.id ?? null },
    { assignee_id: who?.id ?? null },
  )
  if (before)
    undoable(
      session,
      id,
      who ? t('assign.done', { name: who.name }) : t('assign.undone'),
      { assignee: before.assignee, assignee_id: before.assignee_id },
      { assignee_id: before.assignee_id },
    )
}

/** Chooses among colleagues: me first, then those who are there. @param {import('./session.js').Session} session @param {number} id @param {HTMLElement} button */
export async function assign(session, id, button) {
  try {
    const now = session.store.peekConversation(id)?.assignee_id
    openMenu(button, await assignees(session, now, who => assignTo(session, id, who)))
  } catch (problem) {
    showError(problem)
  }
}

/** @param {import('./session.js').Session} session @param {number | null | undefined} now @param {(who: any) => any} take @returns {Promise<import('../core/menu.js').MenuItem[]>} */
export async function assignees(session, now, take) {
  const items = await all('/users')
  const here = session.online.peek()
  const people = items.map((/** @type {any} */ user) => ({
    id: user.id,
    name: user.full_name,
    avatar_url: user.avatar_url,
  }))
  people.sort(
    (/** @type {any} */ a, /** @type {any} */ b) =>
      Number(b.id === session.me.id) - Number(a.id === session.me.id) ||
      Number(here.has(b.id)) - Number(here.has(a.id)) ||
      a.name.localeCompare(b.name),
  )
  return [
    {
      label: t('assign.nobody'),
      checked: now === undefined ? undefined : now == null,
      run: () => take(null),
    },
    { label: '', line: true },
    ...people.map((/** @type {any} */ who) => ({
      label: who.id === session.me.id ? t('assign.me', { name: who.name }) : who.name,
      checked: now === undefined ? undefined : now === who.id,
      hint: here.has(who.id) ? t('presence.here') : undefined,
      run: () => take(who),
    })),
  ]
}
