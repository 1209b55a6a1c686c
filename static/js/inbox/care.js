// @ts-check
// Sleep, priority and labels of a conversation. Fetched when somebody reaches for them.
import { openMenu } from '../core/menu.js'
import { moment } from '../core/time.js'
import { t } from '../core/words.js'
import { change, undoable } from './acts.js'
import { PRIORITIES } from './place.js'
import { chooseTime } from './writing.js'

/** @param {import('./session.js').Session} session @param {number} id @param {Date | null} until null: until the customer writes */
export async function snooze(session, id, until) {
  const at = until?.toISOString() ?? null
  const before = await change(
    session,
    id,
    { status: 'snoozed', snoozed_until: at },
    { status: 'snoozed', ...(at ? { snoozed_until: at } : {}) },
  )
  if (before)
    undoable(
      session,
      id,
      at ? t('snooze.done', { when: moment(at) }) : t('snooze.done_reply'),
      { status: before.status, snoozed_until: before.snoozed_until ?? null },
      {
        status: before.status,
        ...(before.status === 'snoozed' && before.snoozed_until
          ? { snoozed_until: before.snoozed_until }
          : {}),
      },
    )
}

/** @param {import('./session.js').Session} session @param {number} id @param {HTMLElement} button */
export const snoozeMenu = (session, id, button) =>
  chooseTime(button, t('snooze.title'), at => snooze(session, id, at), [
    { label: t('snooze.reply'), icon: 'reply', run: () => snooze(session, id, null) },
  ])

/** @param {import('./session.js').Session} session @param {number} id @param {any} priority */
export async function setPriority(session, id, priority) {
  const before = await change(session, id, { priority }, { priority })
  if (before)
    undoable(
      session,
      id,
      t('priority.done', { priority: t(`priority.${priority ?? 'none'}`) }),
      { priority: before.priority ?? null },
      { priority: before.priority ?? null },
    )
}

/** @param {import('./session.js').Session} session @param {number} id @param {HTMLElement} button */
export const priorityMenu = (session, id, button) =>
  openMenu(
    button,
    [...PRIORITIES.slice(1), null].map(each => ({
      label: t(`priority.${each ?? 'none'}`),
      checked: (session.store.peekConversation(id)?.priority ?? null) === each,
      run: () => setPriority(session, id, each),
    })),
  )

/** Puts a label on, or takes it off. @param {import('./session.js').Session} session @param {number} id @param {import('./book.js').Label} label */
export async function toggleLabel(session, id, label) {
  const had = session.store.peekConversation(id)?.labels ?? []
  const labels = had.some(each => each.id === label.id)
    ? had.filter(each => each.id !== label.id)
    : [...had, label]
  const ids = (/** @type {any[]} */ all) => all.map(each => each.id)
  const before = await change(session, id, { labels }, { label_ids: ids(labels) })
  if (before)
    undoable(
      session,
      id,
      t(labels.length > had.length ? 'label.put' : 'label.taken', { name: label.name }),
      { labels: had },
      { label_ids: ids(had) },
    )
}

/** A menu of all labels, or where they are made. @param {import('./session.js').Session} session @param {HTMLElement} button @param {(label: import('./book.js').Label) => import('../core/menu.js').MenuItem} item */
export async function labelMenu({ book, me }, button, item) {
  await book.again('labels', '/labels') // an admin may have added some since
  const all = book.labels.peek()
  openMenu(
    button,
    all.length ? all.map(item) : [{ label: t(me.role === 'admin' ? 'label.none_admin' : 'label.none') }],
  )
}

/** @param {import('./session.js').Session} session @param {number} id @param {HTMLElement} button */
export function labelsOf(session, id, button) {
  const has = (/** @type {number} */ label) =>
    !!session.store.peekConversation(id)?.labels?.some(each => each.id === label)
  return labelMenu(session, button, each => ({
    label: each.name,
    checked: has(each.id),
    run: () => toggleLabel(session, id, each),
  }))
}
