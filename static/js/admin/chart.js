// @ts-check
// A line of numbers over time as a picture, with its highest and lowest value and its times in words, and the same
// numbers as a table one press away.
import { h, icon, show } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { clock } from '../core/time.js'
import { number, t } from '../core/words.js'

const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 600, HEIGHT = 100

/** @param {string} name @param {Record<string, any>} attributes */
function shape(name, attributes) {
  const node = document.createElementNS(SVG, name)
  for (const key in attributes) node.setAttribute(key, String(attributes[key]))
  return node
}

/** @typedef {{at: string, count: number}} Point */

/** The path of a line, `most` at the top. @param {number[]} values @param {number} most */
export function path(values, most) {
  if (values.length < 2) return ''
  return values.map((value, i) => `${i ? 'L' : 'M'}${(i * WIDTH / (values.length - 1)).toFixed(1)} ${(HEIGHT - value / most * (HEIGHT - 6)).toFixed(1)}`).join('')
}

/** A round number at or above the highest, so that the scale reads easily. @param {number} value */
export function ceiling(value) {
  if (value <= 4) return 4
  const ten = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 4, 5, 10].map(step => step * ten).find(step => step >= value) ?? value
}

/**
 * @param {string} title @param {{name: string, tone: string, points: () => Point[]}[]} lines
 */
export function lineChart(title, lines) {
  const table = signal(false)
  const most = () => ceiling(Math.max(1, ...lines.flatMap(line => line.points().map(point => point.count))))
  const words = () => lines.map(line => t('chart.words', { name: line.name, now: number(line.points().at(-1)?.count ?? 0), most: number(Math.max(0, ...line.points().map(point => point.count))) })).join('; ')

  function draw() {
    const svg = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${title}. ${words()}` })
    for (const y of [6, 53, 99.5]) svg.append(shape('path', { class: 'grid-line', d: `M0 ${y}H${WIDTH}` }))
    for (const line of lines) {
      const d = path(line.points().map(point => point.count), most())
      if (!d) continue
      const group = shape('g', { class: line.tone })
      group.append(shape('path', { class: 'area', d: `${d}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z` }), shape('path', { class: 'line', d }))
      svg.append(group)
    }
    return svg
  }

  const times = () => { const points = lines[0].points(); return points.length ? [points[0].at, points[points.length >> 1].at, points[points.length - 1].at] : [] }
  return h('section.card.wide', h('header', h('h2', title),
    h('span.legend', ...lines.map(line => h('span', h(`i.${line.tone}`), line.name))),
    h('button.button.quiet.small', { type: 'button', 'aria-pressed': () => String(table()), onclick: () => table.set(!table.peek()) }, () => t(table() ? 'chart.picture' : 'chart.table'))),
    h('div.chart', { hidden: () => table() }, show(h('div.plot'), draw),
      h('span.scale', { 'aria-hidden': 'true' }, h('span', () => number(most())), h('span', () => number(most() / 2)), h('span', '0')),
      show(h('div.times', { 'aria-hidden': 'true' }), () => times().map(at => h('span', clock(at))))),
    h('div.scroll-x', { hidden: () => !table(), tabindex: '0', role: 'region', 'aria-label': title }, show(h('table'), () => (table() ? numbersTable(lines) : []))))
}

/** @param {{name: string, points: () => Point[]}[]} lines */
function numbersTable(lines) {
  const rows = lines[0].points().map((point, i) => h('tr', h('td', clock(point.at)), ...lines.map(line => h('td', number(line.points()[i]?.count ?? 0))))).reverse()
  return [h('thead', h('tr', h('th', { scope: 'col' }, t('chart.time')), ...lines.map(line => h('th', { scope: 'col' }, line.name)))), h('tbody', ...rows)]
}

/** A small line beside a figure. @param {() => Point[]} points @param {string} [tone] */
export const spark = (points, tone = 'accent') => show(h('div.spark', { 'aria-hidden': 'true' }), () => {
  const values = points().map(point => point.count), svg = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' })
  const d = path(values, Math.max(1, ...values)), group = shape('g', { class: tone })
  group.append(shape('path', { class: 'line', d }))
  svg.append(group)
  return d ? svg : icon('chart')
})
