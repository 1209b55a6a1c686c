// @ts-check
// One open conversation: its header, its thread and its reply box, put together.
import { get } from '../core/api.js'
import { coming, h } from '../core/dom.js'
import { may } from '../core/may.js'
import { computed, effect, onCleanup, signal } from '../core/signal.js'
import { showError, toast } from '../core/toast.js'
import { t } from '../core/words.js'
import { inWorkspace } from '../core/workspace.js'
import { composer } from '../chat/composer.js'
import { OURS } from '../chat/formatting.js'
import { messageRow } from '../chat/message.js'
import { messageThread } from '../chat/thread.js'
import { setStatus } from './conversation_actions.js'
import { tools } from './composer_tools.js'
import { conversationHeader } from './conversation_header.js'
import { messageActions } from './message_actions.js'
import { other } from './conversation_names.js'
import { sendingGate } from './sending_gate.js'
import { beforeSending } from './before_sending.js'
import { idly } from './when_idle.js'

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('../chat/composer_box.js').Box} Box */
/** @typedef {import('./session.js').Session} Session */
/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */

/** How many seconds a lost answer is waited for where the kind of channel is not known yet. */
const PROOF = 120

/**
 * What the parts of an open conversation share.
 * @typedef {object} View
 * @property {Session} session @property {number} id
 * @property {Conversation | undefined} first as it was when it was opened
 * @property {() => Conversation | undefined} it
 * @property {import('./message_edit.js').Place} place
 * @property {() => string | null} writtenFor which marks mean something to whom one writes
 * @property {Signal<Message | null>} quoted @property {Signal<boolean>} note
 * @property {{box: Box | null}} writing the reply box, once it stands
 * @property {ReturnType<typeof sendingGate>} gate whether what one writes may go
 * @property {(message: Message) => boolean} ours
 */

/**
 * @param {Session} session @param {number} id
 * @param {() => import('../core/types.js').Channel[]} channels
 * @param {Signal<boolean>} aside whether the panel beside it is open
 */
export function conversationView(session, id, channels, aside) {
  const view = viewOf(session, id, channels)
  const { first } = view,
    { isDirect } = view.place
  const thread = threadOf(view)
  followWhileOpen(session, id, thread.ready)
  const box = h('section.main', { 'aria-label': t('thread.section') })
  box.append(
    conversationHeader(session, id, channels, aside),
    thread.scroller,
    h(
      'div.foot',
      h('div.writing', { 'aria-live': 'off' }, () => whoWrites(session, id)),
      !isDirect && proposed(view),
      replyBox(view, thread, box),
    ),
  )
  return {
    box,
    thread,
    writing: () => view.writing.box,
    /** @param {boolean} [on] whether a note is written next */
    focus: (on = view.note.peek()) => {
      if (first?.kind === 'customer') view.note.set(on)
      view.writing.box?.area.focus()
    },
    find: (/** @type {number} */ seq) =>
      thread.ready.then(async () => {
        if (!(await thread.find(null, seq))) toast(t('thread.too_far'))
      }),
  }
}

/**
 * @param {Session} session @param {number} id
 * @param {() => import('../core/types.js').Channel[]} channels
 * @returns {View}
 */
function viewOf(session, id, channels) {
  const { store, me, book } = session
  const first = store.peekConversation(id),
    it = () => store.conversation(id),
    isDirect = first?.kind === 'direct',
    channel = first?.channel_kind
  return {
    ...{ session, id, first, it },
    place: { isDirect, can: ability => book.can(channel, ability) },
    writtenFor: computed(() => (isDirect ? OURS : (book.kindOf(channel)?.formatting ?? null))),
    quoted: signal(/** @type {Message | null} */ (null)),
    note: signal(false),
    writing: { box: null },
    gate: sendingGate(session, id, channels),
    ours: m => (isDirect ? m.sender?.id === me.id : m.sender_type !== 'customer'),
  }
}

/** @typedef {ReturnType<typeof messageThread>} Thread */

/**
 * Left before its first page came: then it is not followed either.
 * @param {Session} session
 * @param {number} id
 * @param {Promise<boolean>} ready
 */
function followWhileOpen(session, id, ready) {
  let left = false
  ready.then(there => {
    if (there && !left) session.follow(id)
  })
  onCleanup(() => {
    left = true
    session.leave(id)
  })
}

/** A name above what a colleague wrote. @param {View} view */
const authorIn =
  ({ place, session: { me } }) =>
  (/** @type {Message} */ m) =>
    place.isDirect || m.sender_type === 'customer' || m.sender?.id === me.id ? null : (m.sender?.name ?? null)

/** @param {View} view @returns {Thread} */
function threadOf(view) {
  const { session, id, first, place, writtenFor, ours, quoted, note, writing } = view
  const { store, link } = session
  const actions = messageActions(session, place, {
    quote: message => quoted.set(message),
    noteFrom: place.isDirect
      ? undefined
      : message => {
          note.set(true)
          quoted.set(message)
        },
    giveBack: words => {
      if (writing.box && !writing.box.area.value) writing.box.put(words)
    },
    find: wanted => thread.find(wanted),
    callBack: place.isDirect ? undefined : () => callBack(view, () => thread),
  })
  const authorOf = authorIn(view)
  const thread = messageThread({
    ...{ store, id, ours },
    unread: first?.unread_count ?? 0,
    trouble: showError,
    fetch: async query => (await get(`/conversations/${id}/messages`, query)).items,
    read: seq => session.markRead(id, seq),
    happened: happenedIn(session, id),
    row: key =>
      messageRow({
        ...{ store, key, ours, authorOf, actions },
        live: () => link.state() === 'live',
        proof: () => (session.book.kindOf(first?.channel_kind)?.proof_seconds ?? PROOF) * 1_000,
        writtenFor: m => (m.is_private ? OURS : writtenFor()),
      }),
  })
  return thread
}

/** What happened beside the messages comes once they stand. @param {Session} session @param {number} id */
function happenedIn(session, id) {
  const made = signal(
    /** @type {ReturnType<typeof import('./conversation_events.js').conversationEvents> | null} */ (null),
  )
  idly(
    () => import('./conversation_events.js'),
    each => made.set(each.conversationEvents(session, id)),
  )
  return {
    all: () => made()?.all() ?? [],
    isNothing: (/** @type {number[]} */ numbers) => made.peek()?.isNothing(numbers) ?? false,
    row: (/** @type {number[]} */ numbers) => made.peek()?.row(numbers) ?? h('li'),
  }
}

/** @param {View} view @param {Thread} thread @param {HTMLElement} target where files may be dropped */
function replyBox(view, thread, target) {
  const { session, id, first, it, place, writtenFor, quoted, note, writing, gate } = view
  const { answers, notes } = mayWrite(view)
  if (!answers && !notes) return h('div.composer', thread.jump, h('p.window', t('composer.may_not')))
  if (!answers) keepsToNotes(note)
  const sent = sentIn(view, () => thread)
  const before = beforeSending(session, id, () => thread.latest())
  const name = other(first, session.me.id).name
  return composer({
    ...{ id, quoted, target },
    jump: thread.jump,
    files: inWorkspace('/api/v1/media'),
    label: place.isDirect ? t('composer.write_to', { name }) : t('composer.reply'),
    warning: () => before.words() || gate.words(),
    // What is said may be about something else.
    remedy: h('span', { hidden: () => !!before.words() }, gate.instead(around(view, sent))),
    stopped: gate.stops,
    channel: () => session.book.kindOf(it()?.channel_kind),
    writtenFor,
    note: place.isDirect || !notes ? null : note,
    more: made => {
      writing.box = made
      before.watch(made)
      return tools(session, id, made, sent)
    },
    mayGo: made => before.mayGo(made),
    editLast: () => {
      import('./message_edit.js')
        .then(each => each.editLast(session.store, id, session.me.id, place))
        .catch(showError)
    },
    send: words => {
      session.send(id, words)
      thread.latest()
    },
    typing: on => session.type(id, on),
    follow: place.isDirect ? undefined : then => afterwards(session, id, then, target),
  })
}

/** What one's role allows one to write here. @param {View} view */
const mayWrite = ({ session: { me }, place: { isDirect } }) => ({
  answers: may(me, isDirect ? 'direct.write' : 'conversations.reply'),
  notes: !isDirect && may(me, 'notes.write'),
})

/** Whoever may write notes alone writes nothing else. @param {Signal<boolean>} note */
const keepsToNotes = note =>
  effect(() => {
    if (!note()) note.set(true)
  })

/**
 * What follows an answer.
 * @param {Session} session
 * @param {number} id
 * @param {'close' | 'snooze'} then
 * @param {HTMLElement} box
 */
function afterwards(session, id, then, box) {
  const button = /** @type {HTMLElement | null} */ (box.querySelector('.care'))
  if (then === 'close') setStatus(session, id, 'closed')
  else if (button)
    import('./conversation_menus.js').then(each => each.snoozeMenu(session, id, button)).catch(showError)
}

/** What the gate's alternatives need. @param {View} view @param {(sent: Message | null) => void} sent */
const around = ({ session, id, note, writing }, sent) => ({
  ...{ session, id, sent },
  takeNote: () => {
    note.set(true)
    writing.box?.area.focus()
  },
})

/** A message that was sent by another way than the box. @param {View} view @param {() => Thread} thread */
const sentIn =
  ({ session }, thread) =>
  (/** @type {Message | null} */ message) => {
    if (message?.conversation_id) session.store.apply([message])
    thread().latest()
  }

/**
 * A missed call is answered by a message: where free words are not taken any more, by a template.
 * @param {View} view @param {() => Thread} thread
 */
function callBack(view, thread) {
  const { session, id, note, writing, gate } = view
  note.set(false)
  writing.box?.area.focus()
  if (gate.verdict.peek()?.reason !== 'window_closed') return
  import('./template_picker.js')
    .then(each => each.chooseTemplate(session, id, sentIn(view, thread)))
    .catch(showError)
}

/** What the AI proposes comes with its code when it first proposes something. @param {View} view */
function proposed({ session, id, note, writing }) {
  const box = h('div'),
    proposes = computed(() => !!session.store.conversation(id)?.ai_draft)
  const write = (/** @type {string} */ words) => {
    note.set(false)
    writing.box?.put(words)
  }
  effect(() => {
    box.replaceChildren()
    if (proposes()) coming(box, import('./ai_draft.js'), each => each.draftBox(session, id, write), showError)
  })
  return box
}

/** @param {Session} session @param {number} id */
function whoWrites({ people, store, me }, id) {
  const writing = people.typing().get(id)
  if (!writing?.size) return ''
  const it = store.conversation(id)
  return [...writing]
    .map(([person, name]) =>
      person === 0 || it?.kind === 'direct'
        ? t('thread.writing', { name: other(it, me.id).name })
        : t('thread.replying', { name }),
    )
    .join(' · ')
}
