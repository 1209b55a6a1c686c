// @ts-check
// What an admin looks at first: the worst state in words, derived from the numbers, never written by hand.
import { get } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { onCleanup, signal } from '../core/signal.js'
import { ago, span } from '../core/time.js'
import { named, number, t } from '../core/words.js'
import { lineChart } from './chart.js'

const EVERY = 3_000
/** A queue whose oldest message waits longer than this is not merely busy. */
const SLOW = 60

/** @typedef {{tone: 'good' | 'warn' | 'bad', words: string, place: string}} Verdict */

/** The worst of what the numbers say. @param {any} stats @param {import('../core/types.js').Channel[]} channels @returns {Verdict} */
export function verdict(stats, channels) {
  const paused = channels.filter(each => each.state === 'paused')
  if (paused.length) return { tone: 'bad', words: t('board.paused', { count: paused.length, name: paused[0].name, reason: paused[0].state_reason ?? '' }), place: 'channels' }
  if (stats.oldest_queued_seconds > SLOW) return { tone: 'bad', words: t('board.stuck', { span: span(stats.oldest_queued_seconds) }), place: 'deliveries' }
  if (stats.quarantined) return { tone: 'warn', words: t('board.quarantined', { count: stats.quarantined }), place: 'deliveries' }
  if (stats.unconfirmed) return { tone: 'warn', words: t('board.unconfirmed', { count: stats.unconfirmed }), place: 'deliveries' }
  if (stats.delivery_failures_24h) return { tone: 'warn', words: t('board.failures', { count: stats.delivery_failures_24h }), place: 'deliveries' }
  if (!channels.length) return { tone: 'warn', words: t('board.no_channel'), place: 'channels' }
  return { tone: 'good', words: t('board.well'), place: '' }
}

/** @param {import('../core/signal.js').Signal<import('../core/types.js').Channel[]>} channels @param {() => void} again fetches the channels */
export function board(channels, again) {
  const stats = signal(/** @type {any} */ (null)), trouble = signal(''), heard = signal(0)
  async function look() {
    if (document.hidden) return
    try { stats.set(await get('/stats')); trouble.set(''); heard.set(Date.now()) } catch (/** @type {any} */ problem) { trouble.set(problem.message) }
  }
  look()
  const timer = setInterval(look, EVERY), slower = setInterval(() => { if (!document.hidden) again() }, 15_000)
  document.addEventListener('visibilitychange', look)
  onCleanup(() => { clearInterval(timer); clearInterval(slower); document.removeEventListener('visibilitychange', look) })

  const value = (/** @type {string} */ name) => stats()?.[name]
  const last = (/** @type {string} */ name) => stats()?.[name]?.at(-1)?.count ?? 0
  const state = () => (stats() ? verdict(stats(), channels()) : null)
  return h('div',
    h('header.top', h('h1', t('admin.overview')),
      show(h('p', { role: 'status', class: () => `verdict ${trouble() ? 'bad' : state()?.tone ?? ''}` }), () => {
        if (trouble()) return [icon('off'), h('span', t('board.not_current', { reason: trouble() }))]
        const now = state()
        return now && [icon(now.tone === 'good' ? 'check' : 'alert'), now.place ? h('a', { href: `#${now.place}` }, now.words) : h('span', now.words)]
      })),
    h('div.grid',
      figure('now', () => t('board.in_out', { in: number(last('messages_in_per_minute')), out: number(last('messages_out_per_minute')) }), () => t('board.per_minute')),
      figure('sessions', () => amount(value('open_sessions')), () => t('board.rooms', { count: value('rooms') ?? 0 })),
      figure('queue', () => amount(value('queue_depth')), () => (value('queue_depth') ? t('board.oldest', { span: span(value('oldest_queued_seconds') ?? 0) }) : t('board.queue_empty')), () => ((value('oldest_queued_seconds') ?? 0) > SLOW ? 'bad' : ''), 'deliveries'),
      figure('failures', () => amount(value('delivery_failures_24h')), () => t('board.unconfirmed_now', { count: value('unconfirmed') ?? 0 }), () => (value('delivery_failures_24h') ? 'bad' : ''), 'deliveries'),
      figure('answer', () => (value('median_first_answer_seconds') == null ? '–' : span(value('median_first_answer_seconds'))), () => t('board.median')),
      figure('lag', () => (value('ingest_lag_ms') == null ? '–' : t('board.ms', { count: Math.round(value('ingest_lag_ms')) })), () => t('board.lag_note')),
      figure('duplicates', () => amount(value('duplicates_suppressed')), () => t('board.duplicates_note')),
      figure('quarantined', () => amount(value('quarantined')), () => t('board.quarantined_note'), () => (value('quarantined') ? 'warn' : ''), 'deliveries'),
      lineChart(t('board.messages'), [
        { name: t('board.in'), tone: 'accent', points: () => value('messages_in_per_minute') ?? [] },
        { name: t('board.out'), tone: 'good', points: () => value('messages_out_per_minute') ?? [] },
      ]),
      h('section.card.wide', h('header', h('h2', t('admin.channels')), h('a.button.small', { href: '#channels' }, t('board.all_channels'))),
        h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('admin.channels') }, h('table',
          h('thead', h('tr', ...['name', 'kind', 'state', 'heard'].map(name => h('th', { scope: 'col' }, t(`channels.${name}`))))),
          show(h('tbody'), () => channels().map(it => h('tr', h('td', h('b', { dir: 'auto' }, it.name)), h('td', named('channel', it.kind)), h('td', stateWords(it)), h('td', it.last_event_at ? ago(it.last_event_at) : t('channels.never'))))))))))
}

/** @param {any} value */
const amount = value => (value == null ? '–' : number(value))

/** @param {string} name @param {() => string} value @param {() => string} note @param {() => string} [tone] @param {string} [place] the list behind the number */
function figure(name, value, note, tone = () => '', place) {
  return h(place ? 'a.card' : 'section.card', place ? { href: `#${place}` } : {}, h('h2', t(`figure.${name}`)), h('div.figure', value), h('div', { class: () => `note-line ${tone()}` }, note))
}

/** @param {import('../core/types.js').Channel} it */
export function stateWords(it) {
  const tone = it.state === 'active' ? 'good' : it.state === 'paused' ? 'bad' : ''
  return h('span', { class: `state-mark ${tone}`, title: it.state_reason ?? '' }, named('channel_state', it.state))
}
