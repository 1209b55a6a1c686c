// @ts-check
// What the server's search knows of messages. Fetched when somebody searches.
import { get } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, show } from '../core/dom.js'
import { troubled } from '../core/float.js'
import { effect, signal } from '../core/signal.js'
import { ago } from '../core/time.js'
import { t } from '../core/words.js'
import { other } from './names.js'
import { go, place } from './place.js'

const PAUSE = 220

/** Messages that hold the words one looks for; each leads to its place in its conversation. @param {import('./session.js').Session} session */
export function hitList({ store, me }) {
  const found = signal(/** @type {any[]} */ ([])), next = signal(/** @type {string | null} */ (null))
  let asked = 0, before = ''
  /** @type {any} */
  let pause = null
  /** @param {string} q @param {string | null} [cursor] */
  async function load(q, cursor = null) {
    const mine = ++asked
    try {
      const answer = await get('/search', { q, cursor })
      if (mine !== asked) return
      store.applyConversations(answer.items.map((/** @type {any} */ it) => it.conversation).filter((/** @type {any} */ it) => it && !store.peekConversation(it.id)))
      found.set([...(cursor ? found.peek() : []), ...answer.items.filter((/** @type {any} */ it) => it.message)])
      next.set(answer.next_cursor ?? null)
    } catch (/** @type {any} */ problem) { if (mine === asked) { found.set([]); troubled(problem) } }
  }
  effect(() => {
    const { q } = place()
    if (q === before) return
    before = q
    clearTimeout(pause)
    asked++
    next.set(null)
    if (q.trim().length < 2) found.set([])
    else pause = setTimeout(() => load(q.trim()), PAUSE)
  })
  const inChannel = () => { const { channel } = place(); return found().filter(it => !channel || String(it.conversation?.channel_id) === channel) }
  const box = h('section.hits', { 'aria-label': t('search.messages'), hidden: () => !inChannel().length }, h('h2', t('search.messages')),
    show(h('ol'), () => inChannel().map(it => hit(it, me.id))),
    h('button.button.quiet', { type: 'button', hidden: () => !next(), onclick: () => load(place.peek().q.trim(), next.peek()) }, t('search.more')))
  return { box, any: () => inChannel().length > 0 }
}

/** @param {any} it @param {number} me */
function hit({ conversation, message, excerpt }, me) {
  const who = other(conversation, me)
  return h('li', h('button.conversation', { type: 'button', 'data-hit': String(message.id), onclick: () => go({ c: conversation.id, at: message.seq }) },
    avatar(who, { channel: conversation.channel_kind }),
    h('span.words', h('span.name', { dir: 'auto' }, who.name), h('span.preview', { dir: 'auto' }, ...marked(excerpt || message.content || '', place.peek().q))),
    h('span.end', h('time', { datetime: message.created_at }, ago(message.created_at)))))
}

/** The words one looked for stand out; they stay text. @param {string} text @param {string} q */
export function marked(text, q) {
  const words = q.split(/\s+/).filter(each => each.length > 1).map(each => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (!words.length) return [text]
  return text.split(new RegExp(`(${words.join('|')})`, 'giu')).map((part, i) => (i % 2 ? h('mark', part) : part))
}
