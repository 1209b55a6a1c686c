// @ts-check
// Over 400 lines since it is laid out at 110 columns; to be split by what it does.
// One open conversation: its header, its thread, its composer, and what can be done there.
import { get, post, put, remove } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { coming, h, icon, show } from '../core/dom.js'
import { confirm } from '../core/dialog.js'
import { menu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { computed, effect, onCleanup, signal } from '../core/signal.js'
import { full, moment, now } from '../core/time.js'
import { named, t } from '../core/words.js'
import { composer } from '../chat/composer.js'
import { messageRow } from '../chat/message.js'
import { messageThread } from '../chat/thread.js'
import { other } from './names.js'
import { go } from './place.js'
import { assign, setStatus } from './acts.js'
import { tools } from './writing.js'

/** @typedef {import('../core/types.js').Message} Message */

/**
 * @param {import('./session.js').Session} session @param {number} id
 * @param {() => import('../core/types.js').Channel[]} channels
 * @param {import('../core/signal.js').Signal<boolean>} aside whether the panel beside it is open
 */
export function conversationView(session, id, channels, aside) {
  const { store, me, link } = session
  const it = () => store.conversation(id)
  const quoted = signal(/** @type {Message | null} */ (null)),
    note = signal(false)
  /** @type {any} */
  let writing_box = null
  const first = store.peekConversation(id)
  const ours = (/** @type {Message} */ m) =>
    it()?.kind === 'direct' ? m.sender?.id === me.id : m.sender_type !== 'customer'
  const live = () => link.state() === 'live'

  /** @type {import('../chat/message.js').Actions} */
  const actions = {
    reply: message => quoted.set(message),
    more: message => messageItems(session, message, first?.channel_kind ?? null, first?.kind === 'direct'),
    retry: message =>
      message.version === 0
        ? session.again(message)
        : act(post(`/messages/${message.id}/retry`, { action: 'resend' })),
    giveUp: message => session.giveUp(message),
    decide: (message, action) => act(post(`/messages/${message.id}/retry`, { action })),
    rate: (message, rating) => rate(act, message, rating),
    cancel: message =>
      act(
        remove(`/messages/${message.id}`).then(gone => {
          toast(t('later.cancelled'))
          if (writing_box && !writing_box.area.value) writing_box.put(message.content ?? '')
          return gone
        }),
      ),
    erase: message => erase(store, message),
    refetch: (message, attachment) => act(post(`/messages/${message.id}/attachments/${attachment}/retry`)),
    react: (message, emoji) => react(message, emoji),
    feel: (message, button) => {
      import('../chat/emoji.js')
        .then(each => each.openEmoji(button, emoji => react(message, emoji), each.QUICK))
        .catch(showError)
    },
    find: async wanted => {
      if (!(await thread.find(wanted))) toast(t('thread.too_far'))
    },
  }
  /** What comes back goes the same way as everything else. @param {Promise<any>} asked */
  const act = asked =>
    asked
      .then(message => {
        if (message?.conversation_id) store.apply([message])
      })
      .catch(showError)

  /** The same again takes it away. @param {Message} message @param {string} emoji */
  function react(message, emoji) {
    const had = message.reactions?.some(
      each => each.emoji === emoji && (each.actor === 'owner' || each.actor === `user:${me.id}`),
    )
    act(put(`/messages/${message.id}/reaction`, { emoji: had ? null : emoji }))
  }
  const sent = (/** @type {any} */ message) => {
    if (message?.conversation_id) store.apply([message])
    thread.latest()
  }

  const thread = messageThread({
    store,
    id,
    ours,
    unread: first?.unread_count ?? 0,
    trouble: showError,
    fetch: async query => (await get(`/conversations/${id}/messages`, query)).items,
    read: seq => session.markRead(id, seq),
    row: key =>
      messageRow({
        store,
        key,
        ours,
        live,
        actions,
        channel: () => it()?.channel_kind ?? null,
        authorOf: m =>
          it()?.kind === 'direct'
            ? null
            : m.sender_type === 'customer' || m.sender?.id === me.id
              ? null
              : (m.sender?.name ?? null),
      }),
  })
  // Left before its first page came: then it is not followed either.
  let left = false
  thread.ready.then(there => {
    if (there && !left) session.follow(id)
  })
  onCleanup(() => {
    left = true
    session.leave(id)
  })

  const box = h('section.main', { 'aria-label': t('thread.section') })
  box.append(
    header(session, id, channels, aside),
    thread.scroller,
    h(
      'div.foot',
      h('div.writing', { 'aria-live': 'off' }, () => writing(session, id)),
      first?.kind === 'customer' &&
        proposed(session, id, words => {
          note.set(false)
          writing_box?.put(words)
        }),
      composer({
        id,
        quoted,
        jump: thread.jump,
        target: box,
        files: '/api/v1/media',
        label:
          it()?.kind === 'direct'
            ? t('composer.write_to', { name: other(first, me.id).name })
            : t('composer.reply'),
        warning: () => windowWarning(it()),
        remedy:
          first?.channel_kind === 'whatsapp'
            ? h(
                'button.button.small',
                {
                  type: 'button',
                  onclick: () => {
                    import('./asking.js').then(each => each.template(session, id, sent)).catch(showError)
                  },
                },
                t('template.title'),
              )
            : null,
        channel: () => session.book.kindOf(it()?.channel_kind),
        note: first?.kind === 'customer' ? note : null,
        more: made => {
          writing_box = made
          return tools(session, id, made, sent)
        },
        editLast: () => editLast(store, id, ours, me.id, first),
        send: words => {
          session.send(id, words)
          thread.latest()
        },
        typing: on => session.type(id, on),
      }),
    ),
  )
  return {
    box,
    thread,
    writing: () => writing_box,
    /** @param {boolean} [on] whether a note is written next */
    focus: (on = note.peek()) => {
      if (first?.kind === 'customer') note.set(on)
      writing_box?.area.focus()
    },
    find: (/** @type {number} */ seq) =>
      thread.ready.then(async () => {
        if (!(await thread.find(null, seq))) toast(t('thread.too_far'))
      }),
  }
}

/** What the AI proposes comes with its code when it first proposes something. @param {import('./session.js').Session} session @param {number} id @param {(words: string) => void} write */
function proposed(session, id, write) {
  const box = h('div'),
    proposes = computed(() => !!session.store.conversation(id)?.ai_draft)
  effect(() => {
    box.replaceChildren()
    if (proposes()) coming(box, import('./proposal.js'), each => each.draftBox(session, id, write), showError)
  })
  return box
}

/** A bad answer is worth a word about why. @param {(asked: Promise<any>) => any} act @param {Message} message @param {string | null} rating */
async function rate(act, message, rating) {
  await act(
    post(`/messages/${message.id}/feedback`, {
      rating,
      comment: rating ? (message.feedback?.comment ?? null) : null,
    }),
  )
  if (rating !== 'negative') return
  import('./asking.js')
    .then(each =>
      each.whyBad(message, comment => act(post(`/messages/${message.id}/feedback`, { rating, comment }))),
    )
    .catch(showError)
}

/** Arrow up in an empty box: the newest of my own that can still be changed. @param {import('../core/store.js').Store} store @param {number} id @param {(m: Message) => boolean} ours @param {number} me @param {any} it */
function editLast(store, id, ours, me, it) {
  const own = store
    .thread(id)
    .keys.peek()
    .map(key => store.peek(key))
    .findLast(
      each =>
        each && ours(each) && each.sender?.id === me && !each.deleted_at && each.content && each.version > 0,
    )
  if (own && mayChange(own, it?.channel_kind ?? null, it?.kind === 'direct')) edit(store, own)
  else if (own) toast(t('message.not_changeable'))
}

/** @param {Message} message @param {string | null} channel @param {boolean} direct */
const mayChange = (message, channel, direct) =>
  direct ||
  !!message.is_private ||
  channel === 'webchat' ||
  channel === 'telegram' ||
  message.status === 'queued'

/** The platform's window is shown, never enforced: the platform has the last word. @param {import('../core/types.js').Conversation | undefined} it */
function windowWarning(it) {
  if (!it || it.kind !== 'customer' || !it.window_expires_at) return ''
  const left = +new Date(it.window_expires_at) - now()
  const channel = named('channel', it.channel_kind)
  if (left <= 0 && it.human_agent_until && +new Date(it.human_agent_until) > now())
    return t('window.human_agent', { channel, when: moment(it.human_agent_until) })
  if (left <= 0) return t('window.closed', { channel })
  return left < 3_600_000
    ? t('window.closing', { channel, count: Math.max(1, Math.round(left / 60_000)) })
    : ''
}

/** @param {import('./session.js').Session} session @param {number} id */
function writing({ typing, store, me }, id) {
  const people = typing().get(id)
  if (!people?.size) return ''
  return [...people]
    .map(([person, name]) =>
      person === 0 || store.conversation(id)?.kind === 'direct'
        ? t('thread.writing', { name: other(store.conversation(id), me.id).name })
        : t('thread.replying', { name }),
    )
    .join(' · ')
}

/** @param {import('./session.js').Session} session @param {number} id @param {() => any[]} channels @param {import('../core/signal.js').Signal<boolean>} aside */
function header(session, id, channels, aside) {
  const { store, me, online } = session
  const it = () => store.conversation(id)
  const direct = () => it()?.kind === 'direct'
  // The tools are drawn anew only when others are needed: a new message must not take away the button whose menu is open.
  const spam = computed(() => it()?.status === 'spam'),
    closed = computed(() => it()?.status === 'closed' || spam()),
    isDirect = computed(direct),
    subject = computed(() => it()?.about_conversation_id ?? null)
  const who = h('span')
  effect(() => {
    const them = other(it(), me.id)
    who.replaceChildren(
      avatar(them, {
        channel: it()?.channel_kind,
        online: them.id ? () => online().has(them.id ?? 0) : undefined,
      }),
    )
  })
  const meta = () => {
    const c = it()
    if (!c) return ''
    if (c.kind === 'direct') {
      const them = other(c, me.id).id
      return them ? t(online().has(them) ? 'presence.here' : 'presence.away') : t('direct.group')
    }
    return [
      channels().find(each => each.id === c.channel_id)?.name ?? named('channel', c.channel_kind),
      c.status === 'snoozed' && c.snoozed_until
        ? t('snooze.until', { when: moment(c.snoozed_until) })
        : named('status', c.status),
      t(c.assignee ? 'list.assigned' : 'assign.open', { name: c.assignee?.name ?? '' }),
    ].join(' · ')
  }
  return h(
    'header',
    h(
      'button.button.quiet.back',
      { type: 'button', 'aria-label': t('common.back'), onclick: () => go({ c: null }) },
      icon('back'),
    ),
    who,
    h(
      'div.title',
      h('h1', { dir: 'auto' }, () => other(it(), me.id).name),
      h('div.meta', meta),
    ),
    show(h('div.tools'), () =>
      isDirect()
        ? [
            subject() &&
              h(
                'button.button',
                { type: 'button', onclick: () => go({ view: 'all', c: subject.peek() }) },
                icon('chat'),
                h('span.wide', t('ask.subject')),
              ),
          ]
        : [
            assignButton(session, id),
            show(
              h('button', {
                type: 'button',
                'aria-keyshortcuts': () => (closed() ? 'o' : 'e'),
                class: () => `button${closed() ? '' : ' primary'}`,
                onclick: () => setStatus(session, id, closed.peek() ? 'open' : 'closed'),
              }),
              () => [
                icon(closed() ? 'retry' : 'check'),
                h('span.wide', t(spam() ? 'spam.not' : closed() ? 'status_act.reopen' : 'status_act.close')),
              ],
            ),
            moreButton(session, id),
          ],
    ),
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

/** @param {(each: typeof import('./care.js')) => any} work */
const care = work => () => {
  import('./care.js').then(work).catch(showError)
}

/** @param {import('./session.js').Session} session @param {number} id */
function moreButton(session, id) {
  const button = h(
    'button.button.quiet.care',
    { type: 'button', 'aria-label': t('common.more'), 'aria-keyshortcuts': 's l' },
    icon('more'),
  )
  return menu(button, () => [
    { label: t('snooze.action'), icon: 'clock', run: care(each => each.snoozeMenu(session, id, button)) },
    { label: t('label.action'), icon: 'tag', run: care(each => each.labelsOf(session, id, button)) },
    { label: t('priority.action'), icon: 'alert', run: care(each => each.priorityMenu(session, id, button)) },
    {
      label: t('ask.action'),
      icon: 'people',
      run: () => import('./direct.js').then(each => each.askColleague(session, id)).catch(showError),
    },
    { label: '', line: true },
    ...['open', 'pending', 'closed'].map(status => ({
      label: named('status', status),
      checked: session.store.peekConversation(id)?.status === status,
      run: () => setStatus(session, id, status),
    })),
    { label: '', line: true },
    session.store.peekConversation(id)?.status === 'spam'
      ? { label: t('spam.not'), icon: 'retry', run: () => setStatus(session, id, 'open') }
      : { label: t('spam.mark'), icon: 'shield', run: () => setStatus(session, id, 'spam') },
  ])
}

/** @param {import('./session.js').Session} session @param {number} id */
function assignButton(session, id) {
  const button = h(
    'button.button.assign',
    { type: 'button', 'aria-keyshortcuts': 'a', onclick: () => assign(session, id, button) },
    icon('person'),
    h('span.wide', t('assign.action')),
  )
  return button
}

/** @param {import('./session.js').Session} session @param {Message} message @param {string | null} channel @param {boolean} direct @returns {import('../core/menu.js').MenuItem[]} */
function messageItems({ me, store }, message, channel, direct) {
  const own = message.sender_type === 'support' && message.sender?.id === me.id
  const canChange = own && mayChange(message, channel, direct)
  return [
    ...(message.content
      ? [
          {
            label: t('message.copy'),
            icon: 'copy',
            run: () => navigator.clipboard.writeText(message.content ?? '').catch(() => {}),
          },
        ]
      : []),
    ...(canChange && message.content
      ? [{ label: t('message.edit'), icon: 'pen', run: () => edit(store, message) }]
      : []),
    ...(canChange
      ? [{ label: t('message.delete'), icon: 'trash', danger: true, run: () => erase(store, message) }]
      : []),
    ...(message.version > 0
      ? [
          {
            label: t('history.action'),
            icon: 'info',
            run: () => import('./history.js').then(each => each.whyOnce(message)).catch(showError),
          },
        ]
      : []),
    { label: full(message.created_at), icon: 'clock' },
  ]
}

/** @param {import('../core/store.js').Store} store @param {Message} message */
const edit = (store, message) =>
  import('./asking.js').then(each => each.editMessage(store, message)).catch(showError)

/** @param {import('../core/store.js').Store} store @param {Message} message */
async function erase(store, message) {
  if (!(await confirm(t('message.delete'), t('message.delete_sure'), t('message.delete')))) return
  try {
    const changed = await remove(`/messages/${message.id}`)
    if (changed?.id) store.apply([changed])
  } catch (problem) {
    showError(problem)
  }
}
