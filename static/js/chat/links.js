// @ts-check
// Text with its links. Only http(s), mailto and tel become links; everything else stays as it was typed.
import { h } from '../core/dom.js'

const FIND = /\bhttps?:\/\/[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu
const TRAILING = /[.,;:!?…]+$/u

/** The pieces of a text: strings and `{text, href}`. @param {string} text @returns {(string | {text: string, href: string})[]} */
export function pieces(text) {
  const out = []
  let at = 0
  for (const found of text.matchAll(FIND)) {
    const link = trimmed(found[0])
    const href = hrefOf(link)
    if (!href || found.index < at) continue
    if (found.index > at) out.push(text.slice(at, found.index))
    out.push({ text: link, href })
    at = found.index + link.length
  }
  if (at < text.length) out.push(text.slice(at))
  return out
}

/** @param {string} text */
export const linked = text =>
  pieces(text).map(each =>
    typeof each === 'string'
      ? each
      : h('a', { href: each.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, each.text),
  )

/** An address that may be followed, or nothing. @param {string} link */
export function hrefOf(link) {
  try {
    const url = new URL(/^https?:/i.test(link) ? link : `mailto:${link}`)
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol) ? url.href : null
  } catch {
    return null
  }
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
