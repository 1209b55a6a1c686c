// @ts-check
// What the server's search knows of messages: by words, days, person and channel. Fetched when somebody
// searches.
import { get } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, show } from '../core/dom.js'
import { showError } from '../core/toast.js'
import { effect, signal } from '../core/signal.js'
import { since } from '../core/time.js'
import { moreWords, t } from '../core/words.js'
import { other, said } from './conversation_names.js'
import { valuesOf } from './list_filter.js'
import { between } from './saved_query.js'
import { go, isNarrowed, place } from './url_state.js'

await moreWords()

/** @typedef {import('./session.js').Session} Session */

const PAUSE = 150
/** Letters before the word that was found: the list is narrow. */
const BEFORE = 14

/**
 * What the server's search gives: a message where its words are meant, else the conversation of who is called
 * so.
 * @typedef {object} Hit
 * @property {import('../core/types.js').Conversation} conversation
 * @property {import('../core/types.js').Message | null} message
 * @property {string | null} [excerpt]
 */

/**
 * Customers whom the list does not show by name, and messages that hold the words; each leads to its place.
 * @param {Session} session @param {() => number[]} listed
 */
export function searchResults(session, listed) {
  const { me, gone } = session
  const search = new Search(session)
  search.follow()
  const there = () => search.found().filter(it => !gone().has(it.conversation.id))
  const people = () => there().filter(it => !it.message && !listed().includes(it.conversation.id))
  const messages = () => there().filter(it => it.message)
  const part = (/** @type {string} */ title, /** @type {() => Hit[]} */ which) =>
    h(
      'section.hits',
      { 'aria-label': title, hidden: () => !which().length },
      h('h2', title),
      show(h('ol'), () => which().map(it => hit(it, me.id))),
    )
  const more = h(
    'button.button.quiet',
    { type: 'button', hidden: () => !search.next(), onclick: () => search.load(search.next.peek()) },
    t('search.more'),
  )
  const box = h('div', part(t('search.people'), people), part(t('search.messages'), messages), more)
  return { box, busy: () => search.busy(), count: () => people().length + messages().length }
}

class Search {
  found = signal(/** @type {Hit[]} */ ([]))
  busy = signal(false)
  next = signal(/** @type {string | null} */ (null))
  #asked = 0
  #before = ''
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause
  #session

  /** @param {Session} session */
  constructor(session) {
    this.#session = session
  }

  /** Searches as one types, a moment after the last letter. */
  follow() {
    effect(() => {
      const here = place()
      const words = here.q.trim()
      const key = [words, here.channel, here.from, here.to, here.who].join('|')
      if (key === this.#before) return
      this.#before = key
      clearTimeout(this.#pause)
      this.#asked++
      this.next.set(null)
      const isAsked = words.length > 1 || (!words && isNarrowed(here))
      this.busy.set(isAsked)
      if (isAsked) this.#pause = setTimeout(() => this.load(), PAUSE)
      else this.found.set([])
    })
  }

  /** @param {string | null} [cursor] */
  async load(cursor = null) {
    const mine = ++this.#asked
    const here = place.peek()
    const channels = valuesOf(here.channel)
    const channel_id = channels.length === 1 ? channels[0] : null
    try {
      const asked = { q: here.q.trim(), ...between(here), channel_id, customer_id: here.who, cursor }
      const answer = await get('/search', asked)
      if (mine === this.#asked) this.#took(answer, !!cursor, channels)
    } catch (problem) {
      if (mine !== this.#asked) return
      this.found.set([])
      showError(problem)
    } finally {
      if (mine === this.#asked) this.busy.set(false)
    }
  }

  /**
   * @param {{items: Hit[], next_cursor?: string | null}} answer
   * @param {boolean} isMore
   * @param {string[]} channels
   */
  #took({ items, next_cursor }, isMore, channels) {
    const { store } = this.#session
    const wanted = items.filter(
      it => it.conversation && (!channels.length || channels.includes(String(it.conversation.channel_id))),
    )
    store.applyConversations(wanted.map(it => it.conversation).filter(it => !store.peekConversation(it.id)))
    this.found.set([...(isMore ? this.found.peek() : []), ...wanted])
    this.next.set(next_cursor ?? null)
    // Looked through without a hit: the server goes on from there.
    if (!wanted.length && next_cursor) this.load(next_cursor)
  }
}

/** @param {Hit} it @param {number} me */
function hit({ conversation, message, excerpt }, me) {
  const who = other(conversation, me)
  return h(
    'li',
    h(
      'button.conversation',
      {
        type: 'button',
        'data-hit': String(message?.id ?? ''),
        onclick: () => go({ c: conversation.id, at: message?.seq ?? null }),
      },
      avatar(who, { channel: conversation.channel_kind }),
      h(
        'span.words',
        h('span.name', { dir: 'auto' }, who.name),
        h(
          'span.preview',
          { dir: 'auto' },
          ...(message
            ? [byWhom(message, conversation, me), ...marked(excerpt || message.content || '', place.peek().q)]
            : [conversation.customer?.external_id ?? '']),
        ),
      ),
      h('span.end', message && since(message.created_at)),
    ),
  )
}

/**
 * Who said it, where that is not the customer.
 * @param {import('../core/types.js').Message} message
 * @param {import('../core/types.js').Conversation} conversation
 * @param {number} me
 */
const byWhom = (message, conversation, me) =>
  said(message, '', conversation, me).replace(/[\u2068\u2069]/g, '')

/** The words one looked for stand out; they stay text. @param {string} text @param {string} q */
export function marked(text, q) {
  const words = q
    .split(/\s+/)
    .filter(each => each.length > 1)
    .map(each => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (!words.length) return [text]
  const find = new RegExp(`(${words.join('|')})`, 'giu'),
    at = text.search(find)
  // From the beginning of a word shortly before it; where there is none, from the hit itself.
  const space = at > BEFORE ? text.indexOf(' ', at - BEFORE) + 1 : 0,
    from = at > BEFORE && (!space || space > at) ? at : space
  return `${from ? '…' : ''}${text.slice(from)}`
    .split(find)
    .map((part, i) => (i % 2 ? h('mark', part) : part))
}
