// @ts-check
// An approved message as a phone shows it: what stands above, the words with their marks, the small line
// below, the buttons, the cards. Text goes in as text.
import { h, icon, show } from '../core/dom.js'
import { stylesheet } from '../core/stylesheet.js'
import { filled } from '../core/template_parts.js'
import { t } from '../core/words.js'
import { dialectOf } from './formatting.js'
import { wordsOf } from './message_text.js'

await stylesheet('template')

/** @typedef {import('../core/template_parts.js').Content} Content */
/** @typedef {import('../core/template_parts.js').Card} Card */
/** @typedef {import('../core/template_parts.js').Values} Values */

const ICONS = /** @type {Record<string, string>} */ ({
  image: 'image',
  video: 'play',
  document: 'file',
  location: 'pin',
})
const BUTTONS = /** @type {Record<string, string>} */ ({
  url: 'globe',
  phone: 'phone',
  quick_reply: 'reply',
  copy_code: 'copy',
  one_time_password: 'copy',
  flow: 'file',
})

/**
 * @param {Content} content
 * @param {() => Values} values what is filled in so far
 * @param {(name: string) => string | null} [pictureOf] where a chosen picture is to be seen
 */
export function templatePreview(content, values, pictureOf = () => null) {
  const cards = content.carousel ?? []
  return h(
    'div.phone',
    { role: 'group', 'aria-label': t('template.preview') },
    bubble(content, '', values, pictureOf, content.footer),
    cards.length > 0 &&
      h('div.cards', ...cards.map((card, index) => bubble(card, `card${index}.`, values, pictureOf))),
  )
}

/**
 * @param {Card} part @param {string} before @param {() => Values} values
 * @param {(name: string) => string | null} pictureOf @param {string | null} [footer]
 */
function bubble(part, before, values, pictureOf, footer) {
  const valueOf = (/** @type {string} */ where) => (/** @type {string} */ place) =>
    values()[`${before}${where}.${place}`]
  const words = (/** @type {string} */ where, /** @type {string | undefined} */ text) =>
    wordsOf(filled(text, valueOf(where)), dialectOf('marks'))
  return h(
    'div.template',
    above(part, before, values, pictureOf, words),
    show(h('p.words', { dir: 'auto' }), () => words('body', part.body?.text)),
    footer && h('p.footer', { dir: 'auto' }, footer),
    ...(part.buttons ?? []).map(each =>
      h('p.action', icon(BUTTONS[each.kind] ?? 'file'), h('span', { dir: 'auto' }, each.text)),
    ),
  )
}

/**
 * @param {Card} part @param {string} before @param {() => Values} values
 * @param {(name: string) => string | null} pictureOf
 * @param {(where: string, text: string | undefined) => (string | HTMLElement)[]} words
 */
function above({ header }, before, values, pictureOf, words) {
  if (!header) return null
  const text = header.text?.text
  if (header.format === 'text') return show(h('p.above', { dir: 'auto' }), () => words('header', text))
  return show(h('div.picture'), () => {
    values() // a file may have been chosen
    const url = pictureOf(`${before}header`)
    if (url && header.format === 'image') return [h('img', { src: url, alt: '' })]
    return [icon(ICONS[header.format] ?? 'file'), h('span', t(`template.${header.format}`))]
  })
}
