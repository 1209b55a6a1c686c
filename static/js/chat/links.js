// @ts-check
// What in a text leads somewhere: addresses of the web, e-mail addresses and phone numbers. Only http(s),
// mailto and tel become links; everything else stays as it was typed.

const FIND =
  /\bhttps?:\/\/[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w+./:=-])(?:\+|\(?0|\(?\d)[\d().\s\u00a0-]{5,}\d(?![\w/:=-])/giu
const TRAILING = /[.,;:!?…*~_\x60]+$/u
/** Numbers of the world have so many digits. */
const FEWEST = 7,
  MOST = 15
/** Without a plus or a zero in front, a number is one only if it is long and written in groups. */
const FEWEST_PLAIN = 9

/**
 * The pieces of a text: strings and `{text, href}`.
 * @param {string} text
 * @returns {(string | {text: string, href: string})[]}
 */
export function pieces(text) {
  const out = []
  let at = 0
  for (const { start, end, href } of linksIn(text)) {
    if (start > at) out.push(text.slice(at, start))
    out.push({ text: text.slice(start, end), href })
    at = end
  }
  if (at < text.length) out.push(text.slice(at))
  return out
}

/**
 * Where the links of a text are.
 * @param {string} text
 * @returns {{start: number, end: number, href: string}[]}
 */
export function linksIn(text) {
  const out = []
  let at = 0
  for (const found of text.matchAll(FIND)) {
    const link = trimmed(found[0])
    const href = hrefOf(link)
    if (!href || found.index < at) continue
    at = found.index + link.length
    out.push({ start: found.index, end: at, href })
  }
  return out
}

/** An address that may be followed, or nothing. @param {string} link */
export function hrefOf(link) {
  if (/^[+(\d]/.test(link) && !link.includes('@')) return telOf(link)
  try {
    const url = new URL(/^https?:/i.test(link) ? link : `mailto:${link}`)
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol) ? url.href : null
  } catch {
    return null
  }
}

/**
 * A phone number as one calls it; a date, a price, an address of a machine or an order's number is none.
 * @param {string} text
 */
export function telOf(text) {
  const digits = text.replace(/\D/g, '')
  if (digits.length < FEWEST || digits.length > MOST) return null
  if (/\n/.test(text) || /\d{4}-\d\d-\d\d|\d\d?\.\d\d?\.\d{4}/.test(text)) return null
  if (text.startsWith('+')) return `tel:+${digits}`
  const isGrouped = /\d[\s\u00a0()-]+\d/.test(text)
  const starts = /^\(?0/.test(text)
  return digits.length >= FEWEST_PLAIN && (isGrouped || (starts && !text.includes('.')))
    ? `tel:${digits}`
    : null
}

// «(see https://a.example/b).» links neither the full stop nor the bracket that was opened before it.
/** @param {string} link */
function trimmed(link) {
  let out = link.replace(TRAILING, '')
  while (/[)\]]$/.test(out) && count(out, /[)\]]/g) > count(out, /[([]/g))
    out = out.slice(0, -1).replace(TRAILING, '')
  return out
}

/** @param {string} text @param {RegExp} what */
const count = (text, what) => (text.match(what) ?? []).length
