// @ts-check
// How long a text is for the channel it goes by, and the parts it can go in. The rule of `src/channels/limits.rs`.

/** @typedef {{limit: number, unit: 'characters' | 'bytes' | 'utf16'}} Measure */
/** What the platforms take in one text. @type {Record<string, Measure>} */
const TAKES = {
  whatsapp: { limit: 4096, unit: 'characters' },
  instagram: { limit: 1000, unit: 'bytes' },
  messenger: { limit: 2000, unit: 'characters' },
  telegram: { limit: 4096, unit: 'utf16' },
}
/** What the server keeps, whoever reads it. @type {Measure} */
const OURS = { limit: 65_536, unit: 'bytes' }

/** @param {string | null | undefined} kind of the channel; none among colleagues @returns {Measure} */
export const measureOf = kind => TAKES[kind ?? ''] ?? OURS

/** @param {string} sign */
function bytes(sign) {
  const code = sign.codePointAt(0) ?? 0
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}

/** @param {string} sign @param {Measure['unit']} unit */
const size = (sign, unit) => (unit === 'utf16' ? sign.length : unit === 'bytes' ? bytes(sign) : 1)

/** @param {string} text @param {Measure['unit']} unit */
export function count(text, unit) {
  let all = 0
  for (const sign of text) all += size(sign, unit)
  return all
}

/** How much a text is too long. @param {string} text @param {Measure} measure */
export const over = (text, { limit, unit }) => Math.max(0, count(text, unit) - limit)

/** The text in parts the channel takes, cut at line ends or spaces where there are some; joined they are the text. @param {string} text @param {Measure} measure */
export function inParts(text, { limit, unit }) {
  const parts = []
  let rest = text
  while (count(rest, unit) > limit) {
    let end = 0,
      used = 0
    for (const sign of rest) {
      used += size(sign, unit)
      if (used > limit) break
      end += sign.length
    }
    const head = rest.slice(0, end)
    const gap = Math.max(head.lastIndexOf('\n'), -1) + 1 || head.lastIndexOf(' ') + 1
    // What is between two parts only in white would be an empty message.
    const cut = gap && head.slice(0, gap).trim() ? gap : end
    parts.push(rest.slice(0, cut))
    rest = rest.slice(cut)
  }
  if (rest) parts.push(rest)
  return parts
}
