// @ts-check
// Above an open conversation: with whom it is, how it stands, who else looks at it, and what can be done with
// it.
import { avatar } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { may } from '../core/may.js'
import { menuButton } from '../core/menu_button.js'
import { asStep } from '../core/history_steps.js'
import { spokenKeys } from '../core/shortcuts.js'
import { computed, effect, onCleanup } from '../core/signal.js'
import { moment } from '../core/time.js'
import { named, t } from '../core/words.js'
import { assign, setStatus } from './conversation_actions.js'
import { whenIdle } from './when_idle.js'
import { other } from './conversation_names.js'
import { go } from './url_state.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('../core/types.js').Channel} Channel */

/**
 * @param {Session} session
 * @param {number} id
 * @param {() => Channel[]} channels
 * @param {import('../core/signal.js').Signal<boolean>} aside whether the panel beside it is open
 */
export function conversationHeader(session, id, channels, aside) {
  const { store, me } = session
  const it = () => store.conversation(id)
  backClosesPanel(aside)
  return h(
    'header',
    h(
      'button.button.quiet.back',
      { type: 'button', 'aria-label': t('common.back'), onclick: () => go({ c: null }) },
      icon('back'),
    ),
    portrait(session, it),
    h(
      'div.title',
      h('h1', { dir: 'auto' }, () => other(it(), me.id).name),
      h('div.meta', () => metaOf(session, it(), channels())),
    ),
    whenIdle(
      () => import('./conversation_viewers.js'),
      each => each.viewersOf(session, id),
    ),
    tools(session, id),
    h(
      'button.button.quiet.about',
      {
        type: 'button',
        'aria-label': t('person.panel'),
        title: t('person.panel'),
        'aria-pressed': () => String(aside()),
        onclick: () => aside.set(!aside.peek()),
      },
      icon('info'),
    ),
  )
}

/**
 * Where the panel covers the page, Back leaves the panel first.
 * @param {import('../core/signal.js').Signal<boolean>} aside
 */
function backClosesPanel(aside) {
  /** @type {(() => void) | null} */
  let left = null
  effect(() => {
    const covers = aside() && matchMedia('(max-width: 48rem)').matches
    if (covers) left ??= asStep(() => aside.set(false))
    else {
      left?.()
      left = null
    }
  })
  onCleanup(() => left?.())
}

/** @param {Session} session @param {() => Conversation | undefined} it */
function portrait({ me, people: { online } }, it) {
  const box = h('span')
  effect(() => {
    const them = other(it(), me.id)
    const isHere = them.id ? () => online().has(them.id ?? 0) : undefined
    box.replaceChildren(avatar(them, { channel: it()?.channel_kind, online: isHere }))
  })
  return box
}

/** @param {Session} session @param {Conversation | undefined} it @param {Channel[]} channels */
function metaOf({ me, people: { online } }, it, channels) {
  if (!it) return ''
  if (it.kind === 'direct') {
    const them = other(it, me.id).id
    if (!them) return t('direct.group')
    return t(online().has(them) ? 'presence.here' : 'presence.away')
  }
  const isSnoozed = it.status === 'snoozed' && it.snoozed_until
  return [
    channels.find(each => each.id === it.channel_id)?.name ?? named('channel', it.channel_kind),
    isSnoozed ? t('snooze.until', { when: moment(it.snoozed_until ?? '') }) : named('status', it.status),
    it.team?.name,
    t(it.assignee ? 'list.assigned' : 'assign.open', { name: it.assignee?.name ?? '' }),
    it.reminder_at ? t('remind.set', { when: moment(it.reminder_at) }) : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

// The tools are drawn anew only when others are needed: a new message must not take away the button whose
// menu is open.
/** @param {Session} session @param {number} id */
function tools(session, id) {
  const it = () => session.store.conversation(id)
  const isDirect = computed(() => it()?.kind === 'direct'),
    subject = computed(() => it()?.about_conversation_id ?? null)
  const about = () =>
    h(
      'button.button',
      { type: 'button', onclick: () => go({ view: 'all', c: subject.peek() }) },
      icon('chat'),
      h('span.wide', t('ask.subject')),
    )
  return show(h('div.tools'), () => {
    if (isDirect()) return [subject() && about(), moreButton(session, id, true)]
    return [
      may(session.me, 'conversations.assign') && assignButton(session, id),
      may(session.me, 'conversations.close') && closeButton(session, id),
      moreButton(session, id, false),
    ]
  })
}

/** @param {Session} session @param {number} id */
function closeButton(session, id) {
  const it = () => session.store.conversation(id)
  const spam = computed(() => it()?.status === 'spam'),
    closed = computed(() => it()?.status === 'closed' || spam())
  const words = () => {
    if (spam()) return t('spam.not')
    return t(closed() ? 'status_act.reopen' : 'status_act.close')
  }
  const button = h('button', {
    type: 'button',
    'aria-keyshortcuts': () => spokenKeys(closed() ? 'reopen' : 'close'),
    class: () => `button${closed() ? '' : ' primary'}`,
    onclick: () => setStatus(session, id, closed.peek() ? 'open' : 'closed'),
  })
  return show(button, () => [icon(closed() ? 'retry' : 'check'), h('span.wide', words())])
}

/** @param {Session} session @param {number} id */
function assignButton(session, id) {
  const button = h(
    'button.button.assign',
    {
      type: 'button',
      'aria-keyshortcuts': () => spokenKeys('assign'),
      onclick: () => assign(session, id, button),
    },
    icon('person'),
    h('span.wide', t('assign.action')),
  )
  return button
}

/**
 * What is done now and then comes with its code.
 * @param {Session} session
 * @param {number} id
 * @param {boolean} isDirect
 */
function moreButton(session, id, isDirect) {
  const button = h(
    'button.button.quiet.care',
    {
      type: 'button',
      'aria-label': t('common.more'),
      'aria-keyshortcuts': () => (isDirect ? null : spokenKeys('snooze', 'label', 'priority')),
    },
    icon('more'),
  )
  return menuButton(button, () =>
    import('./conversation_more.js').then(each => each.moreItems(session, id, button, isDirect)),
  )
}
