// @ts-check
// The numbers of the overview: each with its words, its line over time and the list behind it.
import { span } from '../core/time.js'
import { number, t } from '../core/words.js'
import { everyMinute } from './trend.js'
import { SLOW } from './verdict.js'

/** @typedef {import('./types.js').Stats} Stats */
/** @typedef {import('./trend.js').Point} Point */
/** @typedef {import('./chart.js').Line} Line */
/** @typedef {(name: string) => Point[]} Trend how a number went, as far as it was noted */
/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {() => string} value
 * @property {() => string} note
 * @property {() => string} [tone]
 * @property {string} [place]
 * @property {Line[]} lines
 * @property {(value: number) => string} [say]
 */

/** @param {() => Stats | null} stats @param {Trend} trend @returns {Figure[]} */
export const figuresOf = (stats, trend) => {
  const now = () => stats() ?? {}
  return [traffic(now), ...ofWork(now, trend), ...ofCare(now, trend)]
}

/** @param {number | null | undefined} value */
const amount = value => (value == null ? '–' : number(value))
/** @param {number} count */
const ms = count => t('board.ms', { count: Math.round(count) })

/**
 * A line that should stay at nothing is alarming only once it does not.
 * @param {Trend} trend
 * @param {string} figure
 * @param {string} name
 */
const alarm = (trend, figure, name) => [
  {
    name: t(`figure.${figure}`),
    points: () => trend(name),
    get tone() {
      return trend(name).some(point => point.count) ? 'bad' : 'accent'
    },
  },
]

/** @param {Trend} trend @param {string} figure @param {string} name @returns {Line[]} */
const gauge = (trend, figure, name) => [
  { name: t(`figure.${figure}`), points: () => trend(name), tone: 'accent' },
]

/** @param {() => Stats} now @returns {Figure} */
function traffic(now) {
  const minutes = (/** @type {Point[] | undefined} */ points) =>
    points ? everyMinute(points, Date.now()) : []
  const into = () => minutes(now().messages_in_per_minute)
  const out = () => minutes(now().messages_out_per_minute)
  const last = (/** @type {() => Point[]} */ points) => number(points().at(-1)?.count ?? 0)
  return {
    name: 'now',
    value: () => (now().queue_depth == null ? '–' : t('board.in_out', { in: last(into), out: last(out) })),
    note: () => t('board.per_minute'),
    lines: [
      { name: t('board.in'), tone: 'accent', points: into },
      { name: t('board.out'), tone: 'good', points: out },
    ],
  }
}

/**
 * What is going on, and what has to go out.
 * @param {() => Stats} now
 * @param {Trend} trend
 * @returns {Figure[]}
 */
const ofWork = (now, trend) => [
  {
    name: 'sessions',
    value: () => amount(now().open_sessions),
    note: () => t('board.rooms', { count: now().rooms ?? 0 }),
    lines: gauge(trend, 'sessions', 'open_sessions'),
  },
  {
    name: 'queue',
    value: () => amount(now().queue_depth),
    note: () =>
      now().queue_depth
        ? t('board.oldest', { span: span(now().oldest_queued_seconds ?? 0) })
        : t('board.queue_empty'),
    tone: () => ((now().oldest_queued_seconds ?? 0) > SLOW ? 'bad' : ''),
    place: 'deliveries/queued',
    lines: gauge(trend, 'queue', 'queue_depth'),
  },
  {
    name: 'failures',
    value: () => amount(now().delivery_failures_24h),
    note: () => t('board.unconfirmed_now', { count: now().unconfirmed ?? 0 }),
    tone: () => (now().delivery_failures_24h ? 'bad' : ''),
    place: 'deliveries/failed',
    lines: alarm(trend, 'failures', 'delivery_failures_24h'),
  },
]

/** How fast it is, and what was caught. @param {() => Stats} now @param {Trend} trend @returns {Figure[]} */
const ofCare = (now, trend) => [
  {
    name: 'answer',
    value: () => said(now().median_first_answer_seconds, span),
    note: () => t('board.median'),
    place: 'reports',
    lines: gauge(trend, 'answer', 'median_first_answer_seconds'),
    say: span,
  },
  {
    name: 'lag',
    value: () => said(now().ingest_lag_ms, ms),
    note: () => t('board.lag_note'),
    lines: gauge(trend, 'lag', 'ingest_lag_ms'),
    say: ms,
  },
  {
    name: 'duplicates',
    value: () => amount(now().duplicates_suppressed),
    note: () => t('board.duplicates_note'),
    lines: gauge(trend, 'duplicates', 'duplicates_suppressed'),
  },
  {
    name: 'quarantined',
    value: () => amount(now().quarantined),
    note: () => t('board.quarantined_note'),
    tone: () => (now().quarantined ? 'warn' : ''),
    place: 'deliveries',
    lines: alarm(trend, 'quarantined', 'quarantined'),
  },
]

/** @param {number | null | undefined} value @param {(value: number) => string} words */
const said = (value, words) => (value == null ? '–' : words(value))
