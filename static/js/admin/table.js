// @ts-check
// A table that can be read at any width: where the window is narrow, each row becomes a card whose values say which
// column they are of. Its roles are written out, because a table that is laid out as cards loses them.
import { h } from '../core/dom.js'
import { effect } from '../core/signal.js'
import { t } from '../core/words.js'

/**
 * One column: its words, and what a row shows in it. `head` names the row; `kind` is a class of the cell. A column
 * without words holds what can be done with the row.
 * @typedef {{words: string | (() => string), of: (row: any) => any, head?: boolean, kind?: string}} Column
 */

/**
 * @param {string} label what the table is, for those who listen
 * @param {Column[]} columns @param {() => any[] | null} rows nothing yet, or the rows; without any the table hides
 */
export function table(label, columns, rows) {
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
        h(
          'tr',
          { role: 'row' },
          ...columns.map(column =>
            h(
              'th',
              { scope: 'col', role: 'columnheader' },
              column.words || h('span.hidden-text', t('common.more')),
            ),
          ),
        ),
      ),
      body,
    ),
  )
}

/** Where the focus is in a table that is drawn anew, and how it comes back to the same place. @param {HTMLTableSectionElement} body */
function heldIn(body) {
  const held = /** @type {HTMLElement | null} */ (document.activeElement)
  if (!held || !body.contains(held)) return () => {}
  const row = [...body.rows].findIndex(each => each.contains(held)),
    nameOf = (/** @type {Element} */ each) => each.getAttribute('aria-label') ?? each.textContent
  const name = nameOf(held)
  return () => {
    const near = /** @type {HTMLElement[]} */ ([
      ...(body.rows[Math.min(row, body.rows.length - 1)]?.querySelectorAll('a, button') ?? []),
    ])
    ;(
      near.find(each => nameOf(each) === name) ??
      near[0] ??
      /** @type {HTMLElement | null} */ (body.closest('[role=region]'))
    )?.focus()
  }
}

/** @param {Column} column @param {any} row */
function cell({ words, of, head, kind = '' }, row) {
  const tag = head ? 'th' : 'td'
  return h(
    kind ? `${tag}.${kind}` : tag,
    { role: head ? 'rowheader' : 'cell', ...(head && { scope: 'row' }), 'data-label': words || null },
    h('div.cell', of(row)),
  )
}
