// @ts-check
// A list as a table that is looked through page by page, put in order and narrowed by words. What only the
// whole list can tell, an order or words that the server does not look for, is told once all of it has been
// read: never of a part that happens to be here.
import { h } from '../core/dom.js'
import { listed } from '../core/paged.js'
import { computed, effect, signal, untracked } from '../core/signal.js'
import { locale, t } from '../core/words.js'
import { filter, setFilters } from './address.js'
import { table } from './table.js'
import { PAGE, inOrder, pageIn, pageOf, plain } from './table_state.js'

/** @template Row @typedef {import('./table.js').Column<Row>} Column */
/** @template Row @typedef {import('../core/paged.js').Paged<Row>} Listing */
/**
 * How a table is looked at just now: its order, its page from 0 on, and the words its rows must hold.
 * @typedef {object} View
 * @property {() => string} order
 * @property {() => number} page
 * @property {() => string} words
 * @property {(change: {order?: string, page?: number, words?: string}) => void} set
 */

/** The view of a page's chief table: the address says it. @returns {View} */
export const viewInAddress = () => ({
  order: () => filter('sort'),
  page: () => pageIn(filter('page')),
  words: () => filter('find'),
  set: ({ order, page, words }) =>
    setFilters({
      ...(order !== undefined && { sort: order, page: '' }),
      ...(words !== undefined && { find: words, page: '' }),
      ...(page !== undefined && { page: page ? String(page + 1) : '' }),
    }),
})

/** The view of a table beside it, or in a dialog. @returns {View} */
export function ownView() {
  const order = signal('')
  const page = signal(0)
  const words = signal('')
  return {
    order,
    page,
    words,
    set: change => {
      if (change.order !== undefined) order.set(change.order)
      if (change.words !== undefined) words.set(change.words)
      page.set(change.page ?? 0)
    },
  }
}

/**
 * @template Row
 * @param {object} how
 * @param {string} how.label
 * @param {Column<Row>[]} how.columns
 * @param {Listing<Row>} how.list
 * @param {Node | string} how.none what is said where there are no rows
 * @param {View} [how.view]
 * @param {(row: Row) => string} [how.textOf] where rows are found by words here: what is looked through
 */
export function listTable({ label, columns, list, none, view = viewInAddress(), textOf }) {
  // Until the whole list is here it stands as it comes: it is not put in order anew with each page of it.
  const shown = computed(() => (list.next() ? list.rows() : chosen(list.rows(), columns, view, textOf)))
  const page = computed(() => pageOf(shown() ?? [], view.page()))
  const isWhole = () => !list.next()
  const wantsAll = () => !!view.order() || (!!textOf && !!view.words())
  effect(() => {
    const wanted = wantsAll() ? Infinity : (view.page() + 1) * PAGE + 1
    list.rows()
    list.isReading()
    // What could not be read is asked for by hand, or by itself a while later.
    if (!list.trouble()) untracked(() => list.reach(wanted))
  })
  const region = table(label, columns, () => (list.rows() && page().items) || null, {
    now: view.order,
    set: order => view.set({ order }),
  })
  const nobody = () => list.rows() !== null && isWhole() && !!list.rows()?.length && !shown()?.length
  return listed(list, none, [
    ...(textOf ? [finder(label, view)] : []),
    sorter(columns, view),
    reading(list, () => wantsAll() && list.isReading() && !!list.next(), view),
    h('p.none', { role: 'status', hidden: () => !nobody() }, t('table.no_match')),
    region,
    pager(label, page, () => (isWhole() ? (shown()?.length ?? 0) : null), turn),
  ])

  /** @param {number} to */
  function turn(to) {
    view.set({ page: to })
    region.scrollTop = 0
  }
}

/**
 * @template Row
 * @param {Row[] | null} rows
 * @param {Column<Row>[]} columns
 * @param {View} view
 * @param {(row: Row) => string} [textOf]
 */
function chosen(rows, columns, view, textOf) {
  if (!rows) return null
  const words = plain(view.words()).trim()
  const found = words && textOf ? rows.filter(row => plain(textOf(row)).includes(words)) : rows
  const order = view.order()
  const by = columns.find(column => column.name && column.name === order.replace(/^-/, ''))
  return by?.sort ? inOrder(found, by.sort, order.startsWith('-'), locale) : found
}

/** @param {string} label @param {View} view */
function finder(label, view) {
  const box = h('input', {
    type: 'search',
    value: untracked(view.words),
    placeholder: t('table.find'),
    'aria-label': t('table.find_in', { label }),
    oninput: () => view.set({ words: box.value }),
  })
  return h('div.field.find', box)
}

/**
 * The same as the heads of the columns, where rows are cards and have none.
 * @template Row
 * @param {Column<Row>[]} columns
 * @param {View} view
 */
function sorter(columns, view) {
  const sortable = columns.filter(column => column.sort && column.name)
  if (!sortable.length) return null
  const box = h('select', { onchange: () => view.set({ order: box.value }) })
  effect(() => {
    const options = sortable.flatMap(({ name, words }) => {
      const text = typeof words === 'function' ? words() : words
      return [
        [name ?? '', `${text} ↑`],
        [`-${name}`, `${text} ↓`],
      ]
    })
    const all = [['', t('table.as_listed')], ...options]
    box.replaceChildren(...all.map(([value, text]) => h('option', { value }, text)))
    box.value = view.order()
  })
  return h('label.sort-by', h('span', t('table.sort_by')), box)
}

/**
 * A long list takes a while: how far it is, and a way to let it be.
 * @template Row
 * @param {Listing<Row>} list
 * @param {() => boolean} is
 * @param {View} view
 */
const reading = (list, is, view) =>
  h(
    'p.reading',
    { hidden: () => !is() },
    h('span', () => t('table.reading', { count: list.rows()?.length ?? 0 })),
    h(
      'button.button.small',
      {
        type: 'button',
        onclick: () => {
          list.stop()
          view.set({ order: '', words: '' })
        },
      },
      t('table.stop'),
    ),
  )

/**
 * @param {string} label
 * @param {() => {at: number, from: number, to: number, last: number}} page
 * @param {() => number | null} total nothing: more than were read
 * @param {(page: number) => void} turn
 */
function pager(label, page, total, turn) {
  const isOnly = () => page().last === 0 && total() !== null
  const isLast = () => total() !== null && page().at >= page().last
  const range = () => {
    const { from, to } = page()
    const of = total()
    return of === null ? t('table.range_of_more', { from, to }) : t('table.range', { from, to, total: of })
  }
  const button = (
    /** @type {string} */ words,
    /** @type {() => boolean} */ off,
    /** @type {() => number} */ to,
  ) => h('button.button.small', { type: 'button', disabled: off, onclick: () => turn(to()) }, words)
  return h(
    'nav.pager',
    { 'aria-label': t('table.pages', { label }), hidden: isOnly },
    h('span', { 'aria-live': 'polite' }, range),
    button(
      t('table.first'),
      () => page().at === 0,
      () => 0,
    ),
    button(
      t('table.previous'),
      () => page().at === 0,
      () => page().at - 1,
    ),
    button(t('table.next'), isLast, () => page().at + 1),
  )
}
