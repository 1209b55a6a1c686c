// @ts-check
// A table that can be read at any width: where the window is narrow, each row becomes a card whose values say
// which column they are of. Its roles are written out, because a table that is laid out as cards loses them.
import { h, icon } from '../core/dom.js'
import { effect } from '../core/signal.js'
import { t } from '../core/words.js'
import { directionOf, nextOrder } from './table_state.js'

/**
 * One column: its words, and what a row shows in it. `head` names the row; `kind` is a class of the cell;
 * `sort` is what rows are put in order by. A column without words holds what can be done with the row.
 * @template Row
 * @typedef {object} Column
 * @property {string | (() => string)} words
 * @property {(row: Row) => unknown} of
 * @property {boolean} [head]
 * @property {string} [kind]
 * @property {string} [name]   what the address calls it, where rows can be put in order by it
 * @property {import('./table_state.js').Value<Row>} [sort]
 */
/** @typedef {{now: () => string, set: (order: string) => void}} Order */

/**
 * @template Row
 * @param {string} label what the table is, for those who listen
 * @param {Column<Row>[]} columns
 * @param {() => Row[] | null} rows nothing yet, or the rows; without any the table hides
 * @param {Order} [order] how they are in order, where that can be chosen
 */
export function table(label, columns, rows, order) {
  const body = h('tbody', { role: 'rowgroup' })
  effect(() => {
    const back = heldIn(body)
    body.replaceChildren(
      ...(rows() ?? []).map(row => h('tr', { role: 'row' }, ...columns.map(column => cell(column, row)))),
    )
    back()
  })
  return h(
    'div.scroll-x',
    { tabindex: '0', role: 'region', 'aria-label': label, hidden: () => !rows()?.length },
    h(
      'table.folding',
      { role: 'table', 'aria-label': label },
      h(
        'thead',
        { role: 'rowgroup' },
        h('tr', { role: 'row' }, ...columns.map(column => headOf(column, order))),
      ),
      body,
    ),
  )
}

/** @template Row @param {Column<Row>} column @param {Order} [order] */
function headOf({ words, name, sort }, order) {
  const isSortable = !!(order && name && sort)
  const direction = () => (order && name ? directionOf(order.now(), name) : 'none')
  return h(
    'th',
    { scope: 'col', role: 'columnheader', 'aria-sort': isSortable ? direction : null },
    isSortable
      ? h(
          'button.sort',
          { type: 'button', onclick: () => order?.set(nextOrder(order.now(), name ?? '')) },
          words,
          icon('down'),
        )
      : words || h('span.hidden-text', t('common.more')),
  )
}

/**
 * Where the focus is in a table that is drawn anew, and how it comes back to the same place.
 * @param {HTMLTableSectionElement} body
 */
function heldIn(body) {
  const held = /** @type {HTMLElement | null} */ (document.activeElement)
  if (!held || !body.contains(held)) return () => {}
  const row = [...body.rows].findIndex(each => each.contains(held))
  const nameOf = (/** @type {Element} */ each) => each.getAttribute('aria-label') ?? each.textContent
  const name = nameOf(held)
  return () => {
    const near = /** @type {HTMLElement[]} */ ([
      ...(body.rows[Math.min(row, body.rows.length - 1)]?.querySelectorAll('a, button') ?? []),
    ])
    const region = /** @type {HTMLElement | null} */ (body.closest('[role=region]'))
    const next = near.find(each => nameOf(each) === name) ?? near[0] ?? region
    next?.focus()
  }
}

/** @template Row @param {Column<Row>} column @param {Row} row */
function cell({ words, of, head, kind = '' }, row) {
  const tag = head ? 'th' : 'td'
  return h(
    kind ? `${tag}.${kind}` : tag,
    { role: head ? 'rowheader' : 'cell', ...(head && { scope: 'row' }), 'data-label': words || null },
    h('div.cell', of(row)),
  )
}
