// @ts-check
// What was written and how long customers waited, by day, agent or channel, as a picture, a table and a file.
import { get } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { showError, toast } from '../core/toast.js'
import { effect, signal, untracked } from '../core/signal.js'
import { span } from '../core/time.js'
import { number, t } from '../core/words.js'
import { dayName, since } from './days.js'
import { listed, listing } from './listing.js'
import { table } from './table.js'

const BY = ['day', 'agent', 'channel'],
  DAYS = [7, 30, 90, 365]

export function reportsPage() {
  const by = signal('day'),
    days = signal(30)
  const query = () => ({ by: by(), from: since(days(), new Date()) })
  const report = listing(() => get('/reports', untracked(query)))
  effect(() => {
    by()
    days()
    untracked(report.load)
  })
  const pick = (
    /** @type {string} */ words,
    /** @type {any[]} */ values,
    /** @type {import('../core/signal.js').Signal<any>} */ chosen,
    /** @type {(value: any) => string} */ name,
  ) =>
    h(
      'div.views',
      { role: 'group', 'aria-label': words },
      ...values.map(value =>
        h(
          'button',
          {
            type: 'button',
            'aria-pressed': () => String(chosen() === value),
            onclick: () => chosen.set(value),
          },
          name(value),
        ),
      ),
    )
  const most = () => Math.max(1, ...(report.rows() ?? []).map(it => it.messages_in + it.messages_out))
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.reports')),
      h(
        'button.button',
        {
          type: 'button',
          onclick: (/** @type {any} */ event) => download(untracked(query), event.currentTarget),
        },
        icon('down'),
        t('reports.csv'),
      ),
    ),
    h(
      'div.row.start',
      pick(t('reports.by'), BY, by, value => t(`reports.by_${value}`)),
      pick(t('reports.days'), DAYS, days, value => t('reports.last', { count: value })),
    ),
    h(
      'section.card',
      listed(
        report,
        h('p', t('reports.none')),
        table(
          t('admin.reports'),
          [
            { words: () => t(`reports.by_${by()}`), of: nameOf, head: true },
            ...['conversations', 'messages_in', 'messages_out', 'failed', 'answers'].map(name => ({
              words: t(`reports.${name}`),
              of: (/** @type {any} */ it) => number(it[name]),
            })),
            {
              words: t('reports.median'),
              of: it => (it.median_first_answer_seconds == null ? '–' : span(it.median_first_answer_seconds)),
            },
            {
              words: t('reports.bar'),
              kind: 'bars',
              of: it =>
                h(
                  'span.bar',
                  {
                    'aria-hidden': 'true',
                    vars: {
                      '--in': String(it.messages_in / most()),
                      '--out': String(it.messages_out / most()),
                    },
                  },
                  h('i'),
                  h('i.out'),
                ),
            },
          ],
          report.rows,
        ),
      ),
      h('p.note-line', t('reports.about')),
    ),
  )
}

/** A day has no name of its own, a colleague or channel may have lost it. @param {any} it */
const nameOf = it =>
  h(
    'bdi',
    it.name ??
      (/^\d{4}-\d\d-\d\d$/.test(it.key) ? dayName(it.key) : it.key ? `#${it.key}` : t('reports.nobody')),
  )

/** Asked for by hand, so that a refusal is said in words instead of being saved as a file. @param {Record<string, string>} query @param {HTMLButtonElement} button */
async function download(query, button) {
  button.disabled = true
  try {
    const answer = await fetch(`/api/v1/reports?${new URLSearchParams({ ...query, format: 'csv' })}`, {
      credentials: 'same-origin',
    }).catch(() => null)
    if (!answer?.ok)
      throw new Error(answer ? t('error.refused', { status: answer.status }) : t('error.offline'))
    const address = URL.createObjectURL(await answer.blob()),
      name = `rapport-${query.by}-${query.from}.csv`
    h('a', { href: address, download: name }).click()
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    toast(t('reports.saved', { name }), { tone: 'good' })
  } catch (problem) {
    showError(problem)
  } finally {
    button.disabled = false
  }
}
