// @ts-check
// Whether what one writes may go: the server's one gate is asked when a conversation is opened, and whenever
// something changes that it may depend on. What it says stands above the box, with what can be done instead.
// Never a decision of its own: without an answer nothing is said and nothing is held back.
import { post } from '../core/api.js'
import { h, show } from '../core/dom.js'
import { computed, effect, onCleanup, signal } from '../core/signal.js'
import { moment, now } from '../core/time.js'
import { showError } from '../core/toast.js'
import { named, t } from '../core/words.js'

/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('./session.js').Session} Session */
/**
 * @typedef {object} Verdict
 * @property {'allowed' | 'warn' | 'refuse'} decision @property {string | null} reason
 * @property {string[]} alternatives @property {string | null} until
 */
/**
 * What can be done instead, and what it needs.
 * @typedef {object} Around
 * @property {Session} session @property {number} id
 * @property {() => void} takeNote begins a note
 * @property {(sent: import('../core/types.js').Message) => void} sent
 */

const HOUR = 3_600_000,
  MINUTE = 60_000
/** What has a button here; the others are words, or have one of their own. */
const BUTTONS = [
  'send_template',
  'unblock',
  'not_spam',
  'reconnect_channel',
  'open_merged',
  'choose_other_channel',
  'note_instead',
]

/** @param {Session} session @param {number} id @param {() => Channel[]} channels */
export function sendingGate(session, id, channels) {
  const it = () => session.store.conversation(id)
  const verdict = signal(/** @type {Verdict | null} */ (null))
  const standing = computed(() => standingOf(it(), channels()))
  let asked = 0
  const ask = () => {
    const mine = ++asked
    post(`/conversations/${id}/messages/check`, {}, { quiet: true }).then(
      said => {
        if (mine === asked) verdict.set(said)
      },
      () => {}, // the server judges what is sent in any case
    )
  }
  effect(() => {
    if (standing()) ask()
  })
  const again = () => {
    if (standing.peek()) ask()
  }
  session.back.add(again)
  onCleanup(() => {
    asked = -1
    session.back.delete(again)
  })
  tickAtTheEnd(it)
  return {
    verdict,
    /** Whether nothing may be sent now. */
    stops: () => verdict()?.decision === 'refuse',
    /** What is said above the box. */
    words: () => wordsOf(it(), verdict()),
    /** @param {Around} around */
    instead: around =>
      show(h('span.instead'), () =>
        (verdict()?.alternatives ?? [])
          .filter(each => BUTTONS.includes(each) && isFor(session, each))
          .map(each => button(each, around)),
      ),
  }
}

/** Only admins connect channels. @param {Session} session @param {string} what */
const isFor = ({ me }, what) => what !== 'reconnect_channel' || me.role === 'admin'

/** @param {string} what @param {Around} around */
const button = (what, around) =>
  h(
    'button.button.small',
    {
      type: 'button',
      onclick: (/** @type {{currentTarget: HTMLElement}} */ { currentTarget }) => {
        import('./sending_instead.js')
          .then(each => each.instead(what, around, currentTarget))
          .catch(showError)
      },
    },
    t(`gate_do.${what}`),
  )

/**
 * What the answer may depend on, in one text; empty: there is nothing to ask.
 * @param {Conversation | undefined} it @param {Channel[]} channels
 */
function standingOf(it, channels) {
  if (!it || it.kind !== 'customer') return ''
  const isAhead = (/** @type {string | null | undefined} */ at) => !!at && +new Date(at) > now()
  return JSON.stringify([
    it.channel_id,
    channels.find(each => each.id === it.channel_id)?.state,
    it.status === 'spam',
    it.merged_into,
    it.customer?.id,
    it.customer?.blocked,
    it.customer?.unreachable,
    isAhead(it.window_expires_at),
    isAhead(it.human_agent_until),
  ])
}

/** The clock of the page is slow: at the end of a window it is looked at at once. @param {() => Conversation | undefined} it */
function tickAtTheEnd(it) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  effect(() => {
    clearTimeout(timer)
    const left = +new Date(it()?.window_expires_at ?? 0) - Date.now()
    if (left > 0 && left < HOUR) timer = setTimeout(() => now.set(Date.now()), left + 100)
  })
  onCleanup(() => clearTimeout(timer))
}

/** @param {Conversation | undefined} it @param {Verdict | null} said */
function wordsOf(it, said) {
  if (!it || it.kind !== 'customer') return ''
  const channel = named('channel', it.channel_kind),
    name = it.channel_name ?? channel
  if (said?.reason)
    return t.has(`gate.${said.reason}`)
      ? t(`gate.${said.reason}`, { channel, name, when: said.until ? moment(said.until) : '' })
      : ''
  const left = +new Date(it.window_expires_at ?? 0) - now()
  if (left <= 0 || left >= HOUR) return ''
  return t('gate.window_closing', { channel, count: Math.max(1, Math.round(left / MINUTE)) })
}
