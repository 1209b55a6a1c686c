// @ts-check
// What is done with a conversation now and then, as the menu in its header. Fetched when somebody opens it.
import { keyWords } from '../core/key_words.js'
import { may } from '../core/may.js'
import { keyFor } from '../core/shortcuts.js'
import { showError } from '../core/toast.js'
import { moreWords, named, t } from '../core/words.js'
import { assign, setStatus } from './conversation_actions.js'
import { followItems } from './follow_remind.js'

await moreWords()

/** @typedef {import('./session.js').Session} Session */

/** @param {(each: typeof import('./conversation_menus.js')) => unknown} work */
const care = work => () => {
  import('./conversation_menus.js').then(work).catch(showError)
}
const line = { label: '', line: true }
/** The key that does the same. @param {string} name */
const hint = name => keyWords(keyFor(name) ?? '')

/**
 * @param {Session} session
 * @param {number} id
 * @param {HTMLElement} button
 * @param {boolean} isDirect
 * @returns {import('../core/menu.js').MenuItem[]}
 */
export const moreItems = (session, id, button, isDirect) => [
  ...(isDirect ? [] : careItems(session, id, button)),
  ...followItems(session, id, button),
  ...transcriptItems(session, id),
  ...(isDirect || !may(session.me, 'conversations.close') ? [] : statusItems(session, id)),
]

/** @param {Session} session @param {number} id @param {HTMLElement} button */
const careItems = (session, id, button) =>
  /** @type {[string, () => import('../core/menu.js').MenuItem[]][]} */ ([
    ['conversations.assign', () => handItems(session, id, button)],
    ['conversations.close', () => [snoozeItem(session, id, button)]],
    ['conversations.label', () => labelItems(session, id, button)],
    ['direct.write', () => [askItem(session, id)]],
  ]).flatMap(([permission, items]) => (may(session.me, permission) ? items() : []))

/** @param {Session} session @param {number} id @param {HTMLElement} button */
const handItems = (session, id, button) => [
  ...assignItem(session, id, button),
  {
    label: t('team.action'),
    icon: 'people',
    run: () =>
      import('./conversation_team.js').then(each => each.teamMenu(session, id, button)).catch(showError),
  },
]

/** @param {Session} session @param {number} id @param {HTMLElement} button */
const snoozeItem = (session, id, button) => ({
  label: t('snooze.action'),
  icon: 'clock',
  hint: hint('snooze'),
  run: care(each => each.snoozeMenu(session, id, button)),
})

/** @param {Session} session @param {number} id @param {HTMLElement} button */
const labelItems = (session, id, button) => [
  {
    label: t('label.action'),
    icon: 'tag',
    hint: hint('label'),
    run: care(each => each.labelsOf(session, id, button)),
  },
  {
    label: t('priority.action'),
    icon: 'alert',
    hint: hint('priority'),
    run: care(each => each.priorityMenu(session, id, button)),
  },
]

/** @param {Session} session @param {number} id */
const askItem = (session, id) => ({
  label: t('ask.action'),
  icon: 'people',
  run: () => import('./direct_message.js').then(each => each.askColleague(session, id)).catch(showError),
})

/**
 * Where the header has no room for its button.
 * @param {Session} session
 * @param {number} id
 * @param {HTMLElement} button
 */
function assignItem(session, id, button) {
  if (button.parentElement?.querySelector('.assign')?.checkVisibility()) return []
  const run = () => assign(session, id, button)
  return [{ label: t('assign.action'), icon: 'person', hint: hint('assign'), run }]
}

/** @param {Session} session @param {number} id */
function transcriptItems(session, id) {
  const act = (/** @type {(each: typeof import('./transcript.js')) => unknown} */ work) => () => {
    import('./transcript.js').then(work).catch(showError)
  }
  return [
    { label: t('transcript.export'), icon: 'download', run: act(each => each.exportText(session, id)) },
    { label: t('transcript.print'), icon: 'print', run: act(each => each.printConversation(session, id)) },
  ]
}

/** @param {Session} session @param {number} id */
function statusItems(session, id) {
  const now = session.store.peekConversation(id)?.status
  const set = (/** @type {string} */ status) => () => setStatus(session, id, status)
  const spam =
    now === 'spam'
      ? { label: t('spam.not'), icon: 'retry', run: set('open') }
      : { label: t('spam.mark'), icon: 'shield', run: set('spam') }
  const statuses = ['open', 'pending', 'closed'].map(status => ({
    label: named('status', status),
    checked: now === status,
    run: set(status),
  }))
  return [line, ...statuses, line, spam]
}
