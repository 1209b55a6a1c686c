// @ts-check
// What a message answers to, in short, above its words.
import { h } from '../core/dom.js'
import { named, t } from '../core/words.js'

/** @typedef {NonNullable<import('../core/types.js').Message['quote']>} Quote */

/** @param {Quote} quote @param {(id: number) => void} [find] */
export function quoteBox(quote, find) {
  const words = [
    h('b', { dir: 'auto' }, quote.sender_name ?? ''),
    h('span', { dir: 'auto' }, quote.content || named('kind', quote.message_type)),
  ]
  if (!find) return h('div.quote', ...words)
  return h(
    'button.quote',
    { type: 'button', 'aria-label': t('message.go_to_quote'), onclick: () => find(quote.id) },
    ...words,
  )
}

/** A message as others quote it. @param {import('../core/types.js').Message} message @returns {Quote} */
export const quoteOf = ({ id, content, sender, message_type }) => ({
  id,
  content,
  sender_name: sender?.name ?? null,
  message_type,
})
