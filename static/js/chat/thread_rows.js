// @ts-check
// How a thread is drawn: its rows, what stands there before there are any, and the way to the newest.
import { each, h, icon } from '../core/dom.js'
import { effect } from '../core/signal.js'
import { day } from '../core/time.js'
import { t } from '../core/words.js'
import { dayOfItem, happenedOfItem, UNREAD } from './thread_items.js'

/** Messages of one author within so long stand together: name once, time once. */
const TOGETHER = 300_000

/**
 * @param {HTMLElement} list @param {() => string[]} items
 * @param {(key: string) => HTMLElement} row of a message
 * @param {((numbers: number[]) => HTMLElement) | undefined} happened the line of what happened
 */
export function drawRows(list, items, row, happened) {
  each(list, items, item => {
    if (item === UNREAD) return h('li.unread-line', t('thread.unread'))
    const noon = dayOfItem(item)
    if (noon != null) return h('li.day', day(noon))
    const numbers = happenedOfItem(item)
    return numbers && happened ? happened(numbers) : row(item)
  })
  effect(() => {
    items()
    shape(list)
  })
}

/** @param {HTMLElement} list */
function shape(list) {
  /** @type {HTMLElement | null} */
  let before = null
  for (const row of /** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)) {
    if (!row.dataset.from) {
      before?.classList.add('last')
      before = null
      continue
    }
    const joined =
      before != null &&
      before.dataset.from === row.dataset.from &&
      Number(row.dataset.at) - Number(before.dataset.at) < TOGETHER
    row.classList.toggle('first', !joined)
    before?.classList.toggle('last', !joined)
    before = row
  }
  before?.classList.add('last')
}

/**
 * The scroller around the list.
 * @param {HTMLElement} list
 * @param {{isBeginning: () => boolean, isLoaded: () => boolean, isBroken: () => boolean, isEmpty: () => boolean, retry: () => void}} of
 */
export function threadFrame(list, of) {
  const head = h('div.edge'),
    foot = h('div.edge')
  const beginning = h('p.beginning', { hidden: () => !of.isBeginning() }, t('thread.beginning'))
  const nothing = h('div.empty', { hidden: () => !of.isEmpty() }, icon('chat'), h('p', t('thread.empty')))
  const scroller = h(
    'div.thread',
    { tabindex: '0', role: 'log', 'aria-live': 'off', 'aria-label': t('thread.label') },
    h('div', head, beginning, waiting(of), nothing, list, foot),
  )
  return { scroller, head, foot }
}

/** @param {{isLoaded: () => boolean, isBroken: () => boolean, retry: () => void}} of */
const waiting = ({ isLoaded, isBroken, retry }) =>
  h(
    'div.empty',
    { hidden: () => isLoaded() && !isBroken() },
    h('span', {
      class: () => (isBroken() ? '' : 'skeleton'),
      vars: { 'inline-size': '12rem', 'block-size': '2rem' },
    }),
    h('p', { hidden: () => !isBroken() }, t('thread.not_loaded')),
    h(
      'button.button',
      { type: 'button', hidden: () => !isBroken(), onclick: retry },
      icon('retry'),
      t('common.retry'),
    ),
  )

/** @param {{isHidden: () => boolean, missed: () => number, go: () => void}} of */
export const jumpButton = ({ isHidden, missed, go }) =>
  h('button.button.latest', { type: 'button', hidden: isHidden, onclick: go }, icon('down'), () =>
    missed() ? t('thread.new', { count: missed() }) : t('thread.latest'),
  )

/** Leads the eye to a row. @param {HTMLElement | null} row */
export function pointTo(row) {
  row?.scrollIntoView({ block: 'center' })
  row?.classList.add('found')
  setTimeout(() => row?.classList.remove('found'), 1_700)
}
