// @ts-check
// The marks with which platforms write bold, italic, struck, code and quoted text: `*so*`. Read into a tree
// of pieces, of which none is lost: all pieces with their marks are the text. Pure; what a piece looks like
// is message_text.js's matter.
import { linksIn } from './links.js'

/**
 * A piece of a text: `before` and `after` are the marks around `inside`.
 * @typedef {{kind: 'bold' | 'italic' | 'strike' | 'code' | 'block' | 'quote' | 'link', before: string, after: string, inside: Piece[], href?: string}} Marked
 * @typedef {string | Marked} Piece
 */
/**
 * Which marks mean something: signs of spans, and whether `> ` quotes a line.
 * @typedef {{spans: Record<string, Marked['kind']>, quotes: boolean}} Dialect
 */

const SPANS = /** @type {Dialect['spans']} */ ({ '*': 'bold', _: 'italic', '~': 'strike', '\x60': 'code' })
/** @type {Dialect} */
const NONE = { spans: {}, quotes: false }
/**
 * The ways to write that the server names for a kind of channel (`formatting`): the same marks, with quotes
 * or without; any other shows a text as it was typed.
 * @type {Record<string, Dialect>}
 */
const DIALECTS = { marks: { spans: SPANS, quotes: false }, marks_and_quotes: { spans: SPANS, quotes: true } }
/** How colleagues write to each other. */
export const OURS = 'marks_and_quotes'

/** @param {string | null | undefined} formatting */
export const dialectOf = formatting => DIALECTS[formatting ?? ''] ?? NONE

/** Whether marks mean something there at all. @param {string | null | undefined} formatting */
export const hasMarks = formatting => dialectOf(formatting) !== NONE

/** @param {string} text @param {Dialect} dialect @returns {Piece[]} */
export function formatted(text, dialect) {
  if (dialect === NONE) return spans(text, NONE)
  /** @type {Piece[]} */
  const out = []
  let at = 0
  for (const found of text.matchAll(/```([^]+?)```/g)) {
    out.push(...lines(text.slice(at, found.index), dialect))
    out.push({ kind: 'block', before: '```', after: '```', inside: [found[1]] })
    at = found.index + found[0].length
  }
  return [...out, ...lines(text.slice(at), dialect)]
}

/** @param {string} text @param {Dialect} dialect @returns {Piece[]} */
function lines(text, dialect) {
  if (!dialect.quotes || !/^> /m.test(text)) return spans(text, dialect)
  /** @type {Piece[]} */
  const out = []
  let rest = ''
  for (const line of text.split(/(?<=\n)/)) {
    if (!line.startsWith('> ')) {
      rest += line
      continue
    }
    out.push(...spans(rest, dialect))
    rest = ''
    const after = line.endsWith('\n') ? '\n' : ''
    const inside = spans(line.slice(2, line.length - after.length), dialect)
    out.push({ kind: 'quote', before: '> ', after, inside })
  }
  return [...out, ...spans(rest, dialect)]
}

/** @param {string} text @param {Dialect} dialect @returns {Piece[]} */
const spans = (text, dialect) => (text ? new Spans(text, dialect).read(0, text.length) : [])

const isWord = (/** @type {string | undefined} */ sign) => sign != null && /[\p{L}\p{N}]/u.test(sign)
const isGap = (/** @type {string | undefined} */ sign) => sign == null || /\s/.test(sign)

/** Reads the spans of one text; links are one piece each, whatever signs are in them. */
class Spans {
  #text
  #dialect
  #links
  /**
   * For each sign the place up to which no end was found: it is not looked for again.
   * @type {Record<string, number>}
   */
  #endless = {}

  /** @param {string} text @param {Dialect} dialect */
  constructor(text, dialect) {
    this.#text = text
    this.#dialect = dialect
    this.#links = new Map(linksIn(text).map(each => [each.start, each]))
    this.#inLinks = new Set()
    for (const { start, end } of this.#links.values())
      for (let place = start; place < end; place++) this.#inLinks.add(place)
  }
  /** @type {Set<number>} */
  #inLinks

  /** @param {number} from @param {number} to @returns {Piece[]} */
  read(from, to) {
    /** @type {Piece[]} */
    const out = []
    let plain = from
    const put = (/** @type {number} */ at, /** @type {Marked} */ piece, /** @type {number} */ next) => {
      if (at > plain) out.push(this.#text.slice(plain, at))
      out.push(piece)
      plain = next
    }
    for (let at = from; at < to; at = Math.max(at + 1, plain)) {
      const link = this.#links.get(at)
      if (link && link.end <= to) put(at, this.#linked(link), link.end)
      else if (!this.#inLinks.has(at)) {
        const end = this.#endOf(at, to)
        if (end > 0) put(at, this.#marked(at, end), end + 1)
      }
    }
    if (plain < to) out.push(this.#text.slice(plain, to))
    return out
  }

  /** @param {{start: number, end: number, href: string}} link @returns {Marked} */
  #linked({ start, end, href }) {
    return { kind: 'link', before: '', after: '', inside: [this.#text.slice(start, end)], href }
  }

  /** @param {number} at @param {number} end @returns {Marked} */
  #marked(at, end) {
    const sign = this.#text[at],
      kind = this.#dialect.spans[sign]
    const inside = kind === 'code' ? [this.#text.slice(at + 1, end)] : this.read(at + 1, end)
    return { kind, before: sign, after: sign, inside }
  }

  /**
   * Where the span that begins here ends; 0: none begins. It stands apart from words, its own words touch the
   * signs, and it ends in its own line.
   * @param {number} at @param {number} to
   */
  #endOf(at, to) {
    const text = this.#text,
      sign = text[at]
    if (!this.#dialect.spans[sign] || isWord(text[at - 1]) || isGap(text[at + 1])) return 0
    if ((this.#endless[sign] ?? -1) > at) return 0
    let end = at + 1
    for (; end < to && text[end] !== '\n'; end++) {
      if (text[end] !== sign || end === at + 1 || this.#inLinks.has(end)) continue
      if (!isGap(text[end - 1]) && !isWord(text[end + 1])) return end
    }
    this.#endless[sign] = end
    return 0
  }
}

/**
 * Puts marks around what is chosen in a text, or takes them away where they are there already.
 * @param {string} text @param {number} from @param {number} to @param {string} sign
 * @returns {{from: number, to: number, words: string}} what to put in place of what stands there
 */
export function toggled(text, from, to, sign) {
  const chosen = text.slice(from, to)
  if (text[from - 1] === sign && text[to] === sign) return { from: from - 1, to: to + 1, words: chosen }
  const isMarked = chosen.length > 2 && chosen.startsWith(sign) && chosen.endsWith(sign)
  if (isMarked) return { from, to, words: chosen.slice(1, -1) }
  // The signs touch the words: white at the ends stays outside.
  const [, before, words, after] = /** @type {RegExpExecArray} */ (/^(\s*)([^]*?)(\s*)$/.exec(chosen))
  return { from, to, words: `${before}${sign}${words}${sign}${after}` }
}
