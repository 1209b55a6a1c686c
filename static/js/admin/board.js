// @ts-check
// What an admin looks at first: the worst state in words, derived from the numbers, never written by hand; each number
// with how it went, and any of them as a large picture or a table.
import { get } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { onCleanup, signal } from '../core/signal.js'
import { since, span } from '../core/time.js'
import { named, number, t } from '../core/words.js'
import { lineChart, spark } from './chart.js'
import { standing, stateWords, test } from './check.js'
import { table } from './table.js'
import { everyMinute, keepTrends, keptTrends, noted } from './trend.js'

const EVERY = 3_000
/** A queue whose oldest message waits longer than this is not merely busy. */
const SLOW = 60

/** What the server tells only as it is now, and we note as time goes by. */
const GAUGES = [
  'open_sessions',
  'queue_depth',
  'delivery_failures_24h',
  'median_first_answer_seconds',
  'ingest_lag_ms',
  'duplicates_suppressed',
  'quarantined',
]
const trends = signal(keptTrends())

/** @typedef {{tone: 'good' | 'warn' | 'bad', words: string, place: string}} Verdict */

/** The worst of what the numbers say. @param {any} stats @param {import('../core/types.js').Channel[]} channels @returns {Verdict} */
export function verdict(stats, channels) {
  const paused = channels.filter(each => each.state === 'paused')
  if (paused.length)
    return {
      tone: 'bad',
      words: t('board.paused', {
        count: paused.length,
        name: paused[0].name,
        reason: paused[0].state_reason ?? '',
      }),
      place: 'channels',
    }
  if (stats.oldest_queued_seconds > SLOW)
    return {
      tone: 'bad',
      words: t('board.stuck', { span: span(stats.oldest_queued_seconds) }),
      place: 'deliveries',
    }
  if (stats.quarantined)
    return { tone: 'warn', words: t('board.quarantined', { count: stats.quarantined }), place: 'deliveries' }
  if (stats.unconfirmed)
    return { tone: 'warn', words: t('board.unconfirmed', { count: stats.unconfirmed }), place: 'deliveries' }
  if (stats.delivery_failures_24h)
    return {
      tone: 'warn',
      words: t('board.failures', { count: stats.delivery_failures_24h }),
      place: 'deliveries',
    }
  if (!channels.length) return { tone: 'warn', words: t('board.no_channel'), place: 'channels' }
  const failed = channels.filter(each => standing(each).is === 'failed')
  if (failed.length)
    return {
      tone: 'warn',
      words: t('standing.some_failed', { count: failed.length, name: failed[0].name }),
      place: 'channels',
    }
  const unheard = channels.filter(each => standing(each).is === 'unheard')
  if (unheard.length)
    return {
      tone: 'warn',
      words: t('standing.some_unheard', { count: unheard.length, name: unheard[0].name }),
      place: 'channels',
    }
  return { tone: 'good', words: t('board.well'), place: '' }
}

/** @param {import('./listing.js').Listing} channels */
export function board(channels) {
  const stats = signal(/** @type {any} */ (null)),
    trouble = signal(''),
    chosen = signal('now')
  async function look() {
    if (document.hidden) return
    try {
      const now = await get('/stats')
      note(now)
      stats.set(now)
      trouble.set('')
    } catch (/** @type {any} */ problem) {
      trouble.set(problem.message)
    }
  }
  look()
  const timer = setInterval(look, EVERY),
    slower = setInterval(() => {
      if (!document.hidden) channels.load()
    }, 15_000)
  document.addEventListener('visibilitychange', look)
  onCleanup(() => {
    clearInterval(timer)
    clearInterval(slower)
    document.removeEventListener('visibilitychange', look)
  })

  const figures = figuresOf(name => stats()?.[name])
  const large = () => {
    const it = figures.find(each => each.name === chosen()) ?? figures[0]
    return lineChart(t(it.name === 'now' ? 'board.messages' : `figure.${it.name}`), it.lines, it.say)
  }
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.overview')),
      show(
        h('p', {
          role: 'status',
          class: () =>
            `verdict ${trouble() ? 'bad' : stats() && channels.rows() ? verdict(stats(), channels.rows() ?? []).tone : ''}`,
        }),
        () => state(stats(), trouble(), channels.rows()),
      ),
    ),
    h('div.grid', ...figures.map(card)),
    h(
      'section.card',
      { 'aria-label': t('board.over_time') },
      h(
        'div.views',
        { role: 'group', 'aria-label': t('board.over_time') },
        ...figures.map(each =>
          h(
            'button',
            {
              type: 'button',
              'aria-pressed': () => String(chosen() === each.name),
              onclick: () => chosen.set(each.name),
            },
            t(`figure.${each.name}`),
          ),
        ),
      ),
      show(h('div'), large),
    ),
    h(
      'section.card',
      h(
        'header',
        h('h2', t('admin.channels')),
        h('a.button.small', { href: '#channels' }, t('board.all_channels')),
      ),
      table(
        t('admin.channels'),
        [
          { words: t('channels.name'), of: it => h('bdi', it.name), head: true },
          { words: t('channels.kind'), of: it => named('channel', it.kind) },
          { words: t('channels.state'), of: stateWords },
          {
            words: t('channels.heard'),
            of: it => (it.last_event_at ? since(it.last_event_at) : t('channels.never')),
          },
          {
            words: '',
            kind: 'acts',
            of: it =>
              h(
                'span.row',
                h(
                  'button.button.small',
                  {
                    type: 'button',
                    'aria-label': t('admin.act', { act: t('channels.test'), name: it.name }),
                    onclick: () => test(it).then(channels.load),
                  },
                  t('channels.test'),
                ),
              ),
          },
        ],
        channels.rows,
      ),
    ),
  )
}

/** @param {any} stats @param {string} trouble @param {any[] | null} channels */
function state(stats, trouble, channels) {
  if (trouble) return [icon('off'), h('span', t('board.not_current', { reason: trouble }))]
  if (!stats || !channels) return null
  const now = verdict(stats, channels)
  return [
    icon(now.tone === 'good' ? 'check' : 'alert'),
    now.place ? h('a', { href: `#${now.place}` }, now.words) : h('span', now.words),
  ]
}

/** @param {any} stats */
function note(stats) {
  const all = { ...trends.peek() }
  for (const name of GAUGES)
    if (stats[name] != null) all[name] = noted(all[name] ?? [], Date.now(), stats[name])
  trends.set(all)
  keepTrends(all)
}

/** @typedef {{name: string, value: () => string, note: () => string, tone?: () => string, place?: string, lines: import('./chart.js').Line[], say?: (value: number) => string}} Figure */

/** @param {(name: string) => any} value @returns {Figure[]} */
function figuresOf(value) {
  const minutes = (/** @type {string} */ name) => () =>
    value(name) ? everyMinute(value(name), Date.now()) : []
  const gauge = (/** @type {string} */ figure, /** @type {string} */ name, isBad = false) => {
    const points = () => trends()[name] ?? []
    // A line that should stay at nothing is alarming only once it does not.
    return [
      {
        name: t(`figure.${figure}`),
        points,
        get tone() {
          return isBad && points().some(point => point.count) ? 'bad' : 'accent'
        },
      },
    ]
  }
  const into = minutes('messages_in_per_minute'),
    out = minutes('messages_out_per_minute')
  const last = (/** @type {() => any[]} */ points) => number(points().at(-1)?.count ?? 0)
  const ms = (/** @type {number} */ count) => t('board.ms', { count: Math.round(count) })
  return [
    {
      name: 'now',
      value: () => (value('rooms') == null ? '–' : t('board.in_out', { in: last(into), out: last(out) })),
      note: () => t('board.per_minute'),
      lines: [
        { name: t('board.in'), tone: 'accent', points: into },
        { name: t('board.out'), tone: 'good', points: out },
      ],
    },
    {
      name: 'sessions',
      value: () => amount(value('open_sessions')),
      note: () => t('board.rooms', { count: value('rooms') ?? 0 }),
      lines: gauge('sessions', 'open_sessions'),
    },
    {
      name: 'queue',
      value: () => amount(value('queue_depth')),
      note: () =>
        value('queue_depth')
          ? t('board.oldest', { span: span(value('oldest_queued_seconds') ?? 0) })
          : t('board.queue_empty'),
      tone: () => ((value('oldest_queued_seconds') ?? 0) > SLOW ? 'bad' : ''),
      place: 'deliveries/queued',
      lines: gauge('queue', 'queue_depth'),
    },
    {
      name: 'failures',
      value: () => amount(value('delivery_failures_24h')),
      note: () => t('board.unconfirmed_now', { count: value('unconfirmed') ?? 0 }),
      tone: () => (value('delivery_failures_24h') ? 'bad' : ''),
      place: 'deliveries/failed',
      lines: gauge('failures', 'delivery_failures_24h', true),
    },
    {
      name: 'answer',
      value: () =>
        value('median_first_answer_seconds') == null ? '–' : span(value('median_first_answer_seconds')),
      note: () => t('board.median'),
      place: 'reports',
      lines: gauge('answer', 'median_first_answer_seconds'),
      say: span,
    },
    {
      name: 'lag',
      value: () => (value('ingest_lag_ms') == null ? '–' : ms(value('ingest_lag_ms'))),
      note: () => t('board.lag_note'),
      lines: gauge('lag', 'ingest_lag_ms'),
      say: ms,
    },
    {
      name: 'duplicates',
      value: () => amount(value('duplicates_suppressed')),
      note: () => t('board.duplicates_note'),
      lines: gauge('duplicates', 'duplicates_suppressed'),
    },
    {
      name: 'quarantined',
      value: () => amount(value('quarantined')),
      note: () => t('board.quarantined_note'),
      tone: () => (value('quarantined') ? 'warn' : ''),
      place: 'deliveries',
      lines: gauge('quarantined', 'quarantined', true),
    },
  ]
}

/** @param {any} value */
const amount = value => (value == null ? '–' : number(value))

/** A number with its small line; where there is a list behind it, the way there. @param {Figure} it */
function card({ name, value, note, tone = () => '', place, lines, say }) {
  return h(
    'section.card.fact',
    h('h2', place ? h('a', { href: `#${place}` }, t(`figure.${name}`)) : t(`figure.${name}`)),
    h('div.figure', value),
    h('div', { class: () => `note-line ${tone()}` }, note),
    spark(lines, say),
  )
}
