// @ts-check
// Assignee, snoozing, priority and labels of a conversation, each by its picker. Fetched when somebody
// reaches for them.
import { avatar } from '../core/avatar.js'
import { h } from '../core/dom.js'
import { may, seesDashboard } from '../core/may.js'
import { openPicker } from '../core/picker.js'
import { moment } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { t } from '../core/words.js'
import { attempt, change, undoable } from './conversation_actions.js'
import { colorOf } from './label_color.js'
import { PRIORITIES } from './list_filter.js'
import { pickWhen } from './when_picker.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./team_data.js').Label} Label */
/** @typedef {import('../core/types.js').Person} Person */
/** @typedef {import('../core/types.js').Conversation['priority']} Priority */

/** Colleagues as one chooses among them: me first, then those who are there. @param {Session} session */
export function colleagues({ book, me, people: { online } }) {
  const here = online.peek()
  const people = book.people
    .peek()
    .map(each => ({
      id: each.id,
      name: each.full_name,
      username: each.username,
      avatar_url: each.avatar_url,
      isHere: here.has(each.id),
      isMe: each.id === me.id,
    }))
  return people.sort(
    (a, b) =>
      Number(b.isMe) - Number(a.isMe) || Number(b.isHere) - Number(a.isHere) || a.name.localeCompare(b.name),
  )
}

/**
 * @param {Session} session @param {HTMLElement} anchor
 * @param {number | null | undefined} now undefined where several have different ones
 * @param {(who: Person | null) => void} take
 */
export async function assigneePicker(session, anchor, now, take) {
  if (!session.book.people.peek().length) await session.book.again('people', '/users').catch(showError)
  const people = colleagues(session).map(each => ({
    id: /** @type {number | null} */ (each.id),
    name: each.isMe ? t('assign.me', { name: each.name }) : each.name,
    icon: () => avatar(each, { size: 'small' }),
    hint: each.isHere ? t('presence.here') : undefined,
    keywords: each.username,
    who: /** @type {Person | null} */ ({ id: each.id, name: each.name, avatar_url: each.avatar_url }),
  }))
  const nobody = {
    id: null,
    name: t('assign.nobody'),
    icon: () => avatar(null, { size: 'small' }),
    who: null,
  }
  openPicker({
    anchor,
    label: t('assign.to'),
    items: [...people, nobody],
    chosen: now === undefined ? [] : [now],
    onPick: each => take(each.who),
  })
}

/** @param {Session} session @param {number} id @param {Date | null} until null: until the customer writes */
export async function snooze(session, id, until) {
  const at = until?.toISOString() ?? null
  const sent = { status: 'snoozed', ...(at ? { snoozed_until: at } : {}) }
  const before = await change(session, id, { status: 'snoozed', snoozed_until: at }, sent)
  if (!before) return
  const was = before.status === 'snoozed' ? before.snoozed_until : null
  undoable(
    session,
    id,
    at ? t('snooze.done', { when: moment(at) }) : t('snooze.done_reply'),
    { status: before.status, snoozed_until: before.snoozed_until ?? null },
    { status: before.status, ...(was ? { snoozed_until: was } : {}) },
  )
}

/** @param {Session} session @param {number} id @param {HTMLElement} button */
export const snoozeMenu = (session, id, button) =>
  pickWhen(button, t('snooze.title'), at => snooze(session, id, at), [
    { id: 'reply', name: t('snooze.reply'), icon: 'reply', run: () => snooze(session, id, null) },
  ])

/** @param {Session} session @param {number} id @param {Priority} priority */
export async function setPriority(session, id, priority) {
  const before = await change(session, id, { priority }, { priority })
  if (!before) return
  const was = { priority: before.priority ?? null }
  undoable(session, id, t('priority.done', { priority: t(`priority.${priority ?? 'none'}`) }), was, was)
}

/**
 * @param {HTMLElement} anchor
 * @param {Priority | undefined} now
 * @param {(priority: Priority) => unknown} take
 */
export function priorityPicker(anchor, now, take) {
  openPicker({
    anchor,
    label: t('priority.action'),
    items: [...PRIORITIES, null].map(each => ({
      id: each,
      name: t(`priority.${each ?? 'none'}`),
      icon: () => h('span', { class: `dot ${each ?? 'none'}` }),
    })),
    chosen: now === undefined ? [] : [now ?? null],
    onPick: each => take(/** @type {Priority} */ (each.id)),
  })
}

/** @param {Session} session @param {number} id @param {HTMLElement} button */
export const priorityMenu = (session, id, button) =>
  priorityPicker(button, session.store.peekConversation(id)?.priority ?? null, each =>
    setPriority(session, id, each),
  )

/** @param {Label[]} labels */
const idsOf = labels => labels.map(each => each.id)

/**
 * Puts a label on, or takes it off; throws why not.
 * @param {Session} session
 * @param {number} id
 * @param {Label} label
 */
export async function toggleLabel(session, id, label) {
  const had = session.store.peekConversation(id)?.labels ?? []
  const isOn = had.some(each => each.id === label.id)
  const labels = isOn ? had.filter(each => each.id !== label.id) : [...had, label]
  if (!(await attempt(session, id, { labels }, { label_ids: idsOf(labels) }))) return
  const words = t(isOn ? 'label.taken' : 'label.put', { name: label.name })
  undoable(session, id, words, { labels: had }, { label_ids: idsOf(had) })
}

/**
 * All labels, open until one closes it; where there is none, who makes them.
 * @param {Session} session @param {HTMLElement} anchor @param {number[]} chosen
 * @param {(label: Label, on: boolean) => unknown} toggle
 * @param {() => void} [closed]
 */
export async function labelPicker({ book, me }, anchor, chosen, toggle, closed) {
  await book.again('labels', '/labels').catch(() => {}) // an admin may have added some since
  const all = book.labels.peek()
  if (!all.length)
    return toast(t(may(me, 'labels.manage') && seesDashboard(me) ? 'label.none_admin' : 'label.none'))
  openPicker({
    anchor,
    label: t('label.action'),
    multiple: true,
    items: all.map(each => ({
      id: each.id,
      name: each.name,
      icon: () => h('span.dot', { vars: { '--dot': colorOf(each.color) } }),
      label: each,
    })),
    chosen,
    onToggle: (each, on) => toggle(each.label, on),
    onClose: closed,
  })
}

/** @param {Session} session @param {number} id @param {HTMLElement} button */
export function labelsOf(session, id, button) {
  const has = idsOf(session.store.peekConversation(id)?.labels ?? [])
  return labelPicker(session, button, has, label => toggleLabel(session, id, label))
}
