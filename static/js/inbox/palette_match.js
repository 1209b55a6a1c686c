// @ts-check
// What a few letters mean among many things: whole words at their beginnings before letters in their order.
// Pure.
import { fold } from '../core/text_match.js'

/** How well letters fit a text: 0 for not at all; a beginning beats a word's beginning beats the middle. @param {string} letters @param {string} text */
export function fit(letters, text) {
  const wanted = fold(letters).trim()
  const whole = fold(text)
  if (!wanted) return 1
  const at = whole.indexOf(wanted)
  if (at >= 0) return 1000 - at - whole.length / 100 + bonus(whole, at)
  const words = wanted.split(/\s+/)
  const found = words.map(word => wordAt(whole, word))
  // "assign chi" is "Assign to Chi Nguyen": each word begins one of its words.
  if (words.length > 1 && found.every(each => each >= 0))
    return 600 - whole.length / 100 - Math.min(99, found[0])
  return inOrder(wanted, whole)
}

/** @param {string} whole @param {number} at */
function bonus(whole, at) {
  if (at === 0) return 500
  return /[\s/@(:]/.test(whole[at - 1]) ? 250 : 0
}

/** Where a word begins with these letters. @param {string} whole @param {string} letters */
function wordAt(whole, letters) {
  for (let at = whole.indexOf(letters); at >= 0; at = whole.indexOf(letters, at + 1))
    if (at === 0 || /[^\p{L}\p{N}]/u.test(whole[at - 1])) return at
  return -1
}

/** Letters that stand in their order, the nearer the better; words far apart mean something else. @param {string} wanted @param {string} whole */
function inOrder(wanted, whole) {
  let from = 0
  let score = 100
  for (const letter of wanted.replace(/\s/g, '')) {
    const found = whole.indexOf(letter, from)
    if (found < 0) return 0
    score -= found - from
    from = found + 1
  }
  return Math.max(0, score)
}

/**
 * The best of them; what was used last comes first where nothing is typed, and breaks ties else.
 * @template {{key: string, label: string}} T
 * @param {T[]} things @param {string} letters @param {string[]} recent
 * @returns {T[]}
 */
export function best(things, letters, recent) {
  const weight = letters ? 1 : 100
  const rank = (/** @type {T} */ each) => {
    const at = recent.indexOf(each.key)
    return at < 0 ? 0 : (20 - at) * weight
  }
  return things
    .map(each => ({ each, score: fit(letters, each.label) }))
    .filter(({ score }) => score > 0)
    .map(({ each, score }) => ({ each, score: score + rank(each) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 12)
    .map(({ each }) => each)
}
