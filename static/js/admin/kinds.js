// @ts-check
// What each kind of channel needs to be connected, and where one finds it. Our side's secrets are made here.
import { t } from '../core/words.js'

export const KINDS = ['whatsapp', 'instagram', 'messenger', 'telegram', 'webchat']

/**
 * One field: `credential` goes to credentials, `option` to options, neither to the channel itself.
 * @typedef {{name: string, credential?: boolean, option?: boolean, required?: boolean, secret?: boolean,
 *   choices?: string[]}} Need
 */
/**
 * @typedef {{kind: string, name: string, external_id?: string, options: Record<string, unknown>,
 *   credentials: Record<string, string>}} NewChannel
 */
/** @type {Record<string, Need[]>} */
export const NEEDS = {
  whatsapp: [
    { name: 'external_id', required: true },
    { name: 'waba_id', option: true },
    { name: 'access_token', credential: true, secret: true, required: true },
    { name: 'app_secret', credential: true, secret: true, required: true },
    { name: 'app_id', credential: true },
    { name: 'coexistence', option: true, choices: ['no', 'yes'] },
  ],
  instagram: [
    { name: 'login', option: true, choices: ['instagram', 'facebook'] },
    { name: 'external_id', required: true },
    { name: 'page_id', option: true },
    { name: 'access_token', credential: true, secret: true, required: true },
    { name: 'app_secret', credential: true, secret: true, required: true },
    { name: 'instagram_app_secret', credential: true, secret: true },
  ],
  messenger: [
    { name: 'external_id', required: true },
    { name: 'access_token', credential: true, secret: true, required: true },
    { name: 'app_secret', credential: true, secret: true, required: true },
    { name: 'app_id', credential: true },
  ],
  telegram: [{ name: 'bot_token', credential: true, secret: true, required: true }],
  webchat: [{ name: 'allowed_sites', option: true }],
}

/**
 * The label and hint of a field, in the words of the platform's own pages.
 * @param {string} kind
 * @param {string} name
 */
export const wordsOf = (kind, name) => {
  const own = `need.${kind}.${name}`
  const hint = [`${own}_hint`, `need.any.${name}_hint`].find(t.has)
  return { label: t(t.has(own) ? own : `need.any.${name}`), hint: hint && t(hint) }
}

/**
 * What people know a credential as, whichever part of the product names it.
 * @param {string} kind
 * @param {string} name
 */
export function labelOf(kind, name) {
  if (name === 'verify_token') return t('wizard.verify_token')
  const isKnown = t.has(`need.${kind}.${name}`) || t.has(`need.any.${name}`)
  return isKnown ? wordsOf(kind, name).label : name
}

/** @param {string} text */
export const sitesOf = text =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(site => site.replace(/\/+$/, ''))

/** An origin: no path, and `*.` for everything below a name. @param {string} site */
export const isSite = site => /^https?:\/\/(\*\.)?[a-z0-9.\-[\]:]+$/i.test(site) || site === '*'

/** Says at the field which of the sites is none. @param {Need} need @param {HTMLElement} box */
export function sitesFault(need, box) {
  if (need.name !== 'allowed_sites') return box
  const input = /** @type {HTMLInputElement} */ (box.querySelector('input'))
  const judge = () => {
    const wrong = sitesOf(input.value).find(site => !isSite(site))
    input.setCustomValidity(wrong ? t('need.webchat.site_wrong', { site: wrong }) : '')
  }
  input.addEventListener('input', judge)
  judge()
  return box
}

/** A secret of ours, of letters and digits every platform takes. */
export function secret() {
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  return Array.from(crypto.getRandomValues(new Uint32Array(32)), each => letters[each % letters.length]).join(
    '',
  )
}

/**
 * The form's values as the contract's channel.
 * @param {string} kind
 * @param {Record<string, string>} values
 * @param {string} verify_token
 */
export function channelOf(kind, values, verify_token) {
  /** @type {NewChannel} */
  const channel = {
    kind,
    name: values.name.trim(),
    external_id: (values.external_id ?? '').trim(),
    options: {},
    credentials: {},
  }
  for (const need of NEEDS[kind]) {
    const value = (values[need.name] ?? '').trim()
    if (!value) continue
    if (need.credential) channel.credentials[need.name] = value
    else if (need.option) channel.options[need.name] = optionOf(need, value)
  }
  if (['whatsapp', 'instagram', 'messenger'].includes(kind)) channel.credentials.verify_token = verify_token
  if (kind === 'telegram') {
    // A bot's id is the first part of its token.
    channel.external_id = (channel.credentials.bot_token ?? '').split(':')[0]
    channel.credentials.webhook_secret = secret()
  }
  if (kind === 'webchat') delete channel.external_id // made by the server
  return channel
}

/**
 * The same back, as the field shows it.
 * @param {Need} need
 * @param {Record<string, unknown> | null | undefined} options whatever the server keeps
 */
export function shownOption(need, options) {
  const value = options?.[need.name]
  if (need.name === 'allowed_sites') return [value ?? []].flat().join(' ')
  if (need.name === 'coexistence') return value ? 'yes' : 'no'
  return String(value ?? need.choices?.[0] ?? '')
}

/** What a field says about an option. @param {Need} need @param {string} value */
export function optionOf(need, value) {
  if (need.name === 'allowed_sites') return sitesOf(value)
  return need.name === 'coexistence' ? value === 'yes' : value
}

/**
 * Where the platform delivers to; the server knows its public address best.
 * @param {import('../core/types.js').Channel} channel
 */
export const webhookOf = channel =>
  channel.webhook_url ??
  `${location.origin}/webhooks/${channel.kind}${channel.kind === 'telegram' ? `/${channel.id}` : ''}`
/** Whether a platform on the internet could reach that address at all. @param {string} address */
export const reachable = address =>
  /^https:/.test(address) && !/^https:\/\/(localhost|127\.|10\.|192\.168\.|\[::1\])/.test(address)
