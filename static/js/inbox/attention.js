// @ts-check
// What concerns this person is told: theirs, nobody's, a colleague writing to them, a note that calls them, a
// reminder that is due.
import { announce } from '../core/announce.js'
import { toast } from '../core/toast.js'
import { t } from '../core/words.js'
import { other, preview } from './conversation_names.js'
import { go } from './url_state.js'

/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('./session.js').Session} Session */

/** @param {Parameters<typeof import('../core/notifications.js').notify>[0]} what */
const notify = what => import('../core/notifications.js').then(each => each.notify(what)).catch(() => {}) // it is in the list, too

/** @param {Session} session */
export function tellWhatConcerns(session) {
  const { store, me } = session
  session.changed.add((reason, it) => {
    const open = () => go({ c: it.id })
    const words = called(reason, it, me.id) ?? waits(reason, it, me.id)
    if (words) notify({ id: it.id, ...words, open })
  })
  session.link.on('reminder', frame => remind(session, frame))
  store.onFresh(message => {
    if (message.sender_type === 'customer' || message.sender?.id !== me.id)
      announce(t('thread.announce', { name: message.sender?.name ?? '', words: message.content ?? '' }))
  })
}

/** A note that mentions me. @param {string} reason @param {Conversation} it @param {number} me */
function called(reason, it, me) {
  const last = it.last_message
  if (reason !== 'message_sent' || !it.is_mentioned || !last?.mentions?.includes(me)) return null
  return { title: t('thread.called', { name: last.sender?.name ?? '' }), body: last.content ?? '' }
}

/**
 * Words of a customer of mine or nobody's, or of a colleague to me.
 * @param {string} reason
 * @param {Conversation} it
 * @param {number} me
 */
function waits(reason, it, me) {
  const last = it.last_message
  const isDirect = it.kind === 'direct'
  const isTheirs = isDirect ? last?.sender?.id !== me : last?.sender_type === 'customer'
  const isNews =
    reason === 'new_customer_message' || reason === 'created' || (isDirect && reason === 'message_sent')
  if (!it.unread_count || !isTheirs || !isNews) return null
  const isAnothers = it.kind === 'customer' && it.assignee_id != null && it.assignee_id !== me
  return isAnothers ? null : { title: other(it, me).name, body: preview(it, me), silent: isOldNews(last) }
}

const OLD = 5 * 60_000
/** Read back from its platform long after it was written. @param {Conversation['last_message']} last */
const isOldNews = last =>
  !!last?.details?.recovered &&
  Date.parse(last.created_at) - Date.parse(last.platform_sent_at ?? last.created_at) > OLD

/** @param {Session} session @param {{conversation_id: number, customer_name?: string | null}} frame */
function remind({ store, me }, { conversation_id: id, customer_name }) {
  const name = customer_name || other(store.peekConversation(id), me.id).name || t('person.nameless')
  const title = t('reminder.due', { name })
  const open = () => go({ c: id })
  const it = store.peekConversation(id)
  if (it) store.applyConversations([{ ...it, reminder_at: null, unread_count: Math.max(1, it.unread_count) }])
  toast(title, { action: t('reminder.open'), run: open, lasts: 30_000 })
  notify({ id, title, body: it ? preview(it, me.id) : '', open })
}
