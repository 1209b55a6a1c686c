// @ts-check
// The inbox: who is signed in, the list, the open conversation, and the keys. Everything else is a part of these.
import '../core/theme.js'
import { notificationOffer } from '../core/notification_offer.js'
import { notify, showCount } from '../core/notifications.js'
import { all, get } from '../core/api.js'
import { banner } from '../core/banner.js'
import { coming, h, icon } from '../core/dom.js'
import { announce } from '../core/announce.js'
import { dialog } from '../core/dialog.js'
import { showError } from '../core/toast.js'
import { shortcuts, single, useKeys } from '../core/shortcuts.js'
import { untilReachable } from '../core/offline_start.js'
import { leaveWhenSignedOut, rail, signIn, tellWhenSignedOut } from '../core/rail.js'
import { keepShell } from '../core/service_worker.js'
import { newerVersion } from '../core/version.js'
import { computed, effect, flush, owned, signal, untracked } from '../core/signal.js'
import { isLookedAt, stand, watch } from '../core/tab_leader.js'
import { loadWords, t } from '../core/words.js'
import { useDrafts } from '../chat/draft.js'
import { assign, setStatus } from './acts.js'
import { conversationView } from './conversation.js'
import { conversationList } from './list.js'
import { other, preview } from './names.js'
import { go, place } from './place.js'
import { Session } from './session.js'
import { filled } from './writing.js'

/** How many threads stay in memory after they were left. */
const KEPT = 12

leaveWhenSignedOut()
const words = loadWords()
const me = await untilReachable(() => get('/me'), words)
await words
useDrafts(String(me.id))
stand('rapport-notify')
watch('rapport-notify', isLookedAt)

// From here on something may be half written: one is told, and goes when one likes.
const signedOut = signal(false),
  newer = signal(false)
tellWhenSignedOut(() => signedOut.set(true))

const session = new Session(me)
const { store } = session
const known = signal(/** @type {import('../core/types.js').Channel[] | null} */ (null)),
  channels = computed(() => known() ?? [])
const aside = signal(innerWidth > 1280)
const loadChannels = () =>
  all('/channels')
    .then(items => known.set(items))
    .catch(() => {})
/** @type {ReturnType<typeof conversationView> | null} */
let view = null
session.back.add(loadChannels)
session.link.on('channel_updated', loadChannels)
session.back.add(() => newerVersion().then(is => newer.set(is)))
session.back.add(() => view?.thread.mark()) // what was read while the line was down

// What is seldom used is fetched when it is.
const start = (/** @type {(each: typeof import('./start.js')) => any} */ work) => {
  import('./start.js').then(work).catch(showError)
}
const list = conversationList(session, known, button =>
  start(each => each.writeMenu(session, channels.peek(), button)),
)
const main = h('section.stage', { id: 'stage', tabindex: '-1', 'aria-label': t('thread.stage') })
const app = h(
  'div.app',
  { 'data-view': () => (place().c ? 'thread' : 'list') },
  h(
    'a.skip',
    {
      href: '#stage',
      onclick: (/** @type {Event} */ event) => {
        event.preventDefault()
        view?.focus()
      },
    },
    t('thread.skip'),
  ),
  rail(me, 'inbox', list.unread, () => session.link.state() === 'live'),
  h('main.both', list.side, main),
  banner(
    session.link,
    () => (signedOut() ? t('banner.signed_out') : newer() ? t('banner.newer') : brokenChannel()),
    () =>
      signedOut()
        ? { label: t('banner.sign_in'), run: () => location.assign(signIn()) }
        : newer()
          ? { label: t('banner.reload'), run: () => location.reload() }
          : brokenChannel() && me.role === 'admin'
            ? { label: t('banner.mend'), run: () => location.assign('/admin#channels') }
            : null,
    notificationOffer(),
  ),
)
document.getElementById('app')?.replaceWith(app)

// Said where it is felt: an answer to this channel will not go out until somebody mends it.
function brokenChannel() {
  const it = channels().find(each => each.state === 'paused')
  return it ? t('banner.channel', { name: it.name, reason: it.state_reason ?? '' }) : ''
}

// A search leads into a conversation that is already open, too.
let sought = place.peek().at
effect(() => {
  const { at } = place()
  if (at && at !== sought) untracked(() => view?.find(at))
  sought = at
})

session.write = () => view?.focus(false)

let leave = () => {}
/** @type {number[]} */
const recent = []

const open = computed(() => place().c)
const there = computed(() => (open() ? !!store.conversation(/** @type {number} */ (open())) : false))
// It goes on in another: one is led there.
const onward = computed(() =>
  open() ? store.conversation(/** @type {number} */ (open()))?.merged_into : null,
)
effect(() => {
  const into = onward()
  if (into) untracked(() => go({ c: into }, { replace: true }))
})
let now = ''
effect(() => {
  there() // a conversation that was being fetched has come
  const id = open(),
    known = id != null && !!store.peekConversation(id),
    gone = id != null && session.gone().has(id)
  if (now === `${id} ${known} ${gone}`) return
  now = `${id} ${known} ${gone}`
  untracked(() => {
    leave()
    view = null
    leave = () => {}
    if (!id) return main.replaceChildren(nothingOpen())
    if (gone) return main.replaceChildren(notThere())
    if (!known) {
      main.replaceChildren()
      fetchOne(id)
      return
    }
    remember(id)
    const [made, stop] = owned(() => {
      const shown = conversationView(session, id, channels, aside)
      const panel = coming(
        h('div.beside', { hidden: () => !aside() }),
        import('./person.js'),
        each => each.personPanel(session, id, channels, () => aside.set(false)),
        showError,
      )
      main.replaceChildren(shown.box, panel)
      return shown
    })
    view = made
    leave = stop
    const { at } = place.peek()
    if (at) made.find(at)
    if (matchMedia('(hover: hover)').matches && !list.walks()) made.focus(false)
  })
})

/** @param {number} id */
async function fetchOne(id) {
  const moment = store.moment
  try {
    store.applyConversations([await get(`/conversations/${id}`)], { asked: moment })
  } catch (/** @type {any} */ problem) {
    // The list brought it meanwhile, or somebody went on: then what failed is nobody's matter.
    if (place.peek().c !== id || store.peekConversation(id)) return
    if (problem.status === 404 || problem.status === 403) main.replaceChildren(notThere())
    else
      main.replaceChildren(
        h(
          'div.empty',
          icon('off'),
          h('p', problem.message),
          h(
            'button.button',
            { type: 'button', onclick: () => fetchOne(id) },
            icon('retry'),
            t('common.retry'),
          ),
        ),
      )
  }
}

/** @param {number} id */
function remember(id) {
  recent.splice(0, recent.length, id, ...recent.filter(each => each !== id))
  for (const old of recent.splice(KEPT)) store.unload(old)
}

function nothingOpen() {
  return h('div.empty', icon('chat'), h('h2', t('empty.choose')), h('p', t('empty.choose_next')))
}
function notThere() {
  return h(
    'div.empty',
    icon('question'),
    h('h2', t('empty.gone')),
    h('p', t('empty.gone_next')),
    h('button.button', { type: 'button', onclick: () => go({ c: null }) }, t('common.back')),
  )
}

// What concerns this person: theirs, nobody's, a colleague writing to them, or a note that calls them.
session.changed.add((reason, it) => {
  const last = it.last_message
  const theirs = it.kind === 'direct' ? last?.sender?.id !== me.id : last?.sender_type === 'customer'
  const called = reason === 'message_sent' && it.is_mentioned && last?.mentions?.includes(me.id)
  if (called)
    return notify({
      id: it.id,
      title: t('thread.called', { name: last?.sender?.name ?? '' }),
      body: last?.content ?? '',
      open: () => go({ c: it.id }),
    })
  if (
    !it.unread_count ||
    !theirs ||
    (reason !== 'new_customer_message' &&
      reason !== 'created' &&
      !(reason === 'message_sent' && it.kind === 'direct'))
  )
    return
  if (it.kind === 'customer' && it.assignee_id != null && it.assignee_id !== me.id) return
  notify({ id: it.id, title: other(it, me.id).name, body: preview(it, me.id), open: () => go({ c: it.id }) })
})
store.onFresh(message => {
  if (message.sender_type === 'customer' || message.sender?.id !== me.id)
    announce(t('thread.announce', { name: message.sender?.name ?? '', words: message.content ?? '' }))
})
effect(() => showCount(list.unread(), t('list.title')))

const isOpen = () => !!place.peek().c && !!view
const palette = () => {
  import('./palette.js')
    .then(each =>
      each.openPalette(session, shortcuts, text =>
        view?.writing()?.insert(filled(text, store.peekConversation(place.peek().c ?? 0), me)),
      ),
    )
    .catch(showError)
}
const withOpen = (/** @type {(id: number) => void} */ work) => () => {
  const id = place.peek().c
  if (id && store.peekConversation(id)) work(id)
}
useKeys([
  { name: 'next', keys: ['j', 'Alt+ArrowDown'], run: () => list.step(1), typing: true },
  { name: 'previous', keys: ['k', 'Alt+ArrowUp'], run: () => list.step(-1), typing: true },
  { name: 'reply', keys: ['r'], run: () => view?.focus(false), when: isOpen },
  { name: 'note', keys: ['n'], run: () => view?.focus(true), when: isOpen },
  { name: 'close', keys: ['e'], run: withOpen(id => setStatus(session, id, 'closed')), when: isOpen },
  { name: 'reopen', keys: ['o'], run: withOpen(id => setStatus(session, id, 'open')), when: isOpen },
  {
    name: 'assign',
    keys: ['a'],
    run: withOpen(id => {
      const button = /** @type {any} */ (main.querySelector('.assign'))
      if (button) assign(session, id, button)
    }),
  },
  {
    name: 'snooze',
    keys: ['s'],
    run: withOpen(id => {
      const button = /** @type {any} */ (main.querySelector('.care'))
      if (button) import('./care.js').then(each => each.snoozeMenu(session, id, button)).catch(showError)
    }),
    when: isOpen,
  },
  {
    name: 'label',
    keys: ['l'],
    run: withOpen(id => {
      const button = /** @type {any} */ (main.querySelector('.care'))
      if (button) import('./care.js').then(each => each.labelsOf(session, id, button)).catch(showError)
    }),
    when: isOpen,
  },
  { name: 'search', keys: ['/'], run: () => list.find.focus() },
  { name: 'narrow', keys: ['f'], run: list.narrow },
  { name: 'palette', keys: ['Mod+k'], run: palette, typing: true },
  { name: 'choose', keys: ['x'], run: () => list.chosen.set(list.chosen.peek() ? null : new Set()) },
  { name: 'direct', keys: ['d'], run: () => start(each => each.writeDirect(session)) },
  { name: 'panel', keys: ['i'], run: () => aside.set(!aside.peek()) },
  { name: 'newest', keys: ['End'], run: () => view?.thread.latest() },
  {
    name: 'help',
    keys: ['?'],
    run: () => {
      import('./asking.js')
        .then(each => dialog(t('keys.title'), () => each.shortcutSheet(shortcuts, single)))
        .catch(showError)
    },
  },
])
addEventListener('keydown', event => {
  if (
    event.key !== 'Escape' ||
    event.defaultPrevented ||
    document.querySelector('dialog[open], [popover]:popover-open')
  )
    return
  const focused = /** @type {any} */ (document.activeElement)
  if (focused?.closest?.('.composer') && innerWidth > 768 && list.focusRow()) return
  if (focused?.matches?.('input, textarea')) focused.blur()
  else if (place.peek().c && innerWidth <= 768) go({ c: null })
})

await session.start()
flush()
document.documentElement.dataset.ready = ''
import('./ahead.js').then(each => each.fetchAhead()).catch(() => {})
keepShell()
