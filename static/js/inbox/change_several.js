// @ts-check
// One thing done with several conversations that were chosen by hand: in as many requests as it takes, with
// the way back.
import { post } from '../core/api.js'
import { showError, toast } from '../core/toast.js'
import { t } from '../core/words.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {Record<string, unknown>} Sent */
/** @typedef {[number[], Sent]} Group which of them, and what is done with each */
/** @typedef {{id: number, conversation?: Conversation, error?: {message: string} | null}} Changed */

/** What one request takes. */
const MOST = 100

/**
 * Those that are refused are said, the others are changed all the same.
 * @param {Session} session @param {Group[]} groups
 * @returns {Promise<boolean>} whether none was refused
 */
export async function changeSeveral(session, groups) {
  const before = asTheyWere(session, groups)
  const changed = await changeAll(session, groups)
  if (!changed) return false
  const done = changed.filter(each => !each.error).length
  const refused = changed.find(each => each.error)?.error
  if (done) offerUndo(session, before, done)
  if (refused) showError(refused)
  return !refused
}

/**
 * @param {Session} session
 * @param {Group[]} groups
 * @returns {Promise<Changed[] | null>} null where the line is away
 */
async function changeAll({ store }, groups) {
  /** @type {Changed[]} */
  const all = []
  try {
    for (const [ids, sent] of groups)
      for (let from = 0; from < ids.length; from += MOST) {
        const asked = store.moment
        const { items } = await post('/conversations/bulk', { ids: ids.slice(from, from + MOST), ...sent })
        all.push(...items)
        const come = items.flatMap((/** @type {Changed} */ each) => each.conversation ?? [])
        store.applyConversations(come, { asked })
      }
    return all
  } catch (problem) {
    showError(problem)
    return null
  }
}

/** @param {Session} session @param {Group[]} before @param {number} count */
function offerUndo(session, before, count) {
  const run = async () => {
    session.undos = session.undos.filter(each => each !== run)
    if (await changeAll(session, before)) toast(t('undo.done'))
  }
  session.undos = [...session.undos, run]
  toast(t('bulk.done', { count }), { action: t('common.undo'), run })
}

/**
 * What would make them as they are now; those that are alike go together.
 * @param {Session} session
 * @param {Group[]} groups
 * @returns {Group[]}
 */
function asTheyWere({ store }, groups) {
  /** @type {Map<string, number[]>} */
  const alike = new Map()
  for (const [ids, sent] of groups)
    for (const id of ids) {
      const it = store.peekConversation(id)
      if (!it) continue
      const key = JSON.stringify(fieldsOf(it, Object.keys(sent)))
      alike.set(key, [...(alike.get(key) ?? []), id])
    }
  return [...alike].map(([key, ids]) => [ids, JSON.parse(key)])
}

/**
 * The fields of a conversation as the server takes them.
 * @param {Conversation} it
 * @param {string[]} names
 * @returns {Sent}
 */
export function fieldsOf(it, names) {
  const until = it.status === 'snoozed' && it.snoozed_until ? { snoozed_until: it.snoozed_until } : {}
  return {
    ...(names.includes('status') ? { status: it.status, ...until } : {}),
    ...(names.includes('assignee_id') ? { assignee_id: it.assignee_id } : {}),
    ...(names.includes('team_id') ? { team_id: it.team_id ?? null } : {}),
    ...(names.includes('priority') ? { priority: it.priority ?? null } : {}),
    ...(names.includes('label_ids') ? { label_ids: (it.labels ?? []).map(each => each.id) } : {}),
  }
}

/**
 * One label put on or taken off: the server takes whole lists, so those with the same ones go together.
 * @param {Session} session @param {number[]} ids @param {number} label @param {boolean} on
 */
export function changeLabel(session, ids, label, on) {
  /** @type {Map<string, number[]>} */
  const alike = new Map()
  for (const id of ids) {
    const had = (session.store.peekConversation(id)?.labels ?? []).map(each => each.id)
    const has = on ? [...new Set([...had, label])] : had.filter(each => each !== label)
    const key = has.sort((a, b) => a - b).join()
    alike.set(key, [...(alike.get(key) ?? []), id])
  }
  /** @type {Group[]} */
  const groups = [...alike].map(([key, these]) => [
    these,
    { label_ids: key.split(',').filter(Boolean).map(Number) },
  ])
  return changeSeveral(session, groups)
}
