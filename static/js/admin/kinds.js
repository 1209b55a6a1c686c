// @ts-check The form of a channel: the words of its fields, and how its values stand in the API's channel.
// Which fields there are, the server says of each kind of channel.
import { t } from '../core/words.js'

/** @typedef {import('./channel_kinds.js').Field} Field */
/** @typedef {import('./channel_kinds.js').Kind} Kind */
/**
 * @typedef {{kind: string, name: string, external_id?: string, options: Record<string, unknown>,
 *   credentials: Record<string, string>}} NewChannel
 */

/**
 * The label and hint of a field, in the words of the platform's own pages; its bare name where nobody wrote
 * any.
 * @param {string} kind
 * @param {string} name
 */
export const wordsOf = (kind, name) => {
  const label = [`need.${kind}.${name}`, `need.any.${name}`].find(t.has)
  const hint = [`need.${kind}.${name}_hint`, `need.any.${name}_hint`].find(t.has)
  return { label: label ? t(label) : name, hint: hint && t(hint) }
}

/**
 * What people know a credential as, whichever part of the product names it.
 * @param {string} kind
 * @param {string} name
 */
export const labelOf = (kind, name) =>
  name === 'verify_token' ? t('wizard.verify_token') : wordsOf(kind, name).label

/** @param {string} text */
export const sitesOf = text =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(site => site.replace(/\/+$/, ''))

/** An origin: no path, and `*.` for everything below a name. @param {string} site */
export const isSite = site => /^https?:\/\/(\*\.)?[a-z0-9.\-[\]:]+$/i.test(site) || site === '*'

/** Says at the field which of the sites is none. @param {Field} field @param {HTMLElement} box */
export function sitesFault(field, box) {
  if (field.form !== 'sites') return box
  const input = /** @type {HTMLInputElement} */ (box.querySelector('input'))
  const judge = () => {
    const wrong = sitesOf(input.value).find(site => !isSite(site))
    input.setCustomValidity(wrong ? t('need.any.site_wrong', { site: wrong }) : '')
  }
  input.addEventListener('input', judge)
  judge()
  return box
}

/** A secret of ours, of letters and digits every program takes. */
export function secret() {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  return Array.from(crypto.getRandomValues(new Uint32Array(32)), each => letters[each % letters.length]).join(
    '',
  )
}

/**
 * The form's values as the API's channel. What the other side must repeat to us, the server makes.
 * @param {Kind} kind
 * @param {Record<string, string>} values
 */
export function channelOf(kind, values) {
  /** @type {NewChannel} */
  const channel = { kind: kind.kind, name: values.name.trim(), options: {}, credentials: {} }
  for (const field of kind.fields) {
    const value = (values[field.name] ?? '').trim()
    if (!value) continue
    if (field.place === 'credential') channel.credentials[field.name] = value
    else if (field.place === 'option') channel.options[field.name] = optionOf(field, value)
    else channel.external_id = value
  }
  return channel
}

/** What may be chosen in a field, with its words; none: it is written. @param {Field} field */
export function choicesOf({ form, choices }) {
  const all = form === 'flag' ? ['no', 'yes'] : choices
  return all.length
    ? all.map(choice => /** @type {[string, string]} */ ([choice, t(`need.choice.${choice}`)]))
    : undefined
}

/**
 * The same back, as the field shows it.
 * @param {Field} field
 * @param {Record<string, unknown> | null | undefined} options whatever the server keeps
 */
export function shownOption({ name, form, choices }, options) {
  const value = options?.[name]
  if (form === 'sites') return [value ?? []].flat().join(' ')
  if (form === 'flag') return value ? 'yes' : 'no'
  return String(value ?? choices[0] ?? '')
}

/** What a field says about an option. @param {Field} field @param {string} value */
export function optionOf({ form }, value) {
  if (form === 'sites') return sitesOf(value)
  return form === 'flag' ? value === 'yes' : value
}

/** Whether a platform on the internet could reach that address at all. @param {string} address */
export const reachable = address =>
  /^https:/.test(address) && !/^https:\/\/(localhost|127\.|10\.|192\.168\.|\[::1\])/.test(address)
