// @ts-check
// What a table shows of its rows: in which order, and which page of them. Pure.

/** Rows on one page. */
export const PAGE = 50

/**
 * @template Row
 * @typedef {(row: Row) => string | number | null | undefined} Value
 */

/**
 * The next order when a column's head is pressed: upwards, downwards, as it came.
 * @param {string} now
 * @param {string} name
 */
export function nextOrder(now, name) {
  if (now === name) return `-${name}`
  return now === `-${name}` ? '' : name
}

/** How a column stands, in the words of `aria-sort`. @param {string} order @param {string} name */
export function directionOf(order, name) {
  if (order === name) return 'ascending'
  return order === `-${name}` ? 'descending' : 'none'
}

/**
 * The rows by the values of a column; rows without one come last, whichever way; equals stay as they came.
 * @template Row
 * @param {Row[]} rows
 * @param {Value<Row>} valueOf
 * @param {boolean} isDown
 * @param {string} [locale] whose alphabet it is
 */
export function inOrder(rows, valueOf, isDown, locale = 'en') {
  const words = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' })
  const keyed = rows.map(row => ({ row, value: valueOf(row) }))
  keyed.sort((one, other) => {
    if (one.value == null || one.value === '') return other.value == null || other.value === '' ? 0 : 1
    if (other.value == null || other.value === '') return -1
    const by =
      typeof one.value === 'number' && typeof other.value === 'number'
        ? one.value - other.value
        : words.compare(String(one.value), String(other.value))
    return isDown ? -by : by
  })
  return keyed.map(each => each.row)
}

/**
 * One page: its rows, and which of them they are. Where there are fewer rows than that it is the last one.
 * @template Row
 * @param {Row[]} rows
 * @param {number} page from 0 on
 */
export function pageOf(rows, page) {
  const last = Math.max(0, Math.ceil(rows.length / PAGE) - 1)
  const at = Math.min(Math.max(0, page), last)
  const items = rows.slice(at * PAGE, (at + 1) * PAGE)
  return { at, items, from: items.length ? at * PAGE + 1 : 0, to: at * PAGE + items.length, last }
}

/** The page an address names, from 0 on; people count from 1. @param {string} text */
export const pageIn = text => (/^[1-9]\d{0,6}$/.test(text) ? Number(text) - 1 : 0)

/** As one compares words: without accents and capitals. @param {unknown} text */
export const plain = text =>
  String(text ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLocaleLowerCase()
