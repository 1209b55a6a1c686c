// @ts-check
// Starting a flow by hand, in one of the conversations that were last spoken in or that a name is looked for
// among.
import { get, post } from '../core/api.js'
import { h, show } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { onCleanup, signal } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'

/** @typedef {import('../core/types.js').Conversation} Conversation */

/** Typing is over when nothing was typed for this long. */
const PAUSE = 180

/** @param {number} id of the flow @param {() => unknown} again */
export function flowStarter(id, again) {
  const { chats, isMore, look } = conversations(() => find.value.trim())
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause
  onCleanup(() => clearTimeout(pause))
  const find = h('input', {
    type: 'search',
    placeholder: t('start_in.find'),
    'aria-label': t('start_in.find'),
    oninput: () => {
      clearTimeout(pause)
      pause = setTimeout(look, PAUSE)
    },
  })
  look()
  return h(
    'div.form',
    h('div.field', find),
    h('p.note-line', { role: 'status', hidden: () => !isMore() }, t('start_in.more')),
    show(h('div'), () => {
      const all = chats()
      if (!all) return null
      if (all.length) return chooser(id, all, again)
      return h('p.note-line', t(find.value.trim() ? 'start_in.none' : 'flows.no_conversation'))
    }),
  )
}

/** @param {() => string} words */
function conversations(words) {
  const chats = signal(/** @type {Conversation[] | null} */ (null))
  const isMore = signal(false)
  let asked = 0
  async function look() {
    const mine = ++asked
    try {
      const answer = await get('/conversations', { kind: 'customer', q: words(), limit: 50 })
      if (mine !== asked) return
      isMore.set(!!answer.next_cursor)
      chats.set(answer.items)
    } catch (problem) {
      if (mine !== asked) return
      chats.set([])
      showError(problem)
    }
  }
  return { chats, isMore, look }
}

/** @param {number} id @param {Conversation[]} all @param {() => unknown} again */
const chooser = (id, all, again) =>
  form(
    [
      field(t('flows.start_in'), {
        name: 'conversation_id',
        value: String(all[0].id),
        options: all.map(each => [String(each.id), nameOf(each)]),
      }),
    ],
    t('flows.start'),
    async values => {
      await post(`/flows/${id}/runs`, { conversation_id: Number(values.conversation_id) })
      again()
    },
  )

/** @param {Conversation} each */
const nameOf = each =>
  [
    each.customer?.name ?? each.customer?.external_id ?? t('person.nameless'),
    each.channel_name,
    `#${each.id}`,
  ].join(' · ')
