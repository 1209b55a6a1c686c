// @ts-check
// What can be done with one message, as a menu.
import { copyText } from '../core/clipboard.js'
import { may } from '../core/may.js'
import { full } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'
import { markUnread } from './conversation_actions.js'
import { edit, erase, mayChange } from './message_edit.js'

await moreWords()

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/menu.js').MenuItem} MenuItem */

/**
 * @param {import('./session.js').Session} session @param {Message} message
 * @param {import('./message_edit.js').Place} place
 * @param {{noteFrom?: (message: Message) => void}} acts
 * @returns {MenuItem[]}
 */
export function messageItems(session, message, place, { noteFrom }) {
  const isStored = message.version > 0
  return [
    ...(message.content ? [item('message.copy', 'copy', () => copy(message.content ?? ''))] : []),
    ...(isStored && message.seq ? [item('message.copy_link', 'link', () => copyLink(message))] : []),
    ...(isStored ? [item('message.forward', 'forward', () => forward(session, message))] : []),
    ...(isStored && noteFrom && may(session.me, 'notes.write')
      ? [item('message.note_from', 'note', () => noteFrom(message))]
      : []),
    ...(isStored && message.sender?.id !== session.me.id && message.seq
      ? [
          item('message.unread_from', 'inbox', () =>
            markUnread(session, message.conversation_id, message.seq),
          ),
        ]
      : []),
    ...changes(session, message, place),
    ...(isStored ? [item('history.action', 'info', () => whyOnce(message))] : []),
    { label: full(message.created_at), icon: 'clock' },
  ]
}

/** @param {string} name @param {string} sign @param {() => unknown} run @returns {MenuItem} */
const item = (name, sign, run) => ({ label: t(name), icon: sign, run })

/**
 * @param {import('./session.js').Session} session
 * @param {Message} message
 * @param {import('./message_edit.js').Place} place
 * @returns {MenuItem[]}
 */
function changes({ me, store }, message, place) {
  const isOwn = message.sender_type === 'support' && message.sender?.id === me.id
  if (!isOwn || !mayChange(message, place)) return []
  const own = message.is_private ? 'notes.write' : 'conversations.reply'
  const writes = place.isDirect ? 'direct.write' : own
  const erases = writes === 'conversations.reply' ? 'conversations.delete_message' : writes
  const remove = { ...item('message.delete', 'trash', () => erase(store, message)), danger: true }
  return [
    ...(message.content && may(me, writes) ? [item('message.edit', 'pen', () => edit(store, message))] : []),
    ...(may(me, erases) ? [remove] : []),
  ]
}

/** @param {string} text @param {string} [said] */
async function copy(text, said) {
  if (!(await copyText(text))) toast(t('message.not_copied'), { tone: 'bad' })
  else if (said) toast(said)
}

/** The address of one message: whoever may see the conversation opens it there. @param {Message} message */
export const linkTo = ({ conversation_id, seq }) => `${location.origin}/?c=${conversation_id}&at=${seq}`

/** @param {Message} message */
const copyLink = message => copy(linkTo(message), t('message.link_copied'))

/** @param {import('./session.js').Session} session @param {Message} message */
const forward = (session, message) =>
  import('./message_forward.js').then(each => each.forwardMessage(session, message)).catch(showError)

/** @param {Message} message */
const whyOnce = message =>
  import('./delivery_history.js').then(each => each.whyOnce(message)).catch(showError)
