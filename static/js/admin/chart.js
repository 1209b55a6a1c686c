// @ts-check
// A line of numbers over time as a picture, with its highest value and its times in words, and the same
// numbers as a table one press away.
import { h, show } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { clock } from '../core/time.js'
import { number, t } from '../core/words.js'
import { table } from './table.js'

const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 600
const HEIGHT = 100

/** @param {string} name @param {Record<string, string | number>} attributes */
function shape(name, attributes) {
  const node = document.createElementNS(SVG, name)
  for (const key in attributes) node.setAttribute(key, String(attributes[key]))
  return node
}

/** @typedef {import('./trend.js').Point} Point */
/** @typedef {{name: string, tone: string, points: () => Point[]}} Line */

/**
 * The path of a line, each point at its own time, `most` at the top.
 * @param {Point[]} points
 * @param {number} most
 */
export function path(points, most) {
  if (points.length < 2) return ''
  const from = Date.parse(points[0].at)
  const long = Math.max(1, Date.parse(points[points.length - 1].at) - from)
  return points
    .map((point, i) => {
      const x = ((Date.parse(point.at) - from) / long) * WIDTH
      const y = HEIGHT - (point.count / most) * (HEIGHT - 6)
      return `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}

/** A round number at or above the highest, so that the scale reads easily. @param {number} value */
export function ceiling(value) {
  if (value <= 4) return 4
  const ten = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 4, 5, 10].map(step => step * ten).find(step => step >= value) ?? value
}

/** @param {Point[]} points */
const highest = points => Math.max(0, ...points.map(point => point.count))

/** @param {Line} line @param {(value: number) => string} say */
function words({ name, points }, say) {
  const all = points()
  return all.length
    ? t('chart.words', {
        name,
        now: say(all[all.length - 1].count),
        most: say(highest(all)),
        since: clock(all[0].at),
      })
    : t('chart.nothing', { name })
}

/** @param {SVGElement} svg @param {Line[]} lines @param {number} most */
function draw(svg, lines, most) {
  for (const line of lines) {
    const d = path(line.points(), most)
    if (!d) continue
    const group = shape('g', { class: line.tone })
    group.append(
      shape('path', { class: 'area', d: `${d}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z` }),
      shape('path', { class: 'line', d }),
    )
    svg.append(group)
  }
  return svg
}

/** @param {string} label */
const canvas = label =>
  /** @type {SVGElement} */ (
    shape('svg', {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': label,
    })
  )

/**
 * @param {string} title
 * @param {Line[]} lines
 * @param {(value: number) => string} [say] a value with its unit
 */
export function lineChart(title, lines, say = number) {
  const asTable = signal(false)
  return h(
    'div.lines',
    h(
      'header',
      h('h3', title),
      lines.length > 1 && h('span.legend', ...lines.map(line => h('span', h(`i.${line.tone}`), line.name))),
      h('button.button.quiet.small', { type: 'button', onclick: () => asTable.set(!asTable.peek()) }, () =>
        t(asTable() ? 'chart.picture' : 'chart.table'),
      ),
    ),
    h('p.note-line', { hidden: () => lines[0].points().length > 1 }, t('chart.soon')),
    picture(title, lines, say, asTable),
    numbers(title, lines, say, asTable),
  )
}

/**
 * @param {string} title
 * @param {Line[]} lines
 * @param {(value: number) => string} say
 * @param {() => boolean} isHidden
 */
function picture(title, lines, say, isHidden) {
  const most = () => ceiling(Math.max(1, ...lines.map(line => highest(line.points()))))
  const plot = () => {
    const svg = canvas(`${title}. ${lines.map(line => words(line, say)).join('; ')}`)
    for (const y of [6, 53, 99.5]) svg.append(shape('path', { class: 'grid-line', d: `M0 ${y}H${WIDTH}` }))
    return draw(svg, lines, most())
  }
  return h(
    'div.chart',
    { hidden: isHidden },
    show(h('div.plot', { dir: 'ltr' }), plot),
    h(
      'span.scale',
      { 'aria-hidden': 'true' },
      h('span', () => say(most())),
      h('span', () => say(most() / 2)),
      h('span', () => say(0)),
    ),
    show(h('div.times', { 'aria-hidden': 'true', dir: 'ltr' }), () =>
      ends(lines[0].points()).map(at => h('span', { dir: 'auto' }, clock(at))),
    ),
  )
}

/** The first time, the one in the middle, the last. @param {Point[]} points */
const ends = points =>
  points.length > 1 ? [points[0].at, points[points.length >> 1].at, points[points.length - 1].at] : []

/**
 * The same as a table, the newest first.
 * @param {string} title
 * @param {Line[]} lines
 * @param {(value: number) => string} say
 * @param {() => boolean} isShown
 */
function numbers(title, lines, say, isShown) {
  const moments = () =>
    isShown()
      ? lines[0]
          .points()
          .map((point, i) => ({ at: point.at, counts: lines.map(line => line.points()[i]?.count) }))
          .reverse()
      : []
  /** @typedef {{at: string, counts: (number | undefined)[]}} Moment */
  return table(
    title,
    [
      { words: t('chart.time'), of: (/** @type {Moment} */ row) => clock(row.at), head: true },
      ...lines.map((line, i) => ({
        words: line.name,
        of: (/** @type {Moment} */ row) => {
          const count = row.counts[i]
          return count == null ? '–' : say(count)
        },
      })),
    ],
    moments,
  )
}

/**
 * A small line below a figure; the same in words for those who listen.
 * @param {Line[]} lines
 * @param {(value: number) => string} [say]
 */
export const spark = (lines, say = number) =>
  show(h('div.spark', { dir: 'ltr' }), () =>
    draw(
      canvas(lines.map(line => words(line, say)).join('; ')),
      lines,
      Math.max(1, ...lines.map(line => highest(line.points()))),
    ),
  )
