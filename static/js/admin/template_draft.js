// @ts-check
// A template that is being written: between its form and the API, and what the platform's rules say of each
// field before anybody is asked. The server looks again. Pure.
import { placesIn } from '../core/template_parts.js'
import { t } from '../core/words.js'

/** @typedef {{kind: string, text: string, value: string, example: string}} DraftButton */
/**
 * @typedef {object} Draft
 * @property {string} name @property {string} language @property {string} category
 * @property {string} format of what stands above; empty: nothing
 * @property {string} header @property {number | null} sample
 * @property {string} body @property {string} footer
 * @property {DraftButton[]} buttons
 * @property {Record<string, string>} examples by `header.1`, `body.1` …
 */
/** @typedef {import('../core/template_parts.js').Template} Template */
/** @typedef {import('../core/template_parts.js').Content} Content */

export const CATEGORIES = ['utility', 'marketing', 'authentication']
export const FORMATS = ['', 'text', 'image', 'video', 'document', 'location']
export const BUTTONS = ['quick_reply', 'url', 'phone', 'copy_code']
/** How long each may be. */
export const LONGEST = { name: 512, header: 60, body: 1024, footer: 60, button: 25, url: 2000, code: 15 }
const MOST_BUTTONS = 10
const FILES = ['image', 'video', 'document']

/** @param {Template | null} it @returns {Draft} */
export function draftOf(it) {
  const { header, body, footer, buttons = [] } = it?.content ?? {}
  const examples = (/** @type {string} */ where, /** @type {Record<string, string> | undefined} */ all) =>
    Object.entries(all ?? {}).map(([place, value]) => [`${where}.${place}`, value])
  return {
    name: it?.name ?? '',
    language: it?.language ?? 'en',
    category: (it?.category ?? 'utility').toLowerCase(),
    format: header?.format ?? '',
    header: header?.text?.text ?? '',
    sample: null,
    body: body?.text ?? '',
    footer: footer ?? '',
    buttons: buttons.map(each => ({
      kind: each.kind,
      text: each.text ?? '',
      value: each.url ?? each.phone ?? '',
      example: each.example ?? '',
    })),
    examples: Object.fromEntries([
      ...examples('header', header?.text?.examples),
      ...examples('body', body?.examples),
    ]),
  }
}

/** The places of a draft that want an example, by their names. @param {Draft} draft @returns {string[]} */
export const placesOfDraft = draft => [
  ...(draft.format === 'text' ? placesIn(draft.header).map(place => `header.${place}`) : []),
  ...placesIn(draft.body).map(place => `body.${place}`),
]

/** What the API is given. @param {Draft} draft @returns {Content} */
export function contentOf(draft) {
  if (draft.category === 'authentication') return {}
  const text = (/** @type {'header' | 'body'} */ where) => ({
    text: draft[where],
    examples: Object.fromEntries(
      placesIn(draft[where]).map(place => [place, draft.examples[`${where}.${place}`] ?? '']),
    ),
  })
  const header = draft.format
    ? {
        format: draft.format,
        ...(draft.format === 'text' && { text: text('header') }),
        ...(draft.sample && { sample: draft.sample }),
      }
    : null
  return {
    ...(header && { header }),
    body: text('body'),
    ...(draft.footer.trim() && { footer: draft.footer }),
    ...(draft.buttons.length && { buttons: draft.buttons.map(buttonOf) }),
  }
}

/** @param {DraftButton} it */
const buttonOf = it => ({
  kind: it.kind,
  text: it.kind === 'copy_code' ? '' : it.text,
  ...(it.kind === 'url' && { url: it.value }),
  ...(it.kind === 'phone' && { phone: it.value }),
  ...(it.example && { example: it.example }),
})

/** What is wrong, by the field it is said at; nothing: it can go. @param {Draft} draft */
export function faultsOf(draft) {
  const isPassword = draft.category === 'authentication'
  const all = {
    name: /^[a-z0-9_]{1,512}$/.test(draft.name) ? '' : t('template_fault.name'),
    language: /^[A-Za-z0-9_]{2,20}$/.test(draft.language) ? '' : t('template_fault.language'),
    ...(isPassword ? {} : contentFaults(draft)),
  }
  return Object.fromEntries(Object.entries(all).filter(([, words]) => words))
}

/** @param {Draft} draft @returns {Record<string, string>} */
function contentFaults(draft) {
  const needsExample = (/** @type {string} */ name) =>
    draft.examples[name]?.trim() ? '' : t('template_fault.example')
  return {
    header: headerFault(draft),
    body: textFault(draft.body, LONGEST.body),
    footer: footerFault(draft.footer),
    buttons: buttonsFault(draft.buttons),
    ...Object.fromEntries(placesOfDraft(draft).map(name => [name.replace('.', '_'), needsExample(name)])),
  }
}

/** @param {Draft} draft */
function headerFault({ format, header, sample }) {
  if (format === 'text') {
    if (placesIn(header).length > 1) return t('template_fault.one_place')
    return textFault(header, LONGEST.header)
  }
  return FILES.includes(format) && !sample ? t('template_fault.sample') : ''
}

/** @param {string} text @param {number} longest */
function textFault(text, longest) {
  const words = text.trim()
  if (!words) return t('form.missing')
  if ([...text].length > longest) return t('template_fault.long', { count: longest })
  if (words.startsWith('{{') || words.endsWith('}}')) return t('template_fault.ends')
  const places = placesIn(text)
  const numbers = places.map(Number).filter(Number.isInteger)
  if (numbers.length && numbers.length !== places.length) return t('template_fault.mixed')
  if (numbers.some((_, index) => !numbers.includes(index + 1))) return t('template_fault.gap')
  return places.every(place => /^[a-z0-9_]+$/.test(place)) ? '' : t('template_fault.place')
}

/** @param {string} footer */
function footerFault(footer) {
  if ([...footer].length > LONGEST.footer) return t('template_fault.long', { count: LONGEST.footer })
  return placesIn(footer).length ? t('template_fault.no_place') : ''
}

/** @param {DraftButton[]} buttons */
function buttonsFault(buttons) {
  const count = (/** @type {string} */ kind) => buttons.filter(each => each.kind === kind).length
  if (buttons.length > MOST_BUTTONS) return t('template_fault.buttons', { count: MOST_BUTTONS })
  if (count('url') > 2 || count('phone') > 1 || count('copy_code') > 1) return t('template_fault.kinds')
  const replies = buttons.map(each => each.kind === 'quick_reply')
  const turns = replies.filter((is, index) => index > 0 && is !== replies[index - 1]).length
  if (turns > 1) return t('template_fault.order')
  return buttons.map(buttonFault).find(Boolean) ?? ''
}

/** @param {DraftButton} it */
function buttonFault({ kind, text, value, example }) {
  if (kind === 'copy_code') {
    const fits = !!example.trim() && example.length <= LONGEST.code
    return fits ? '' : t('template_fault.code', { count: LONGEST.code })
  }
  if (!text.trim() || [...text].length > LONGEST.button)
    return t('template_fault.button', { count: LONGEST.button })
  if (kind === 'phone') return /^\+?\d{3,19}$/.test(value) ? '' : t('template_fault.phone')
  if (kind !== 'url') return ''
  if (!/^https?:\/\//.test(value) || value.length > LONGEST.url) return t('template_fault.url')
  const places = placesIn(value)
  if (places.length > 1 || (places.length && !value.trim().endsWith('}}'))) return t('template_fault.url_end')
  return places.length && !example.trim() ? t('template_fault.example') : ''
}
