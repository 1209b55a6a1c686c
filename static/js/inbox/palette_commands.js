// @ts-check
// Everything that can be done by words, with its object: "assign chi", "snooze monday", "label refund",
// "closed", "dark". What is there is told here; how it is found and shown is the palette's.
import { all, post } from '../core/api.js'
import { afterClose, WAYS } from '../core/after_close.js'
import { signOf } from '../core/avatar.js'
import { may, seesDashboard } from '../core/may.js'
import { theme } from '../core/theme.js'
import { moment } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { userMenuItems } from '../core/user_menu.js'
import { keepLanguage, language, LANGUAGES, named, t } from '../core/words.js'
import { inWorkspace } from '../core/workspace.js'
import { assignTo, setStatus } from './conversation_actions.js'
import { colleagues, setPriority, snooze, toggleLabel } from './conversation_menus.js'
import { filterChoices, sortChoices } from './filter_menu.js'
import { giveToTeam } from './conversation_team.js'
import { other } from './conversation_names.js'
import { parseWhen } from './parse_when.js'
import { openSavedView } from './saved_views.js'
import { go, place } from './url_state.js'
import { soon } from './choose_time.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Channel} Channel */
/**
 * @typedef {{key: string, label: string, kind: string, icon: string, hint?: string, run: () => unknown}} Command
 */

/** Pages of the dashboard; their names are the ones over there. */
const PAGES = [
  'overview',
  'channels',
  'flows',
  'canned',
  'labels',
  'people',
  'teams',
  'roles',
  'hooks',
  'tokens',
  'deliveries',
  'reports',
  'settings',
  'audit',
]
const STATUSES = ['open', 'pending', 'closed', 'spam']

/**
 * @param {string} key
 * @param {string} label
 * @param {string} icon
 * @param {() => unknown} run
 * @param {string} [kind]
 * @returns {Command}
 */
const command = (key, label, icon, run, kind = t('palette.action')) => ({ key, label, icon, run, kind })

/** With the open conversation, as far as one's role allows it. @param {Session} session @param {number} id */
const withConversation = (session, id) =>
  /** @type {[string, (session: Session, id: number) => Command[]][]} */ ([
    ['conversations.assign', handing],
    ['conversations.close', sleeping],
    ['conversations.label', marking],
    ['conversations.close', standing],
  ]).flatMap(([permission, commands]) => (may(session.me, permission) ? commands(session, id) : []))

/** @param {Session} session @param {number} id @returns {Command[]} */
const handing = (session, id) => [
  ...colleagues(session).map(({ isMe, ...who }) =>
    command(
      `assign ${who.id}`,
      t('command.assign', { name: isMe ? t('assign.me', { name: who.name }) : who.name }),
      'person',
      () => assignTo(session, id, { id: who.id, name: who.name, avatar_url: who.avatar_url }),
    ),
  ),
  command('assign none', t('command.unassign'), 'person', () => assignTo(session, id, null)),
  ...session.book
    .teams()
    .map(team =>
      command(`team ${team.id}`, t('command.team', { name: team.name }), 'people', () =>
        giveToTeam(session, id, team),
      ),
    ),
  command('team none', t('command.no_team'), 'people', () => giveToTeam(session, id, null)),
]

/** @param {Session} session @param {number} id @returns {Command[]} */
const sleeping = (session, id) => [
  ...soon().map(([name, when]) =>
    command(`snooze ${name}`, t('command.snooze', { when: t(`later.${name}`) }), 'clock', () =>
      snooze(session, id, /** @type {Date} */ (when)),
    ),
  ),
  command('snooze reply', t('command.snooze', { when: t('snooze.reply') }), 'clock', () =>
    snooze(session, id, null),
  ),
]

/** @param {Session} session @param {number} id @returns {Command[]} */
const marking = (session, id) => [
  ...session.book
    .labels()
    .map(label =>
      command(`label ${label.id}`, t('command.label', { name: label.name }), 'tag', () =>
        toggleLabel(session, id, label).catch(showError),
      ),
    ),
  ...[.../** @type {const} */ (['urgent', 'high', 'medium', 'low']), null].map(priority =>
    command(
      `priority ${priority}`,
      t('command.priority', { priority: t(`priority.${priority ?? 'none'}`) }),
      'alert',
      () => setPriority(session, id, priority),
    ),
  ),
]

/** @param {Session} session @param {number} id @returns {Command[]} */
const standing = (session, id) =>
  STATUSES.map(status =>
    command(`status ${status}`, t('command.status', { status: named('status', status) }), 'check', () =>
      setStatus(session, id, status),
    ),
  )

/**
 * Where one can go beside the views, which have their keys.
 * @param {Session} session
 * @param {() => Channel[]} channels
 * @returns {Command[]}
 */
function places(session, channels) {
  const to = (/** @type {string} */ name) => t('command.go', { place: name })
  const kind = t('palette.place')
  return [
    ...session.book
      .views()
      .map(view => command(`saved ${view.id}`, to(view.name), 'book', () => openSavedView(view), kind)),
    ...channels().map(each =>
      command(
        `channel ${each.id}`,
        to(each.name),
        signOf(each.kind),
        () => go({ channel: String(each.id) }),
        named('channel', each.kind),
      ),
    ),
    ...(seesDashboard(session.me) ? PAGES : []).map(page =>
      command(
        `page ${page}`,
        to(t(`page.${page}`)),
        'gear',
        () => location.assign(inWorkspace(`/admin#${page}`)),
        t('rail.admin'),
      ),
    ),
    command('page docs', to(t('rail.docs')), 'code', () => location.assign(inWorkspace('/docs')), kind),
  ]
}

/**
 * What narrows and orders the list.
 * @param {Session} session
 * @param {() => Channel[]} channels
 * @returns {Command[]}
 */
function filters(session, channels) {
  const choice = (/** @type {import('./filter_menu.js').Choice} */ each, label = each.name) =>
    command(`filter ${each.id}`, label, 'filter', () => go(each.change()), each.group)
  return [
    ...filterChoices(session, channels).map(each => choice(each, t('command.filter', { name: each.name }))),
    ...sortChoices().map(each => choice(each)),
  ]
}

/** What one sets for oneself. @returns {Command[]} */
function settings() {
  const anchor = /** @type {HTMLElement} */ (document.querySelector('.rail .me') ?? document.body)
  const setting = (
    /** @type {string} */ key,
    /** @type {string} */ label,
    /** @type {() => unknown} */ run,
  ) => command(key, label, 'gear', run, t('palette.setting'))
  return [
    ...['system', 'light', 'dark'].map(each =>
      setting(`theme ${each}`, t('command.theme', { name: t(`theme.${each}`) }), () => (theme.value = each)),
    ),
    ...Object.entries(LANGUAGES)
      .filter(([name]) => name !== language)
      .map(([name, own]) =>
        setting(`language ${name}`, t('command.language', { name: own }), () => changeLanguage(name)),
      ),
    ...WAYS.map(way =>
      setting(
        `after ${way}`,
        t('command.after', { way: t(`after_close.${way}`) }),
        () => (afterClose.value = way),
      ),
    ),
    ...userMenuItems(anchor)
      .filter(each => each.run)
      .map((each, at) => setting(`mine ${at}`, each.label, () => each.run?.())),
  ]
}

/** @param {string} name */
function changeLanguage(name) {
  keepLanguage(name)
  location.reload()
}

/**
 * Everything that is here without asking the server.
 * @param {Session} session
 * @param {() => Channel[]} channels
 * @returns {Command[]}
 */
export function commandsOf(session, channels) {
  const open = place.peek().c
  const it = open ? session.store.peekConversation(open) : undefined
  return [
    ...(it?.kind === 'customer' ? withConversation(session, it.id) : []),
    ...places(session, channels),
    ...filters(session, channels),
    ...settings(),
  ]
}

/**
 * "snooze thu 9": the time that is typed behind the word.
 * @param {Session} session
 * @param {string} text
 * @returns {Command[]}
 */
export function typedCommand(session, text) {
  const id = place.peek().c
  const [verb, ...rest] = text.split(/\s+/)
  const isSnooze =
    verb.length > 2 && t('snooze.action').toLocaleLowerCase().startsWith(verb.toLocaleLowerCase())
  if (!id || !isSnooze || !rest.length) return []
  const at = parseWhen(rest.join(' '), { language })
  if (!at) return []
  return [
    command('snooze typed', t('command.snooze', { when: moment(+at) }), 'clock', () =>
      snooze(session, id, at),
    ),
  ]
}

/**
 * Flows that can be started in the open conversation.
 * @param {Session} session
 * @returns {Promise<Command[]>}
 */
export async function flowCommands(session) {
  const id = place.peek().c
  const it = id ? session.store.peekConversation(id) : undefined
  if (!id || it?.kind !== 'customer' || !may(session.me, 'flows.run')) return []
  const flows = /** @type {{id: number, name: string, is_active?: boolean}[]} */ (await all('/flows'))
  const start = async (/** @type {{id: number, name: string}} */ flow) => {
    try {
      await post(`/flows/${flow.id}/runs`, { conversation_id: id })
      const { name } = other(it, session.me.id)
      toast(t('undo.of', { name, words: t('command.flow_started', { flow: flow.name }) }))
    } catch (problem) {
      showError(problem)
    }
  }
  return flows
    .filter(each => each.is_active !== false)
    .map(each =>
      command(`flow ${each.id}`, t('command.flow', { name: each.name }), 'flow', () => start(each)),
    )
}
