// @ts-check
// What the server's search knows of messages: by words, days, person and channel. Fetched when somebody searches.
import { get } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, show } from '../core/dom.js'
import { showError } from '../core/toast.js'
import { effect, signal } from '../core/signal.js'
import { since } from '../core/time.js'
import { moreWords, t } from '../core/words.js'
import { other, said } from './names.js'
import { between } from './asked.js'
import { go, isNarrowed, place } from './place.js'

await moreWords()

const PAUSE = 220
/** Letters before the word that was found: the list is narrow. */
const BEFORE = 14

/** Customers whom the list does not show by name, and messages that hold the words; each leads to its place. @param {import('./session.js').Session} session @param {() => number[]} listed */
export function hitList({ store, me, gone }, listed) {
  const found = signal(/** @type {any[]} */ ([])),
    busy = signal(false),
    next = signal(/** @type {string | null} */ (null))
  let asked = 0,
    before = ''
  /** @type {any} */
  let pause = null
  /** @param {string | null} [cursor] */
  async function load(cursor = null) {
    const mine = ++asked,
      here = place.peek()
    try {
      const answer = await get('/search', {
        q: here.q.trim(),
        ...between(here),
        channel_id: here.channel,
        customer_id: here.who,
        cursor,
      })
      if (mine !== asked) return
      store.applyConversations(
        answer.items
          .map((/** @type {any} */ it) => it.conversation)
          .filter((/** @type {any} */ it) => it && !store.peekConversation(it.id)),
      )
      found.set([
        ...(cursor ? found.peek() : []),
        ...answer.items.filter((/** @type {any} */ it) => it.conversation),
      ])
      next.set(answer.next_cursor ?? null)
    } catch (/** @type {any} */ problem) {
      if (mine === asked) {
        found.set([])
        showError(problem)
      }
    } finally {
      if (mine === asked) busy.set(false)
    }
  }
  effect(() => {
    const here = place(),
      key = [here.q.trim(), here.channel, here.from, here.to, here.who].join('|')
    if (key === before) return
    before = key
    clearTimeout(pause)
    asked++
    next.set(null)
    const is = here.q.trim().length > 1 || (!here.q.trim() && isNarrowed(here))
    busy.set(is)
    if (is) pause = setTimeout(() => load(), PAUSE)
    else found.set([])
  })
  const there = () => found().filter(it => !gone().has(it.conversation.id))
  const people = () => there().filter(it => !it.message && !listed().includes(it.conversation.id)),
    said = () => there().filter(it => it.message)
  const part = (/** @type {string} */ words, /** @type {() => any[]} */ which) =>
    h(
      'section.hits',
      { 'aria-label': words, hidden: () => !which().length },
      h('h2', words),
      show(h('ol'), () => which().map(it => hit(it, me.id))),
    )
  const box = h(
    'div',
    part(t('search.people'), people),
    part(t('search.messages'), said),
    h(
      'button.button.quiet',
      { type: 'button', hidden: () => !next(), onclick: () => load(next.peek()) },
      t('search.more'),
    ),
  )
  return { box, busy: () => busy(), count: () => people().length + said().length }
}

/** @param {any} it @param {number} me */
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

/** Who said it, where that is not the customer. @param {any} message @param {any} conversation @param {number} me */
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
