// @ts-check
// Looking for a conversation among all of them, by the name or number of whom it is with.
import { get } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, show } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { stylesheet } from '../core/stylesheet.js'
import { named, t } from '../core/words.js'
import { other } from './conversation_names.js'

await stylesheet('inbox_dialogs')

/** @typedef {import('../core/types.js').Conversation} Conversation */

const PAUSE = 150,
  MOST = 30

/**
 * @param {object} of
 * @param {number} of.me
 * @param {string} of.label
 * @param {(found: Conversation[]) => Conversation[]} [of.only] which of what was found can be chosen
 * @param {(it: Conversation) => unknown} of.take
 */
export function conversationFinder({ me, label, only = found => found, take }) {
  const more = signal(false),
    found = signal(/** @type {Conversation[] | null} */ (null))
  let asked = 0
  /** @param {string} q @param {number} pause */
  async function look(q, pause) {
    const mine = ++asked
    if (pause) await new Promise(done => setTimeout(done, pause))
    if (mine !== asked) return
    const answer = await get('/conversations', { q, limit: MOST }).catch(() => null)
    if (mine !== asked || !answer) return
    more.set(!!answer.next_cursor)
    found.set(only(answer.items))
  }
  const input = h('input', {
    type: 'search',
    autofocus: true,
    'aria-label': label,
    placeholder: label,
    oninput: () => look(input.value.trim(), PAUSE),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      const first = found.peek()?.[0]
      if (event.key !== 'Enter' || !first) return
      event.preventDefault()
      take(first)
    },
  })
  look('', 0)
  return [
    h('div.field', input),
    h('p.hint', { role: 'status', hidden: () => !more() }, t('menu.more')),
    h('p.hint', { role: 'status', hidden: () => found()?.length !== 0 }, t('picker.none')),
    show(h('ul.choices'), () => (found() ?? []).map(each => choice(each, me, take))),
  ]
}

/** @param {Conversation} it @param {number} me @param {(it: Conversation) => unknown} take */
function choice(it, me, take) {
  const who = other(it, me)
  const words = [named('channel', it.channel_kind), it.customer?.external_id].filter(Boolean).join(' · ')
  return h(
    'li',
    h(
      'button',
      { type: 'button', onclick: () => take(it) },
      avatar(who, { size: 'small', channel: it.channel_kind }),
      h('span', h('b', { dir: 'auto' }, who.name), h('small', { dir: 'auto' }, words || t('view.direct'))),
    ),
  )
}
