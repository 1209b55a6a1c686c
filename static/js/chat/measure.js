// @ts-check
// How long a text is for the channel it goes by, the parts it can go in, and as what a file goes there.
// What each kind of channel takes is the server's to say: GET /api/v1/channel-kinds.

/** @typedef {{limit: number, unit: 'characters' | 'bytes' | 'utf16'}} Measure */
/**
 * @typedef {{kind: string, from: string[], mime_types: string[], max_bytes: number, max_sides: number | null, max_ratio: number | null}} Takes
 */
/**
 * A kind of channel.
 * @typedef {{kind: string, text: Measure, files: Takes[], abilities: string[], formatting: string,
 *   address: string, proof_seconds: number}} Kind
 */
/** What the server keeps, whoever reads it. @type {Measure} */
const OURS = { limit: 65_536, unit: 'bytes' }

/** @param {Kind | null | undefined} kind of the channel; none among colleagues @returns {Measure} */
export const measureOf = kind => kind?.text ?? OURS

/**
 * @typedef {{kind: string, mime_type: string | null, size: number | null, width: number | null, height: number | null}} File
 *   what is known of a file
 */
/** Whether a file of this size and shape fits. @param {Takes} takes @param {File} file */
function fits(takes, { size, width, height }) {
  const [long, short] = [Math.max(width ?? 0, height ?? 0), Math.min(width ?? 0, height ?? 0)]
  return (
    (size ?? 0) <= takes.max_bytes &&
    (takes.max_sides == null || long + short <= takes.max_sides) &&
    (takes.max_ratio == null || long <= short * takes.max_ratio)
  )
}

/**
 * As what a file goes by a channel of this kind; null: it does not take it.
 * @param {Kind | null | undefined} kind
 * @param {File} file
 * @returns {string | null}
 */
export function goesAs(kind, file) {
  if (!kind?.files.length) return file.kind
  const mime = (file.mime_type ?? '').split(';')[0].trim()
  const found = kind.files.find(
    each =>
      each.from.includes(file.kind) &&
      (!each.mime_types.length || each.mime_types.includes(mime)) &&
      fits(each, file),
  )
  return found?.kind ?? null
}

/**
 * The most bytes a channel of this kind takes of such a file as anything at all.
 * @param {Kind} kind
 * @param {File} file
 */
export const mostOf = (kind, file) =>
  Math.max(0, ...kind.files.filter(each => each.from.includes(file.kind)).map(each => each.max_bytes))

/** @param {string} sign */
function bytes(sign) {
  const code = sign.codePointAt(0) ?? 0
  return 1 + [0x80, 0x800, 0x10000].filter(from => code >= from).length
}

/** @param {string} sign @param {Measure['unit']} unit */
function size(sign, unit) {
  if (unit === 'utf16') return sign.length
  return unit === 'bytes' ? bytes(sign) : 1
}

/** @param {string} text @param {Measure['unit']} unit */
export function count(text, unit) {
  let all = 0
  for (const sign of text) all += size(sign, unit)
  return all
}

/** How much a text is too long. @param {string} text @param {Measure} measure */
export const over = (text, { limit, unit }) => Math.max(0, count(text, unit) - limit)

/**
 * The text in parts the channel takes, cut at line ends or spaces where there are some; joined they are the
 * text.
 * @param {string} text
 * @param {Measure} measure
 */
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
