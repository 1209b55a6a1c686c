// @ts-check
// The cards of what a message says beside its text: places, contacts, orders, answers, links. Text goes in
// as text.
import { copyText } from '../core/clipboard.js'
import { h, icon } from '../core/dom.js'
import { toast } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'
import { cardsOf } from './message_words.js'

await moreWords()

/** @param {string} href @param {Node | string} inside */
const follow = (href, inside) =>
  h('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, inside)

/** @param {string} text */
async function copied(text) {
  if (await copyText(text)) toast(t('common.copied'))
  else toast(t('message.not_copied'), { tone: 'bad' })
}

/** @param {import('./message_words.js').Line} line */
function row({ label, text, href, copy }) {
  return h(
    'small',
    label ? `${label}: ` : '',
    href ? follow(href, h('bdi', text)) : h('bdi', text),
    copy &&
      h(
        'button.button.quiet.small',
        { type: 'button', 'aria-label': `${t('common.copy')} ${copy}`, onclick: () => copied(copy) },
        icon('copy'),
      ),
  )
}

/** @param {import('../core/types.js').Message} message */
export function detailCards(message) {
  return cardsOf(message.details, message.content).map(card =>
    h(
      'div.file.detail',
      icon(card.icon),
      h(
        'span',
        h('b', { dir: 'auto' }, card.href ? follow(card.href, card.title) : card.title),
        ...card.lines.map(row),
      ),
    ),
  )
}
