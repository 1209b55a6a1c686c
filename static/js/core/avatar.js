// @ts-check
// A person's picture: their photo where there is one, else their initials on a colour of their own.
import { h, icon } from './dom.js'
import { named } from './words.js'
import { inWorkspace } from './workspace.js'

/** Our own small sign for a kind of channel, a symbol of the sprite. @param {string} kind */
export const signOf = kind => `kind-${kind}`

/**
 * The same on its colour, where tokens.css has one; the words are always beside it.
 * @param {string} tag @param {string} kind @param {string} [title]
 */
export const kindSign = (tag, kind, title) =>
  h(tag, { ...(title ? { title } : {}), vars: { '--kind': `var(--kind-${kind})` } }, icon(signOf(kind)))

/** @param {string | null | undefined} name */
export function initials(name) {
  const parts = (name ?? '').trim().split(/\s+/).filter(Boolean)
  const letters = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : parts
  return (
    letters
      .map(part => [...part].find(c => /[\p{L}\p{N}]/u.test(c)) ?? '')
      .join('')
      .toLocaleUpperCase() || '?'
  )
}

/** @param {string | null | undefined} name */
const tint = name =>
  [...(name ?? '')].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7)

/**
 * @param {{name?: string | null, avatar_url?: string | null} | null | undefined} person
 * @param {{channel?: string | null, online?: () => boolean, size?: 'small' | 'large'}} [how]
 */
export function avatar(person, { channel, online, size } = {}) {
  const name = person?.name
  const box = h(
    `span.avatar${size ? `.${size}` : ''}`,
    { 'aria-hidden': 'true', vars: { '--tint': String(tint(name)) } },
    h('span.letters', { 'data-letters': initials(name) }),
  )
  const address = pictureOf(person?.avatar_url)
  if (address) {
    const picture = h('img', {
      src: address,
      alt: '',
      loading: 'lazy',
      decoding: 'async',
      onerror: () => picture.remove(),
    })
    box.append(picture)
  }
  if (channel) box.append(kindSign('span.mark', channel, named('channel', channel)))
  if (online) box.append(h('span.online', { hidden: () => !online() }))
  return box
}

// The policy lets pictures come only from our own address: others would be a report in the console.
/** @param {string | null | undefined} address */
function pictureOf(address) {
  if (!address) return null
  try {
    const url = new URL(inWorkspace(address), location.href)
    return url.origin === location.origin ? url.href : null
  } catch {
    return null
  }
}
