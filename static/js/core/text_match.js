// @ts-check
// Whether what somebody types means a name: without accents and capitals, word by word, the best first.

/** Letters that Unicode does not take apart into a letter and its accent. */
const OTHERS = /** @type {Record<string, string>} */ ({
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
})

/** As one compares words. @param {string | null | undefined} text */
export const fold = text =>
  (text ?? '')
    .normalize('NFKD')
    .replace(/[\p{M}\u0640]/gu, '')
    .toLocaleLowerCase()
    .replace(/[ßøłđæœı]/g, letter => OTHERS[letter])

/**
 * How well a query means a name: 0 is the name itself, 4 only something said beside it; -1 is no match.
 * @param {string[]} words the folded words of the query
 * @param {string} name
 * @param {string} [beside]
 */
export function matchRank(words, name, beside = '') {
  const text = fold(name)
  const query = words.join(' ')
  if (text === query) return 0
  if (text.startsWith(query)) return 1
  if (words.every(word => startsWord(text, word))) return 2
  if (words.every(word => text.includes(word))) return 3
  const all = `${text} ${fold(beside)}`
  return words.every(word => all.includes(word)) ? 4 : -1
}

/** @param {string} text @param {string} word */
const startsWord = (text, word) =>
  text.startsWith(word) || new RegExp(`[^\\p{L}\\p{N}]${escaped(word)}`, 'u').test(text)

/** @param {string} word */
const escaped = word => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/**
 * Those that a query means, the best first and else in their own order.
 * @template {{name: string, hint?: string, keywords?: string}} T
 * @param {T[]} items @param {string} query @returns {T[]}
 */
export function bestMatches(items, query) {
  const words = fold(query).split(/\s+/).filter(Boolean)
  if (!words.length) return items
  return items
    .map(item => ({ item, rank: matchRank(words, item.name, `${item.hint ?? ''} ${item.keywords ?? ''}`) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
