// @ts-check
// The inbox: who is signed in, the list, the open conversation, and the keys. Everything else is a part of
// these.
import '../core/theme.js'
import { endSaid } from '../core/access_ends.js'
import { all, get } from '../core/api.js'
import { banner } from '../core/banner.js'
import { h } from '../core/dom.js'
import { may } from '../core/may.js'
import { untilReachable } from '../core/offline_start.js'
import { showCount } from '../core/page_title.js'
import { leaveWhenSignedOut, rail, signIn, tellWhenSignedOut } from '../core/rail.js'
import { computed, effect, flush, signal } from '../core/signal.js'
import { isLookedAt, stand, watch } from '../core/tab_leader.js'
import { showError, toast } from '../core/toast.js'
import { newerVersion } from '../core/version.js'
import { loadWords, t } from '../core/words.js'
import { inWorkspace } from '../core/workspace.js'
import { useDrafts } from '../chat/draft.js'
import { tellWhatConcerns } from './attention.js'
import { amend } from './conversation_actions.js'
import { useInboxKeys } from './inbox_keys.js'
import { other } from './conversation_names.js'
import { conversationList } from './list.js'
import { Session } from './session.js'
import { makeStage } from './stage.js'
import { place } from './url_state.js'
import { idly, whenIdle } from './when_idle.js'

/** @typedef {import('../core/types.js').Channel} Channel */

leaveWhenSignedOut()
const words = loadWords()
const me = await untilReachable(() => get('/me'), words)
await words
useDrafts(String(me.id))
// Of all tabs of one workspace one speaks.
const tabs = `rapport-notify-${me.workspace?.id ?? ''}`
stand(tabs)
watch(tabs, isLookedAt)

// From here on something may be half written: one is told, and goes when one likes.
const signedOut = signal(false)
const newer = signal(false)
tellWhenSignedOut(() => signedOut.set(true))

const session = new Session(me)
// Needed by the first thread that is drawn; if it fails, it is asked for again after the welcome.
session.book.knowKinds().catch(() => {})
const known = signal(/** @type {Channel[] | null} */ (null))
const channels = computed(() => known() ?? [])
const loadChannels = () =>
  all('/channels')
    .then(items => known.set(items))
    .catch(() => {})
session.back.add(loadChannels)
session.link.on('channel_updated', loadChannels)
session.back.add(() => newerVersion().then(is => newer.set(is)))
// What was done while the line was away and is refused now: it is put back, and said of whom.
session.refused = ({ id, before }, problem) => {
  amend(session, id, before)
  const { name } = other(session.store.peekConversation(id), me.id)
  toast(t('undo.of', { name, words: problem?.message || t('error.server') }), { tone: 'bad' })
}

const list = conversationList(session, known, button => {
  import('./new_message.js').then(each => each.writeMenu(session, channels.peek(), button)).catch(showError)
})
const stage = makeStage(session, channels, () => list.walk.isWalking)
// What tells of news has come with it before anybody looks elsewhere.
const offer = whenIdle(
  () => import('../core/notification_offer.js'),
  each => each.notificationOffer(),
)
const skip = h(
  'a.skip',
  {
    href: '#stage',
    onclick: (/** @type {Event} */ event) => {
      event.preventDefault()
      stage.view?.focus()
    },
  },
  t('thread.skip'),
)
const app = h(
  'div.app',
  { 'data-view': () => (place().c ? 'thread' : 'list') },
  skip,
  rail(me, 'inbox', list.unread, () => session.link.state() === 'live'),
  h('main.both', list.side, stage.box),
  banner(session.link, trouble, remedy, offer),
)
document.getElementById('app')?.replaceWith(app)

function broken() {
  return channels().find(each => each.state === 'paused')
}

/** What is said above everything while the line is well. */
function trouble() {
  if (signedOut()) return t('banner.signed_out')
  if (newer()) return t('banner.newer')
  // Said where it is felt: an answer to this channel will not go out until somebody mends it.
  const it = broken()
  if (it) return t('banner.channel', { name: it.name, reason: it.state_reason ?? '' })
  return me.role === 'admin' ? endSaid(channels()) : ''
}

/** What can be done about it. */
function remedy() {
  if (signedOut()) return { label: t('banner.sign_in'), run: () => location.assign(signIn()) }
  if (newer()) return { label: t('banner.reload'), run: () => location.reload() }
  const isMine = may(me, 'channels.manage') && (broken() || endSaid(channels()))
  return isMine
    ? { label: t('banner.mend'), run: () => location.assign(inWorkspace('/admin#channels')) }
    : null
}

tellWhatConcerns(session)
effect(() => showCount(list.unread(), t('list.title')))
useInboxKeys({ session, list, stage, channels })

await session.start()
flush()
document.documentElement.dataset.ready = ''
idly(
  () => import('./prefetch.js'),
  each => each.fetchAhead(),
)
idly(
  () => import('./bulk_jobs.js'),
  each => void each.resumeJob(session),
)
idly(
  () => import('../core/offline_shell.js'),
  each => each.keepShell(),
)
