// @ts-check
// A whole conversation on one sheet, with names and times: as a text to keep, or on paper.
import { get } from '../core/api.js'
import { h } from '../core/dom.js'
import { stylesheet } from '../core/stylesheet.js'
import { day, dayOf, full } from '../core/time.js'
import { toast } from '../core/toast.js'
import { moreWords, named, t } from '../core/words.js'
import { inWorkspace } from '../core/workspace.js'
import { cardsOf } from '../chat/message_words.js'
import { other } from './conversation_names.js'

await Promise.all([moreWords(), stylesheet('sheet')])

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/types.js').Conversation} Conversation */

const PAGE = 100

/** All messages, from the first to the last. @param {number} id @returns {Promise<Message[]>} */
async function allOf(id) {
  /** @type {Message[]} */
  const all = []
  for (let after_seq = 0; ;) {
    const { items } = await get(`/conversations/${id}/messages`, { after_seq, limit: PAGE })
    all.push(...items)
    if (items.length < PAGE) return all
    after_seq = items.at(-1).seq
  }
}

/**
 * Who a message is from.
 * @param {Message} message @param {string} customer
 */
function authorOf({ sender_type, sender, origin }, customer) {
  if (sender_type === 'customer') return sender?.name || customer
  if (sender_type === 'system') return t('transcript.system')
  return sender?.name || named('origin', origin)
}

/** What a message says, a line each. @param {Message} message */
export function saidIn(message) {
  if (message.deleted_at) return [t('message.deleted')]
  const cards = cardsOf(message.details, message.content).flatMap(card => [
    card.title,
    ...card.lines.map(({ label, text }) => (label ? `${label}: ${text}` : text)),
  ])
  const files = message.attachments.map(({ file_name, kind, media_url, transcription }) =>
    [
      `[${named('kind', kind)}]`,
      file_name,
      media_url && new URL(inWorkspace(media_url), location.origin).href,
      transcription,
    ]
      .filter(Boolean)
      .join(' '),
  )
  const lines = [...(message.content ? [message.content] : []), ...cards, ...files]
  return lines.length ? lines : [named('kind', message.message_type)]
}

/** @param {Message} message @param {string} customer */
export function headOf(message, customer) {
  const marks = [
    message.is_private && t('message.private'),
    message.edited_at && t('message.edited'),
    ['failed', 'unconfirmed'].includes(message.status) && named('state', message.status),
  ].filter(Boolean)
  return [authorOf(message, customer), full(message.created_at), ...marks].join(' · ')
}

/** @param {Message[]} all @param {string} customer */
export const textOf = (all, customer) =>
  all.map(each => `${headOf(each, customer)}\n${saidIn(each).join('\n')}\n`).join('\n')

/** @param {Conversation} it @param {string} name @param {number} count */
const titleOf = (it, name, count) =>
  [
    name,
    it.customer?.external_id,
    it.channel_name ?? named('channel', it.channel_kind),
    t('transcript.count', { count }),
  ]
    .filter(Boolean)
    .join(' · ')

/** @param {Session} session @param {number} id */
async function gather({ store, me }, id) {
  const it = store.peekConversation(id)
  if (!it) throw new Error(t('empty.gone'))
  toast(t('transcript.reading'))
  const all = await allOf(id),
    { name } = other(it, me.id)
  return { all, name, title: titleOf(it, name, all.length) }
}

/** @param {Session} session @param {number} id */
export async function exportText(session, id) {
  const { all, name, title } = await gather(session, id)
  const words = `${title}\n${t('transcript.made', { when: full(Date.now()) })}\n\n${textOf(all, name)}`
  const address = URL.createObjectURL(new Blob([words], { type: 'text/plain;charset=utf-8' }))
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60)
  const link = h('a', { href: address, download: `${safe || 'conversation'}-${id}.txt` })
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
  toast(t('transcript.done', { count: all.length }))
}

/** @param {Session} session @param {number} id */
export async function printConversation(session, id) {
  const { all, name, title } = await gather(session, id)
  const sheet = h('section.sheet', h('h1', { dir: 'auto' }, title), ...rows(all, name))
  const gone = () => {
    sheet.remove()
    document.documentElement.classList.remove('prints')
  }
  document.documentElement.classList.add('prints')
  document.body.append(sheet)
  addEventListener('afterprint', gone, { once: true })
  print()
}

/** @param {Message[]} all @param {string} customer */
function rows(all, customer) {
  let today = 0
  return all.flatMap(each => {
    const isNew = dayOf(each.created_at) !== today
    today = dayOf(each.created_at)
    return [
      isNew && h('h2', day(each.created_at)),
      h(
        each.is_private ? 'article.note' : 'article',
        h('p.head', { dir: 'auto' }, headOf(each, customer)),
        ...saidIn(each).map(line => h('p', { dir: 'auto' }, line)),
      ),
    ]
  })
}
