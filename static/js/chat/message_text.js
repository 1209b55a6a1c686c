// @ts-check
// The words of a message as they are meant: links to follow, marks of the platform shown as what they mean,
// and a long text folded. Text goes in as text.
import { h } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { formatted } from './formatting.js'

/** From here on a text is folded. */
const LONG = 1_200,
  MANY_LINES = 18
const TAGS = { bold: 'strong', italic: 'em', strike: 's', code: 'code', block: 'pre', quote: 'blockquote' }

/** @param {import('./formatting.js').Piece} piece @returns {string | HTMLElement} */
function drawn(piece) {
  if (typeof piece === 'string') return piece
  const inside = piece.inside.map(drawn)
  if (piece.kind !== 'link') return h(TAGS[piece.kind], ...inside)
  const isWeb = /^https?:/.test(piece.href ?? '')
  const how = isWeb ? { target: '_blank', rel: 'noopener noreferrer nofollow' } : {}
  return h('a', { href: piece.href, ...how }, ...inside)
}

/** @param {string} text @param {import('./formatting.js').Dialect} dialect */
export const wordsOf = (text, dialect) => formatted(text, dialect).map(drawn)

/** @param {string} text */
export const isLong = text => text.length > LONG || text.split('\n', MANY_LINES + 1).length > MANY_LINES

/** @param {string} text @param {import('./formatting.js').Dialect} dialect @returns {HTMLElement[]} */
export function messageText(text, dialect) {
  if (!isLong(text)) return [h('div.body', { dir: 'auto' }, ...wordsOf(text, dialect))]
  const open = signal(false)
  const body = h('div.body', { dir: 'auto', classes: { folded: () => !open() } }, ...wordsOf(text, dialect))
  const more = h(
    'button.text.unfold',
    { type: 'button', 'aria-expanded': () => String(open()), onclick: () => open.set(!open.peek()) },
    () => t(open() ? 'message.less' : 'message.all'),
  )
  return [body, more]
}
