// @ts-check
// One conversation in the list: who, the last words, labels, how long ago or how long it waits, whose it is.
import { avatar } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { spokenKeys } from '../core/shortcuts.js'
import { effect } from '../core/signal.js'
import { ago, moment, now, since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { drafted } from '../chat/draft.js'
import { colorOf } from './label_color.js'
import { other, preview } from './conversation_names.js'
import { sortOf } from './list_filter.js'
import { go, place } from './url_state.js'

/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('./session.js').Session} Session */

/** Who has waited longer than this waits too long; so does who can soon not be answered any more. */
const LATE = 60 * 60_000
const LABELS = 3
const TROUBLES = ['failed', 'unconfirmed']

/**
 * What a row shows, each by itself: a change of one draws nothing else anew.
 * @param {Session} session
 * @param {number} id
 */
function facts({ store, me, people, passing }, id) {
  const first = /** @type {Conversation} */ (store.conversation(id))
  // One that has just been erased is still drawn for the moment until its row goes.
  const it = () => store.conversation(id) ?? first
  const isOpen = () => place().c === id
  const status = () => it().last_message?.status ?? ''
  return {
    it,
    who: () => other(it(), me.id),
    writing: () =>
      [...(people.typing().get(id)?.keys() ?? [])].some(person => person === 0 || first.kind === 'direct'),
    draft: () => drafted().has(String(id)) && !isOpen(),
    // What comes into the conversation one is looking at is read in a moment: no number flashes for it.
    fresh: () => (isOpen() && document.hasFocus() && passing() !== id ? 0 : it().unread_count),
    called: () => !!it().is_mentioned && !isOpen(),
    trouble: () => (TROUBLES.includes(status()) ? status() : null),
    waits: () => (sortOf(place()) === 'longest_waiting' ? it().waiting_since : null),
  }
}

/** @typedef {ReturnType<typeof facts>} Facts */

/**
 * @param {Session} session
 * @param {number} id
 * @param {import('./selection.js').Selection} selection
 * @param {(event: MouseEvent, id: number) => void} take
 */
export function conversationRow(session, id, selection, take) {
  const row = facts(session, id)
  const isChosen = () => !!selection.chosen()?.has(id)
  return h(
    'li',
    h(
      'button',
      {
        type: 'button',
        class: () => `conversation${row.fresh() ? ' unread' : ''}${isChosen() ? ' chosen-one' : ''}`,
        'data-conversation': String(id),
        'aria-current': () => (place().c === id ? 'true' : null),
        'aria-pressed': () => (selection.isOn ? String(isChosen()) : null),
        'aria-keyshortcuts': () => ['Enter', spokenKeys('choose')].filter(Boolean).join(' '),
        onclick: (/** @type {MouseEvent} */ event) => take(event, id),
      },
      picture(session, row),
      words(session, row),
      marks(row),
      h('span.end', whenOf(row), h('span', ...signs(session, id, row))),
    ),
  )
}

/**
 * What a click on a row does.
 * @param {Session} session
 * @param {import('./selection.js').Selection} selection
 * @param {() => number[]} shown
 */
export const taking =
  (session, selection, shown) => (/** @type {MouseEvent} */ event, /** @type {number} */ id) => {
    const open = place.peek().c
    if (event.shiftKey) return selection.range(id, shown(), open)
    if (selection.chosen.peek() || event.ctrlKey || event.metaKey) return selection.toggle(id)
    if (open === id) return session.write()
    go({ c: id })
  }

/** @param {Session} session @param {Facts} row */
function picture({ people: { online } }, { it, who }) {
  const box = h('span')
  effect(() => {
    const person = who()
    const isHere = person.id ? () => online().has(person.id ?? 0) : undefined
    box.replaceChildren(avatar(person, { channel: it().channel_kind, online: isHere }))
  })
  return box
}

/** @param {Session} session @param {Facts} row */
function words({ me }, { it, who, writing, draft, trouble }) {
  const kind = () => ({ live: writing(), draft: draft(), wrong: !!trouble() })
  const said = () => {
    if (writing()) return t('list.writing')
    if (draft()) return t('list.draft')
    return trouble() ? t(`list.${trouble()}`) : preview(it(), me.id)
  }
  return h(
    'span.words',
    h('span.name', { dir: 'auto', title: () => who().name }, () => who().name),
    h(
      'span',
      {
        class: () =>
          ['preview', ...Object.entries(kind()).map(([name, is]) => is && name)].filter(Boolean).join(' '),
        dir: 'auto',
      },
      said,
    ),
    // What pictures say to those who look: three conversations of one person are three.
    h('span.hidden-text', () => `, ${spoken(it())}`),
  )
}

/** Priority and labels; those there is no room for are named. @param {Facts} row */
const marks = ({ it }) =>
  show(h('span.marks', { hidden: () => !it().priority && !it().labels?.length }), () => {
    const { priority, labels = [] } = it()
    const rest = labels.slice(LABELS).map(each => each.name)
    return [
      priority &&
        h(
          `span.priority.${priority}`,
          { title: t(`priority.${priority}`) },
          icon('alert', t(`priority.${priority}`)),
        ),
      ...labels
        .slice(0, LABELS)
        .map(each =>
          h(
            'span.label',
            { dir: 'auto', title: each.name, vars: { '--label': colorOf(each.color) } },
            each.name,
          ),
        ),
      rest.length > 0 && h('span.label.more', { title: rest.join(', ') }, `+${rest.length}`),
    ]
  })

/** How long ago something happened; where one goes by that, how long they have waited. @param {Facts} row */
function whenOf({ it, waits }) {
  const isLate = () => {
    const { window_expires_at: end, waiting_since } = it()
    if (!waiting_since) return false
    return now() - +new Date(waiting_since) > LATE || (!!end && +new Date(end) - now() < LATE)
  }
  return h(
    'span',
    h(
      'span.clock',
      {
        hidden: () => !waits(),
        classes: { late: () => !!waits() && isLate() },
        title: () => (waits() ? t('row.waits_since', { when: moment(waits() ?? '') }) : ''),
      },
      icon('clock'),
      h('span.hidden-text', t('row.waits')),
      () => (waits() ? ago(waits() ?? '') : ''),
    ),
    h(
      'span',
      { hidden: () => !!waits() },
      since(() => it().last_activity_at),
    ),
  )
}

/**
 * Whose it is, what is unread, what waits for the line.
 * @param {Session} session
 * @param {number} id
 * @param {Facts} row
 */
function signs({ acts }, id, { it, fresh, called }) {
  const name = () => it().assignee?.name ?? ''
  return [
    h(
      'span.owed',
      { title: t('state.waiting'), hidden: () => !acts.waiting().has(id) },
      icon('clock', t('state.waiting')),
    ),
    h(
      'span.owner',
      {
        title: () => (name() ? t('list.assigned', { name: name() }) : ''),
        hidden: () => !name() || !!fresh() || called(),
      },
      () => initialsOf(name()),
    ),
    h(
      'span.badge',
      { 'aria-label': () => t('list.unread', { count: fresh() }), hidden: () => !fresh() },
      () => (fresh() > 99 ? '99+' : fresh()),
    ),
    h('span.badge', { role: 'img', 'aria-label': t('list.mentioned'), hidden: () => !called() }, '@'),
  ]
}

/** By which channel, whose, and how it stands. @param {Conversation} it */
function spoken(it) {
  if (it.kind === 'direct') return t('view.direct')
  const kind = named('channel', it.channel_kind)
  return [
    it.channel_name && it.channel_name !== kind ? `${kind} ${it.channel_name}` : kind,
    it.assignee ? t('list.assigned', { name: it.assignee.name }) : t('row.nobody'),
    it.status !== 'open' && named('status', it.status),
    it.snoozed_until && t('row.until', { when: moment(it.snoozed_until) }),
    ...(it.labels ?? []).slice(LABELS).map(each => each.name),
  ]
    .filter(Boolean)
    .join(', ')
}

/** @param {string} name */
const initialsOf = name =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map(part => [...part][0] ?? '')
    .join('')
    .toLocaleUpperCase()
