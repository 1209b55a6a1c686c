// @ts-check
// The visitor's side, inside the frame: one conversation, their own. It talks to the page around it only by
// name and only to the one origin it was given.
import { sound } from '../core/notifications.js'
import { banner } from '../core/banner.js'
import { h, icon } from '../core/dom.js'
import { announce } from '../core/announce.js'
import { restored } from '../core/epoch.js'
import { browserLink } from '../core/socket.js'
import { browserBox, Outbox } from '../core/outbox.js'
import { effect, flush, signal } from '../core/signal.js'
import { Store } from '../core/store.js'
import { stand, watch } from '../core/tab_leader.js'
import { now } from '../core/time.js'
import { loadWords, t } from '../core/words.js'
import { composer } from '../chat/composer.js'
import { useDrafts } from '../chat/draft.js'
import { messageRow } from '../chat/message.js'
import { messageThread } from '../chat/thread.js'
import { hostPage } from './host_page.js'
import { awayWords } from './hours.js'
import { wearColor, wearTheme } from './looks.js'
import { visitorOf } from './visitor.js'

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/types.js').Attachment} Attachment */
/**
 * A visitor has one conversation; until its first message it has no number, so here it is always this one.
 */
const OWN = 0
const PAGE = 50
const channel = location.pathname.split('/')[2]
const asked = new URLSearchParams(location.search)
const whole = asked.has('whole')
const { tell, hear } = hostPage(asked.get('host'))
const visitor = visitorOf(channel)
wearColor(asked.get('color'))

await loadWords('widget')
useDrafts(`visitor.${channel}`)

let open = whole || parent === window,
  unread = 0,
  since = 0
/** What the welcome brought: the newest page. @type {Message[]} */
let newest = []
const name = signal(''),
  hours = signal(/** @type {import('./hours.js').Hours | null} */ (null))
/** @type {Map<string, (messages: Message[]) => void>} */
const histories = new Map()

const store = new Store(message => message.sender_type === 'customer')
const thread = store.thread(OWN)
const link = browserLink(`/widget/${channel}/ws`, () => ({
  type: 'hello',
  token: visitor.token || null,
  after: thread.low == null ? null : thread.version,
  name: null,
  identity: visitor.identity,
}))
const outbox = new Outbox(browserBox('rapport-visitor'), ({ conversation_id, ...frame }) => link.send(frame))
/**
 * A picture cannot send a header: its address says whose it is.
 * @param {string | null | undefined} address
 */
const mine = address =>
  address?.startsWith('/widget/')
    ? `${address}?token=${encodeURIComponent(visitor.token ?? '')}`
    : (address ?? null)
const files = (/** @type {Attachment[] | undefined} */ all) =>
  (all ?? []).map(each => ({
    ...each,
    media_url: mine(each.media_url),
    thumbnail_url: mine(each.thumbnail_url),
  }))
const here = (/** @type {Message} */ message) => ({
  ...message,
  conversation_id: OWN,
  attachments: files(message.attachments),
})

link.on('welcome', frame => {
  if (restored(frame)) return
  // The server knows this visitor no more: a new beginning.
  if (visitor.token && frame.token !== visitor.token && !frame.renewed) store.unload(OWN)
  visitor.token = frame.token
  name.set(frame.channel?.name ?? '')
  hours.set(frame.hours ?? null)
  if (frame.conversation_id) tell('known')
  if (!open) tell('unread', { count: (unread = frame.unread ?? 0) })
  since = frame.version
  if (thread.low == null) {
    newest = (frame.messages ?? []).map(here)
    store.page(OWN, newest, { limit: PAGE })
    store.reached(OWN, frame.version)
    first()
  }
  outbox.resend()
})
link.on('chat_message', took)
link.on('message_sent', took)
link.on('message_updated', took)
link.on('history', frame => {
  histories.get(frame.ref)?.(frame.messages)
  histories.delete(frame.ref)
})
link.on('error', ({ ref, code, message, retry_after }) => {
  if (code === 'rate_limited' && ref) {
    writing.set(t('widget.slow'))
    clearTimeout(fading)
    fading = setTimeout(() => writing.set(''), Math.max(6, retry_after ?? 0) * 1_000)
  }
  if (ref && outbox.refused(ref, code, retry_after))
    store.amend(`${OWN}:${ref}`, { status: 'failed', error: { code, message } })
})
link.on('close', () => {
  for (const done of histories.values()) done([])
  histories.clear()
})

/** @param {import('../core/socket.js').Frame} frame */
function took({ type, version, message }) {
  store.apply([here(message)], { live: type === 'chat_message' && version > since })
  store.reached(OWN, version)
  if (message.client_id && message.sender_type === 'customer') outbox.settle(message.client_id)
  if (type === 'chat_message' && message.sender_type !== 'customer') writing.set('')
}

const writing = signal('')
/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading
link.on('typing', frame => {
  clearTimeout(fading)
  writing.set(frame.is_typing ? t('widget.writing', { name: frame.name || t('widget.somebody') }) : '')
  fading = setTimeout(() => writing.set(''), 6_000)
})

/** @param {import('../core/types.js').Owed & {attachments?: Attachment[]}} entry @returns {Message} */
const copy = entry => ({
  id: 0,
  seq: null,
  version: 0,
  conversation_id: OWN,
  client_id: entry.client_id,
  sender_type: /** @type {const} */ ('customer'),
  sender: null,
  origin: 'widget',
  message_type: 'text',
  content: entry.content,
  attachments: entry.attachments ?? [],
  reply_to: null,
  status: 'pending',
  error: null,
  is_ai_response: false,
  feedback: null,
  created_at: entry.created_at,
  edited_at: null,
  deleted_at: null,
})
/** @param {{content: string, attachment_ids?: number[], attachments?: Attachment[]}} words */
function send({ content, attachment_ids = [], attachments = [] }) {
  const entry = {
    client_id: crypto.randomUUID(),
    conversation_id: OWN,
    content,
    attachment_ids,
    reply_to: null,
    created_at: new Date().toISOString(),
    owner: channel,
  }
  store.apply([copy({ ...entry, attachments: files(attachments) })])
  outbox.add(entry)
  view.latest()
}

/** @type {(value?: unknown) => void} */
let first = () => {}
const ready = new Promise(done => {
  first = done
})
const ours = (/** @type {Message} */ message) => message.sender_type === 'customer'
const live = () => link.state() === 'live'
/** @param {Message} message */
function authorOf(message) {
  if (message.sender_type === 'ai') return t('widget.ai')
  return message.sender_type === 'support' ? (message.sender?.name ?? null) : null
}
const view = messageThread({
  store,
  id: OWN,
  ours,
  unread: 0,
  trouble: () => {},
  // How long a page is, is the server's choice: only an empty one says that nothing is left.
  ends: count => count === 0,
  fetch: async query => {
    if (query.before_seq == null) {
      await ready
      return newest
    }
    const ref = crypto.randomUUID()
    return new Promise((done, fail) => {
      histories.set(ref, messages => done(messages.map(here)))
      if (!link.send({ type: 'history', ref, before_seq: query.before_seq })) {
        histories.delete(ref)
        fail(new Error(t('error.offline')))
      }
    })
  },
  read: seq => {
    if (open) {
      link.send({ type: 'read', seq })
      tell('unread', { count: (unread = 0) })
    }
  },
  row: key =>
    messageRow({
      store,
      key,
      ours,
      live,
      authorOf,
      actions: {
        retry: message => {
          store.amend(key, { status: 'pending', error: null })
          outbox.add({
            client_id: message.client_id ?? '',
            conversation_id: OWN,
            content: message.content ?? '',
            attachment_ids: message.attachments.map(each => each.id),
            reply_to: null,
            created_at: message.created_at,
            owner: channel,
          })
        },
        giveUp: message => {
          outbox.settle(message.client_id ?? '')
          store.drop(key)
        },
      },
    }),
})

document.getElementById('app')?.replaceWith(
  h(
    'main.widget',
    { class: whole ? 'widget whole' : 'widget' },
    h(
      'header',
      icon('chat'),
      h(
        'div',
        h(
          'h1',
          h('span', { dir: 'auto' }, () => name() || t('widget.title')),
        ),
        h('p', () => awayWords(hours(), now()) || t('widget.lead')),
      ),
      !whole &&
        parent !== window &&
        h(
          'button',
          { type: 'button', 'aria-label': t('widget.close'), onclick: () => tell('close') },
          icon('close'),
        ),
    ),
    banner(link),
    view.scroller,
    h(
      'div.foot',
      h('div.writing', { 'aria-live': 'off' }, () => writing()),
      composer({
        id: 'own',
        send,
        files: { toString: () => mine(`/widget/${channel}/media`) ?? '' },
        typing: on => link.send({ type: 'typing', is_typing: on }),
        quoted: signal(null),
        jump: view.jump,
        label: t('widget.write'),
        hint: false,
      }),
    ),
  ),
)
effect(() => {
  document.title = name() || t('widget.title')
})
addEventListener('keydown', event => {
  if (event.key === 'Escape') tell('close')
})

store.onFresh(message => {
  if (message.sender_type === 'customer') return
  announce(t('thread.announce', { name: message.sender?.name ?? '', words: message.content ?? '' }))
  sound()
  if (!open) tell('unread', { count: ++unread })
})

// A page may sound only after it was touched: only such a tab stands for the others, and none while one of
// them is looked at.
const looked = watch(visitor.name, () => open && !document.hidden)
const untouched = new AbortController()
for (const touch of ['pointerdown', 'keydown'])
  addEventListener(
    touch,
    () => {
      untouched.abort()
      stand(visitor.name)
    },
    { signal: untouched.signal },
  )

hear(({ type, theme }) => {
  if (theme !== undefined) wearTheme(theme)
  if (type === 'opened') {
    open = true
    tell('unread', { count: (unread = 0) })
    document.querySelector('textarea')?.focus()
  }
  if (type === 'closed') open = false
  // Who asks before this page can listen is told by itself.
  if (type === 'hello') tell('ready')
  looked()
})

store.apply((await outbox.load(channel).catch(() => [])).map(copy))
flush()
link.start()
tell('ready')
document.documentElement.dataset.ready = ''
