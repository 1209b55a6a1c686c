// @ts-check
// What an admin looks at first: the worst state in words, derived from the numbers, never written by hand;
// each number with how it went, and any of them as a large picture or a table. `#overview/queue` is one of
// them.
import { get, messageOf } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { computed, onCleanup, signal } from '../core/signal.js'
import { since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { part, toPart } from './address.js'
import { lineChart, spark } from './chart.js'
import { stateWords, test } from './check.js'
import { figuresOf } from './figures.js'
import { choices } from './filters.js'
import { table } from './table.js'
import { keepTrends, keptTrends, noted } from './trend.js'
import { verdict } from './verdict.js'

/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('../core/paged.js').Paged<Channel>} Channels */
/** @typedef {import('./types.js').Stats} Stats */

const EVERY = 3_000
const EVERY_CHANNEL = 15_000

/** What the server tells only as it is now, and we note as time goes by. */
const GAUGES = /** @type {const} */ ([
  'open_sessions',
  'queue_depth',
  'delivery_failures_24h',
  'median_first_answer_seconds',
  'ingest_lag_ms',
  'duplicates_suppressed',
  'quarantined',
])
const trends = signal(keptTrends())

/** @param {Channels} channels */
export function board(channels) {
  const { stats, trouble } = live(channels)
  const figures = figuresOf(stats, name => trends()[name] ?? [])
  const chosen = computed(() => figures.find(each => each.name === part()) ?? figures[0])
  const large = () => {
    const it = chosen()
    return lineChart(t(it.name === 'now' ? 'board.messages' : `figure.${it.name}`), it.lines, it.say)
  }
  return h(
    'div',
    h('header.top', h('h1', t('admin.overview')), state(stats, trouble, channels.rows)),
    h('div.grid', ...figures.map(card)),
    h(
      'section.card',
      { 'aria-label': t('board.over_time') },
      choices(
        t('board.over_time'),
        figures,
        each => t(`figure.${each.name}`),
        chosen,
        each => toPart(each === figures[0] ? '' : each.name),
      ),
      show(h('div'), large),
    ),
    channelsCard(channels),
  )
}

/** The numbers as they are, looked at for as long as somebody sees them. @param {Channels} channels */
function live(channels) {
  const stats = signal(/** @type {Stats | null} */ (null))
  const trouble = signal('')
  async function look() {
    if (document.hidden) return
    try {
      const now = await get('/stats')
      note(now)
      stats.set(now)
      trouble.set('')
    } catch (problem) {
      trouble.set(messageOf(problem))
    }
  }
  look()
  const timers = [
    setInterval(look, EVERY),
    setInterval(() => {
      if (!document.hidden) channels.load()
    }, EVERY_CHANNEL),
  ]
  document.addEventListener('visibilitychange', look)
  onCleanup(() => {
    timers.forEach(clearInterval)
    document.removeEventListener('visibilitychange', look)
  })
  return { stats, trouble }
}

/**
 * @param {() => Stats | null} stats
 * @param {() => string} trouble
 * @param {() => Channel[] | null} channels
 */
function state(stats, trouble, channels) {
  const now = computed(() => {
    const [all, them] = [stats(), channels()]
    return all && them ? verdict(all, them) : null
  })
  const tone = () => (trouble() ? 'bad' : (now()?.tone ?? ''))
  return show(h('p', { role: 'status', class: () => `verdict ${tone()}` }), () => {
    if (trouble()) return [icon('off'), h('span', t('board.not_current', { reason: trouble() }))]
    const is = now()
    if (!is) return null
    return [
      icon(is.tone === 'good' ? 'check' : 'alert'),
      is.place ? h('a', { href: `#${is.place}` }, is.words) : h('span', is.words),
    ]
  })
}

/** @param {Stats} stats */
function note(stats) {
  const all = { ...trends.peek() }
  for (const name of GAUGES) {
    const count = stats[name]
    if (count != null) all[name] = noted(all[name] ?? [], Date.now(), count)
  }
  trends.set(all)
  keepTrends(all)
}

/**
 * A number with its small line; where there is a list behind it, the way there.
 * @param {import('./figures.js').Figure} it
 */
function card({ name, value, note: words, tone = () => '', place, lines, say }) {
  return h(
    'section.card.fact',
    h('h2', place ? h('a', { href: `#${place}` }, t(`figure.${name}`)) : t(`figure.${name}`)),
    h('div.figure', value),
    h('div', { class: () => `note-line ${tone()}` }, words),
    spark(lines, say),
  )
}

/** @param {Channels} channels */
const channelsCard = channels =>
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
        { words: '', kind: 'acts', of: it => h('span.row', tester(it, channels.load)) },
      ],
      channels.rows,
    ),
  )

/** @param {Channel} it @param {() => unknown} again */
const tester = (it, again) =>
  h(
    'button.button.small',
    {
      type: 'button',
      'aria-label': t('admin.act', { act: t('channels.test'), name: it.name }),
      onclick: () => test(it).then(again),
    },
    t('channels.test'),
  )
