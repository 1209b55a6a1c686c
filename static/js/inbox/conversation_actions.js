// @ts-check
// What an agent does with a conversation: shown at once, taken back for a moment, put back if the server
// refuses, kept where the line is away.
import { patch, put } from '../core/api.js'
import { showError, toast } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { other } from './conversation_names.js'
import { go, place } from './url_state.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('../core/types.js').Person} Person */
/** @typedef {Partial<Conversation>} Shown how it looks from now on */
/** @typedef {Record<string, unknown>} Sent what the server is asked for */

/** So many steps back. */
const UNDOS = 20

/** The fields of `like` as `it` has them. @param {Conversation} it @param {Shown} like @returns {Shown} */
const part = (it, like) =>
  Object.fromEntries(
    Object.entries(like).map(([key]) => [key, it[/** @type {keyof Conversation} */ (key)] ?? null]),
  )

/** @param {unknown} problem */
const isOffline = problem =>
  !!problem && typeof problem === 'object' && 'code' in problem && problem.code === 'offline'

/** Whether one is done with a conversation for now. @param {Shown} shown @param {number} me */
const isFarewell = ({ status, assignee_id }, me) =>
  (!!status && status !== 'open') || (assignee_id != null && assignee_id !== me)

/**
 * Does it, or throws why not, with everything as it was.
 * @param {Session} session @param {number} id @param {Shown} shown @param {Sent} sent
 * @returns {Promise<Conversation | null>} how it was before; null where it is not here
 */
export function attempt(session, id, shown, sent) {
  const asked = perform(session, id, shown, sent)
  session.doing.add(asked)
  const over = () => session.doing.delete(asked)
  asked.then(over, over)
  return asked
}

/** @param {Session} session @param {number} id @param {Shown} shown @param {Sent} sent @returns {Promise<Conversation | null>} */
async function perform(session, id, shown, sent) {
  const { store, leaves, me, acts } = session
  const before = store.peekConversation(id)
  if (!before) return null
  session.handled(id)
  const goOn = leaves(id, isFarewell(shown, me.id))
  const act = { id, sent, shown: { ...shown }, before: { ...part(before, shown) } }
  store.applyConversations([{ ...before, ...shown }])
  // Who takes it is about to answer it.
  const stood = place.peek().c
  if (shown.assignee_id !== me.id) goOn()
  const went = place.peek().c
  // Behind what waits already, so that the last one stays the last.
  if (acts.has(id)) {
    acts.add(act)
    return before
  }
  try {
    const asked = store.moment
    const after = await patch(`/conversations/${id}`, sent)
    if (after?.id) store.applyConversations([after], { asked })
  } catch (problem) {
    if (!isOffline(problem)) {
      amend(session, id, act.before)
      // Nothing came of it: one is back where one was, unless one has gone on since.
      if (stood === id && place.peek().c === went) go({ c: id })
      throw problem
    }
    acts.add(act)
  }
  return before
}

/**
 * Does it, or says why not.
 * @param {Session} session @param {number} id @param {Shown} shown @param {Sent} sent
 * @returns {Promise<Conversation | null>} how it was before; null where nothing came of it
 */
export async function change(session, id, shown, sent) {
  try {
    return await attempt(session, id, shown, sent)
  } catch (problem) {
    showError(problem)
    return null
  }
}

/**
 * Shows some of it otherwise: as it was, or as the server has it.
 * @param {Session} session
 * @param {number} id
 * @param {Shown} some
 */
export function amend({ store }, id, some) {
  const now = store.peekConversation(id)
  if (now) store.applyConversations([{ ...now, ...some }])
}

/**
 * Says what was done and with whom, with the way back: to the conversation, too, if another one has opened
 * since.
 * @param {Session} session
 * @param {number} id
 * @param {string} words
 * @param {Shown} shown
 * @param {Sent} sent
 */
export function undoable(session, id, words, shown, sent) {
  const run = async () => {
    session.undos = session.undos.filter(each => each !== run)
    if (!(await change(session, id, shown, sent))) return
    go({ c: id })
    toast(t('undo.done'))
  }
  session.undos = [...session.undos, run].slice(-UNDOS)
  const { name } = other(session.store.peekConversation(id), session.me.id)
  toast(t('undo.of', { name, words }), { action: t('common.undo'), run })
}

/** Takes back what was done last, as soon as it is done. @param {Session} session */
export async function undoLast(session) {
  await Promise.allSettled(session.doing)
  await new Promise(done => setTimeout(done)) // then its way back is known
  const last = session.undos.at(-1)
  if (last) last()
  else toast(t('undo.none'))
}

/** @param {Session} session @param {number} id @param {string} status */
export async function setStatus(session, id, status) {
  if (session.store.peekConversation(id)?.status === status) return
  const before = await change(session, id, { status }, { status })
  if (!before) return
  const words = t('status_act.done', { status: named('status', status) })
  undoable(session, id, words, { status: before.status }, { status: before.status })
}

/** @param {Session} session @param {number} id @param {Person | null} who null for nobody */
export async function assignTo(session, id, who) {
  const assignee_id = who?.id ?? null
  const before = await change(session, id, { assignee: who, assignee_id }, { assignee_id })
  if (!before) return
  const words = who ? t('assign.done', { name: who.name ?? '' }) : t('assign.undone')
  const was = { assignee: before.assignee, assignee_id: before.assignee_id }
  undoable(session, id, words, was, { assignee_id: before.assignee_id })
}

/**
 * Chooses among colleagues: me first, then those who are there.
 * @param {Session} session
 * @param {number} id
 * @param {HTMLElement} button
 */
export function assign(session, id, button) {
  const now = session.store.peekConversation(id)?.assignee_id
  return import('./conversation_menus.js')
    .then(each => each.assigneePicker(session, button, now, who => assignTo(session, id, who)))
    .catch(showError)
}

/**
 * Not read by me any more: it leaves the conversation, and nothing reads it again until it is opened anew.
 * @param {Session} session @param {number} id @param {number | null} [from] from which message on; else the newest of theirs
 */
export async function markUnread(session, id, from = null) {
  const { store } = session
  const before = store.peekConversation(id)
  if (!before?.last_message) return
  session.unread(id)
  if (place.peek().c === id) session.stepOut()
  store.applyConversations([{ ...before, unread_count: Math.max(1, before.unread_count) }])
  try {
    const { unread_count, marked_unread } = await put(`/conversations/${id}/unread`, {
      from_seq: from ?? lastOfTheirs(session, before),
    })
    amend(session, id, { unread_count, marked_unread })
    const { name } = other(before, session.me.id)
    toast(t('undo.of', { name, words: t('unread.done') }))
  } catch (problem) {
    amend(session, id, { unread_count: before.unread_count })
    showError(problem)
  }
}

/** The newest message that is not mine, else the newest. @param {Session} session @param {Conversation} it */
function lastOfTheirs({ store, me }, it) {
  const theirs = store
    .thread(it.id)
    .order.map(key => store.peek(key))
    .findLast(
      each => each && (each.sender_type === 'customer' || each.sender?.id !== me.id) && each.seq != null,
    )
  return theirs?.seq ?? it.last_message?.seq ?? 0
}
