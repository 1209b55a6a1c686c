// @ts-check
// Handing a message on: to another conversation, or to a colleague. Its words go as they are, its files anew.
import { post } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { toast } from '../core/toast.js'
import { stylesheet } from '../core/stylesheet.js'
import { moreWords, t } from '../core/words.js'
import { inWorkspace } from '../core/workspace.js'
import { conversationFinder } from './choose_conversation.js'
import { other } from './conversation_names.js'
import { go } from './url_state.js'

await Promise.all([moreWords(), stylesheet('inbox_dialogs')])

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/types.js').User} User */

/** @param {Session} session @param {Message} message */
export const forwardMessage = (session, message) =>
  dialog(
    t('forward.title'),
    close => {
      const busy = signal(false),
        trouble = signal(''),
        isColleague = signal(false)
      const run = async (/** @type {() => Promise<{id: number, name: string}>} */ hand) => {
        if (busy.peek()) return
        busy.set(true)
        trouble.set('')
        try {
          const { id, name } = await hand()
          close()
          toast(t('forward.done', { name }), { action: t('forward.open'), run: () => go({ c: id, q: '' }) })
        } catch (problem) {
          trouble.set(problem instanceof Error ? problem.message : t('error.server'))
        } finally {
          busy.set(false)
        }
      }
      return h(
        'div.form',
        h('p.preview', { dir: 'auto' }, message.content || namesOf(message)),
        tabs(isColleague),
        show(h('div'), () =>
          isColleague() ? colleagues(session, message, run) : conversations(session, message, run),
        ),
        h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', trouble)),
      )
    },
    '',
    { guards: false },
  )

/** @param {Message} message */
const namesOf = ({ attachments }) => attachments.map(each => each.file_name ?? each.kind).join(', ')

/** @param {import('../core/signal.js').Signal<boolean>} isColleague */
const tabs = isColleague =>
  h(
    'div.modes',
    { role: 'group', 'aria-label': t('forward.to') },
    ...[false, true].map(is =>
      h(
        'button',
        {
          type: 'button',
          'aria-pressed': () => String(isColleague() === is),
          onclick: () => isColleague.set(is),
        },
        t(is ? 'forward.colleague' : 'forward.conversation'),
      ),
    ),
  )

/** @typedef {(hand: () => Promise<{id: number, name: string}>) => void} Run */

/** @param {Session} session @param {Message} message @param {Run} run */
const conversations = (session, message, run) =>
  conversationFinder({
    me: session.me.id,
    label: t('forward.find'),
    only: all => all.filter(each => each.id !== message.conversation_id),
    take: it =>
      run(async () => {
        const attachment_ids = await copies(message)
        await say(session, it.id, { content: message.content ?? '', attachment_ids })
        return { id: it.id, name: other(it, session.me.id).name }
      }),
  })

/** @param {Session} session @param {Message} message @param {Run} run */
function colleagues(session, message, run) {
  const people = session.book.people().filter(each => each.id !== session.me.id)
  const hand = (/** @type {User} */ to) => async () => {
    const attachment_ids = await copies(message)
    const content = [t('forward.from', { name: message.sender?.name ?? '' }), message.content]
      .filter(Boolean)
      .join('\n')
    const answer = await post('/direct-messages', { to: to.id, content, client_id: crypto.randomUUID() })
    session.store.applyConversations([answer.conversation])
    const { id } = answer.conversation
    if (attachment_ids.length) await say(session, id, { content: '', attachment_ids })
    return { id, name: to.full_name }
  }
  return h(
    'ul.choices',
    ...people.map(each =>
      h(
        'li',
        h(
          'button',
          { type: 'button', onclick: () => run(hand(each)) },
          avatar({ name: each.full_name, avatar_url: each.avatar_url }, { size: 'small' }),
          h('span', h('b', { dir: 'auto' }, each.full_name), h('small', `@${each.username}`)),
        ),
      ),
    ),
  )
}

/** @param {Session} session @param {number} id @param {{content: string, attachment_ids: number[]}} words */
async function say(session, id, words) {
  const message = await post(`/conversations/${id}/messages`, { ...words, client_id: crypto.randomUUID() })
  if (message?.conversation_id) session.store.apply([message])
}

/**
 * A file belongs to one message: what is handed on is put there anew.
 * @param {Message} message
 * @returns {Promise<number[]>}
 */
async function copies({ attachments }) {
  const ids = []
  for (const { media_url, file_name, mime_type } of attachments) {
    if (!media_url) continue
    const answer = await fetch(inWorkspace(media_url), { credentials: 'same-origin' })
    if (!answer.ok) throw new Error(t('forward.no_file', { name: file_name ?? '' }))
    const form = new FormData()
    const bytes = await answer.blob()
    form.append('file', new File([bytes], file_name ?? 'file', { type: mime_type ?? bytes.type }))
    ids.push((await post('/media', form)).id)
  }
  return ids
}
