// @ts-check
// How conversations and their last words are called on the screen.
import { named, t } from '../core/words.js'

/** @typedef {import('../core/types.js').Conversation} Conversation */

/**
 * The other side of a conversation.
 * @param {Conversation | undefined} it
 * @param {number} me
 * @returns {{name: string, avatar_url: string | null, id: number | null}}
 */
export function other(it, me) {
  if (!it) return { name: '', avatar_url: null, id: null }
  if (it.kind === 'direct') {
    const people = it.participants.filter(each => each.id !== me)
    const shown = people.length ? people : it.participants
    return {
      name: shown.map(each => each.name).join(', ') || t('direct.alone'),
      avatar_url: shown[0]?.avatar_url ?? null,
      id: shown.length === 1 ? shown[0].id : null,
    }
  }
  const { customer } = it
  return {
    name:
      customer?.name ||
      customer?.username ||
      (it.channel_kind === 'webchat'
        ? t('person.visitor', { number: customer?.id ?? '' })
        : customer?.external_id) ||
      t('person.nameless'),
    avatar_url: customer?.avatar_url ?? null,
    id: null,
  }
}

/**
 * What a message without words of its own is about.
 * @param {import('../core/types.js').Message['details']} details
 */
function brief(details) {
  if (details?.call) return details.call.missed && !details.call.outgoing ? t('kind.missed_call') : ''
  const contacts = Array.isArray(details?.contacts) ? details.contacts : []
  const names = contacts.map(each => nameOf(/** @type {ContactCard | null} */ (each)?.name))
  const name = nameOf(details?.location?.name) || names.filter(Boolean).join(', ')
  if (name) return `${t(details?.location ? 'kind.location' : 'kind.contact')}: ${name}`
  return details?.order && !details.order.text ? t('kind.order') : ''
}

/** @typedef {import('../chat/details_types.js').ContactCard} ContactCard */
/** A text, or an object with it. @param {unknown} name @returns {string} */
function nameOf(name) {
  if (name && typeof name === 'object' && 'formatted_name' in name) return nameOf(name.formatted_name)
  return typeof name === 'string' ? name.trim() : ''
}

/** @param {Conversation} it @param {number} me */
export function preview(it, me) {
  const last = it.last_message
  if (!last) return t('list.no_message')
  const words = last.deleted_at
    ? t('message.deleted')
    : brief(last.details) || last.content?.replace(/\s+/g, ' ').trim() || named('kind', last.message_type)
  return said(last, words, it, me)
}

/**
 * Words of a conversation behind who said them, where that is not the customer.
 * @param {import('../core/types.js').Message} last
 * @param {string} words
 * @param {Conversation} it
 * @param {number} me
 */
export function said(last, words, it, me) {
  // Apart from the language around them: an English question in an Arabic line keeps its mark at its end.
  const apart = `\u2068${words}\u2069`
  if (last.is_private) return t('list.note', { words: apart })
  if (last.sender_type === 'support' && last.sender?.id === me) return t('list.you', { words: apart })
  if (it.kind === 'direct' && it.participants.length <= 2) return words
  return last.sender_type === 'customer' || last.sender_type === 'system'
    ? words
    : t('list.colleague', { name: last.sender?.name || named('origin', last.origin), words: apart })
}
