// @ts-check
// What an agent does with a message in its row: answer, react, settle what did not go out, rate the AI.
import { post, put, remove } from '../core/api.js'
import { showError, toast } from '../core/toast.js'
import { t } from '../core/words.js'

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../chat/message.js').Actions} Actions */

/**
 * @param {import('./session.js').Session} session
 * @param {import('./message_edit.js').Place} place
 * @param {object} of
 * @param {(message: Message) => void} of.quote
 * @param {((message: Message) => void) | undefined} of.noteFrom
 * @param {(words: string) => void} of.giveBack what was taken back goes into the empty box
 * @param {(wanted: number) => Promise<boolean>} of.find
 * @param {(() => void) | undefined} of.callBack answers a missed call
 * @returns {Actions}
 */
export function messageActions(session, place, { quote, noteFrom, giveBack, find, callBack }) {
  const { store, me } = session
  const act = (/** @type {Promise<Message | null>} */ asked) => taken(store, asked)
  return {
    reply: quote,
    callBack,
    more: message =>
      import('./message_menu.js').then(each => each.messageItems(session, message, place, { noteFrom })),
    retry: message => {
      if (message.version === 0) session.again(message)
      else act(post(`/messages/${message.id}/retry`, { action: 'resend' }))
    },
    giveUp: message => session.giveUp(message),
    decide: (message, action) => act(post(`/messages/${message.id}/retry`, { action })),
    rate: (message, rating) => rate(act, message, rating),
    cancel: message => act(cancelled(message, giveBack)),
    erase: message => {
      import('./message_edit.js').then(each => each.erase(store, message)).catch(showError)
    },
    refetch: (message, attachment) => act(post(`/messages/${message.id}/attachments/${attachment}/retry`)),
    react: (message, emoji) => act(react(message, emoji, me.id)),
    feel: (message, button) => {
      import('../chat/emoji.js')
        .then(each => each.openEmoji(button, emoji => act(react(message, emoji, me.id)), each.QUICK))
        .catch(showError)
    },
    find: async wanted => {
      if (!(await find(wanted))) toast(t('thread.too_far'))
    },
  }
}

/**
 * What comes back goes the same way as everything else.
 * @param {import('../core/store.js').Store} store
 * @param {Promise<Message | null>} asked
 */
const taken = (store, asked) =>
  asked
    .then(message => {
      if (message?.conversation_id) store.apply([message])
    })
    .catch(showError)

/** @param {Message} message @param {(words: string) => void} giveBack */
async function cancelled(message, giveBack) {
  const gone = await remove(`/messages/${message.id}`)
  toast(t('later.cancelled'))
  giveBack(message.content ?? '')
  return gone
}

/** The same again takes it away. @param {Message} message @param {string} emoji @param {number} me */
function react(message, emoji, me) {
  const had = message.reactions?.some(
    each => each.emoji === emoji && (each.actor === 'owner' || each.actor === `user:${me}`),
  )
  return put(`/messages/${message.id}/reaction`, { emoji: had ? null : emoji })
}

/**
 * A bad answer is worth a word about why.
 * @param {(asked: Promise<Message | null>) => Promise<void>} act
 * @param {Message} message
 * @param {string | null} rating
 */
async function rate(act, message, rating) {
  const say = (/** @type {string | null} */ comment) =>
    act(post(`/messages/${message.id}/feedback`, { rating, comment }))
  await say(rating ? (message.feedback?.comment ?? null) : null)
  if (rating !== 'negative') return
  import('./dialogs.js').then(each => each.whyBad(message, say)).catch(showError)
}
