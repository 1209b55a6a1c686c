// @ts-check
// What was written and how long customers waited, by day, agent or channel, as a picture, a table and a file.
import { get } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { paged } from '../core/paged.js'
import { computed, effect, untracked } from '../core/signal.js'
import { span } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { number, t } from '../core/words.js'
import { inWorkspace } from '../core/workspace.js'
import { filter, part, setFilters, toPart } from './address.js'
import { dayName, since } from './days.js'
import { choices } from './filters.js'
import { listTable } from './list_table.js'

/** @typedef {import('./types.js').ReportRow} ReportRow */

const BY = ['day', 'agent', 'channel']
const DAYS = [7, 30, 90, 365]
const USUAL = 30
const COUNTS = /** @type {const} */ (['conversations', 'messages_in', 'messages_out', 'failed', 'answers'])

export function reportsPage() {
  const by = computed(() => (BY.includes(part()) ? part() : BY[0]))
  const days = computed(() => DAYS.find(each => String(each) === filter('days')) ?? USUAL)
  const query = () => ({ by: by.peek(), from: since(days.peek(), new Date()) })
  /** @type {import('../core/paged.js').Paged<ReportRow>} */
  const list = paged(() => get('/reports', query()))
  effect(() => {
    by()
    days()
    untracked(list.begin)
  })
  const most = () => Math.max(1, ...(list.rows() ?? []).map(it => it.messages_in + it.messages_out))
  return h(
    'div',
    h('header.top', h('h1', t('admin.reports')), downloading(query)),
    h('div.row.start', byWhat(by), howLong(days)),
    h(
      'section.card',
      listTable({
        label: t('admin.reports'),
        list,
        none: h('p', t('reports.none')),
        columns: columns(by, most),
      }),
      h('p.note-line', t('reports.about')),
    ),
  )
}

/** @param {() => string} by */
const byWhat = by =>
  choices(
    t('reports.by'),
    BY,
    value => t(`reports.by_${value}`),
    by,
    value => toPart(value === BY[0] ? '' : value),
  )

/** @param {() => number} days */
const howLong = days =>
  choices(
    t('reports.days'),
    DAYS,
    count => t('reports.last', { count }),
    days,
    count => setFilters({ days: count === USUAL ? '' : String(count), page: '' }),
  )

/** @param {() => string} by @param {() => number} most @returns {import('./table.js').Column<ReportRow>[]} */
const columns = (by, most) => [
  {
    words: () => t(`reports.by_${by()}`),
    of: it => h('bdi', nameOf(it)),
    head: true,
    name: 'name',
    sort: it => (isDay(it.key) ? it.key : nameOf(it)),
  },
  ...COUNTS.map(name => ({
    words: t(`reports.${name}`),
    of: (/** @type {ReportRow} */ it) => number(it[name]),
    name,
    sort: (/** @type {ReportRow} */ it) => it[name],
  })),
  {
    words: t('reports.median'),
    of: it => (it.median_first_answer_seconds == null ? '–' : span(it.median_first_answer_seconds)),
    name: 'median',
    sort: it => it.median_first_answer_seconds,
  },
  { words: t('reports.bar'), kind: 'bars', of: it => bar(it, most()) },
]

/** @param {ReportRow} it @param {number} most */
const bar = (it, most) =>
  h(
    'span.bar',
    {
      'aria-hidden': 'true',
      vars: { '--in': String(it.messages_in / most), '--out': String(it.messages_out / most) },
    },
    h('i'),
    h('i.out'),
  )

/** @param {string} key */
const isDay = key => /^\d{4}-\d\d-\d\d$/.test(key)

/** A day has no name of its own, a colleague or channel may have lost it. @param {ReportRow} it */
function nameOf(it) {
  if (it.name) return it.name
  if (isDay(it.key)) return dayName(it.key)
  return it.key ? `#${it.key}` : t('reports.nobody')
}

/** @param {() => {by: string, from: string}} query */
const downloading = query =>
  h(
    'button.button',
    {
      type: 'button',
      onclick: (/** @type {{currentTarget: HTMLButtonElement}} */ event) =>
        download(query(), event.currentTarget),
    },
    icon('down'),
    t('reports.csv'),
  )

/**
 * Asked for by hand, so that a refusal is said in words instead of being saved as a file.
 * @param {{by: string, from: string}} query
 * @param {HTMLButtonElement} button
 */
async function download(query, button) {
  button.disabled = true
  try {
    const asked = new URLSearchParams({ ...query, format: 'csv' })
    const answer = await fetch(inWorkspace(`/api/v1/reports?${asked}`), { credentials: 'same-origin' }).catch(
      () => null,
    )
    if (!answer) throw new Error(t('error.offline'))
    if (!answer.ok) throw new Error(t('error.refused', { status: answer.status }))
    const address = URL.createObjectURL(await answer.blob())
    const name = `rapport-${query.by}-${query.from}.csv`
    h('a', { href: address, download: name }).click()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    toast(t('reports.saved', { name }), { tone: 'good' })
  } catch (problem) {
    showError(problem)
  } finally {
    button.disabled = false
  }
}
