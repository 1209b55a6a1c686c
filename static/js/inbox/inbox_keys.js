// @ts-check
// The keys of the inbox, in one table: they act from it, the sheet behind `?` and the palette read it.
import { shortcuts, useKeys } from '../core/shortcuts.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { assign, markUnread, setStatus, undoLast } from './conversation_actions.js'
import { VIEWS } from './list_filter.js'
import { openView } from './list_header.js'
import { go, place } from './url_state.js'
import { filled } from './composer_tools.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/shortcuts.js').Shortcut} Shortcut */
/** @typedef {ReturnType<typeof import('./list.js').conversationList>} List */
/** @typedef {ReturnType<typeof import('./stage.js').makeStage>} Stage */
/**
 * @typedef {{session: Session, list: List, stage: Stage, channels: () => import('../core/types.js').Channel[]}} Parts
 */

/** One pane at a time has the screen below this width. */
const ONE_PANE = 768
/** So many views have a number of their own. */
const NUMBERS = 9

/** @param {Parts} parts */
export function useInboxKeys(parts) {
  useKeys([...listKeys(parts), ...viewKeys(parts.session), ...conversationKeys(parts), ...pageKeys(parts)])
  addEventListener('keydown', event => escape(event, parts))
}

/** @param {Parts} parts @returns {Shortcut[]} */
function listKeys({ session, list }) {
  const { walk, selection } = list
  return [
    { name: 'next', keys: ['j', 'Alt+ArrowDown'], run: () => walk.step(1), typing: true },
    { name: 'previous', keys: ['k', 'Alt+ArrowUp'], run: () => walk.step(-1), typing: true },
    { name: 'choose', keys: ['x'], run: () => chooseCurrent(list) },
    {
      name: 'choose_all',
      keys: ['Mod+a'],
      run: () => selection.all(list.shown.peek()),
      when: () => selection.isOn || !!document.activeElement?.closest('.side'),
    },
    { name: 'search', keys: ['/'], run: () => list.find.focus() },
    { name: 'narrow', keys: ['f'], run: list.narrow },
    { name: 'filter', keys: ['v'], run: list.filter },
    { name: 'undo', keys: ['Mod+z'], run: () => undoLast(session) },
  ]
}

/** @param {List} list */
function chooseCurrent({ walk, selection }) {
  const id = walk.current()
  if (id == null) return selection.begin()
  selection.toggle(id)
  walk.focus(id)
}

/**
 * `g` and a letter, or a number: the views that there are always, then the saved ones.
 * @param {Session} session
 * @returns {Shortcut[]}
 */
function viewKeys({ book }) {
  const always = VIEWS.map((view, at) => ({
    name: `view_${view}`,
    get label() {
      return t('command.go', { place: t(`view.${view}`) })
    },
    keys: [`g ${view[0]}`, String(at + 1)],
    run: () => openView(view),
  }))
  const saved = Array.from({ length: NUMBERS - VIEWS.length }, (_, at) => ({
    name: `saved_${at}`,
    get label() {
      const name = book.views.peek()[at]?.name
      return name ? t('command.go', { place: name }) : t('keys.saved_view', { number: at + 1 })
    },
    keys: [String(VIEWS.length + at + 1)],
    run: () =>
      import('./saved_views.js').then(each => each.openSavedView(book.views.peek()[at])).catch(showError),
    when: () => !!book.views.peek()[at],
  }))
  return [...always, ...saved]
}

/**
 * Does something with the open conversation.
 * @param {Session} session
 * @param {(id: number) => unknown} work
 */
const withOpen = (session, work) => () => {
  const id = place.peek().c
  if (id && session.store.peekConversation(id)) work(id)
}

/** What is done with the open conversation. @param {Parts} parts @returns {Shortcut[]} */
function conversationKeys({ session, stage }) {
  const when = () => stage.isOpen
  const act = (/** @type {(id: number) => unknown} */ work) => withOpen(session, work)
  return [
    { name: 'reply', keys: ['r'], run: () => stage.write(false), when },
    { name: 'note', keys: ['n'], run: () => stage.write(true), when },
    { name: 'close', keys: ['e'], run: act(id => setStatus(session, id, 'closed')), when },
    { name: 'reopen', keys: ['o'], run: act(id => setStatus(session, id, 'open')), when },
    { name: 'unread', keys: ['u'], run: act(id => markUnread(session, id)), when },
    ...menuKeys(session, stage).map(each => ({ ...each, when })),
    { name: 'panel', keys: ['i'], run: () => stage.aside.set(!stage.aside.peek()) },
    { name: 'newest', keys: ['End'], run: () => stage.view?.thread.latest() },
  ]
}

/**
 * What is chosen beside a button of the open conversation.
 * @param {Session} session
 * @param {Stage} stage
 * @returns {Shortcut[]}
 */
function menuKeys(session, stage) {
  const at = (
    /** @type {string} */ button,
    /** @type {(id: number, button: HTMLElement) => unknown} */ work,
  ) =>
    withOpen(session, id => {
      const found = stage.box.querySelector(button)
      // What the header has no room for opens beside its menu.
      const shown = found?.checkVisibility() ? found : found && stage.box.querySelector('.care')
      if (shown instanceof HTMLElement) work(id, shown)
    })
  /** @param {'snoozeMenu' | 'labelsOf' | 'priorityMenu'} name */
  const menu = name =>
    at('.care', (id, button) =>
      import('./conversation_menus.js').then(each => each[name](session, id, button)).catch(showError),
    )
  return [
    { name: 'assign', keys: ['a'], run: at('.assign', (id, button) => assign(session, id, button)) },
    { name: 'snooze', keys: ['s'], run: menu('snoozeMenu') },
    { name: 'label', keys: ['l'], run: menu('labelsOf') },
    { name: 'priority', keys: ['p'], run: menu('priorityMenu') },
  ]
}

/** @param {Parts} parts @returns {Shortcut[]} */
const pageKeys = parts => [
  { name: 'palette', keys: ['Mod+k'], run: () => openPalette(parts), typing: true },
  {
    name: 'direct',
    keys: ['d'],
    run: () => {
      import('./new_message.js').then(each => each.writeDirect(parts.session)).catch(showError)
    },
  },
  {
    name: 'help',
    keys: ['?'],
    run: () => {
      import('../core/shortcut_sheet.js').then(each => each.openShortcutSheet()).catch(showError)
    },
  },
]

/** @param {Parts} parts */
function openPalette({ session, stage, channels }) {
  const write = (/** @type {string} */ text) =>
    stage.view
      ?.writing()
      ?.insert(filled(text, session.store.peekConversation(place.peek().c ?? 0), session.me))
  import('./command_palette.js')
    .then(each => each.openPalette(session, shortcuts, channels, write))
    .catch(showError)
}

/**
 * Out of the box to the row, out of the choice, out of the conversation: one step at a time.
 * @param {KeyboardEvent} event
 * @param {Parts} parts
 */
function escape(event, { list }) {
  const isCovered = document.querySelector('dialog[open], [popover]:popover-open')
  if (event.key !== 'Escape' || event.defaultPrevented || isCovered) return
  const focused = document.activeElement
  const isWide = innerWidth > ONE_PANE
  if (focused?.closest('.composer') && isWide && list.walk.focusRow()) return
  if (focused instanceof HTMLElement && focused.matches('input, textarea')) focused.blur()
  else if (list.selection.chosen.peek()) list.selection.end()
  else if (place.peek().c && !isWide) go({ c: null })
}
