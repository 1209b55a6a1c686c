// @ts-check
// The picture of a flow: its steps as buttons in the order in which they are listed, the ways between them as
// lines. Who listens hears a list of steps and where each leads; on a phone it is such a list for the eyes,
// too.
import { each, h, icon, show } from '../core/dom.js'
import { menu } from '../core/menu.js'
import { named, number, t } from '../core/words.js'
import { START, TEST, addStep } from './flow_desk.js'
import { faultsOf } from './flow_faults.js'
import { STEP_KINDS } from './flow_steps.js'
import { summaryOf, titleOf, wordsOfExit } from './flow_words.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./flow_desk.js').Desk} Desk */
/** @typedef {import('./flow_graph.js').Edge} Edge */
/** @typedef {import('./flow_graph.js').Point} Point */

const SVG = 'http://www.w3.org/2000/svg'

/** @param {Desk} desk @param {() => void} open shows the form, where it lies over the picture */
export function flowPicture(desk, open) {
  const list = h('ol.flow-nodes')
  each(
    list,
    () => [START, ...desk.steps()],
    it => (typeof it === 'string' ? startNode(desk, open) : stepNode(it, desk, open)),
  )
  const size = () => ({ '--w': String(desk.picture().width), '--h': String(desk.picture().height) })
  const moves = (/** @type {KeyboardEvent} */ event) => goOn(list, event)
  return h(
    'section.flow-picture',
    { 'aria-label': t('flows.steps') },
    h(
      'header',
      h('h3', t('flows.steps')),
      h(
        'button.button.small',
        {
          type: 'button',
          'aria-pressed': () => String(desk.chosen() === TEST),
          onclick: () => desk.chosen.set(desk.chosen.peek() === TEST ? START : TEST),
        },
        icon('play'),
        t('dry_run.title'),
      ),
    ),
    h(
      'div.flow-scroll',
      { tabindex: '0', role: 'region', 'aria-label': t('flows.picture'), onkeydown: moves },
      h(
        'div.flow-canvas',
        { vars: size },
        show(h('div.flow-lines'), () => lines(desk)),
        list,
        endNode(desk),
      ),
    ),
  )
}

/** Up and down go through the steps. @param {HTMLElement} list @param {KeyboardEvent} event */
function goOn(list, event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const here = /** @type {HTMLElement} */ (event.target)
  if (!by || !here.matches('.flow-node')) return
  const all = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('.flow-node')])
  const next = all[all.indexOf(here) + by]
  if (!next) return
  event.preventDefault()
  next.focus()
}

/** @param {() => Point} at */
const placed = at => () => ({ '--x': String(at().x), '--y': String(at().y) })

/** @param {Desk} desk @param {() => void} open */
function startNode(desk, open) {
  const at = () => desk.picture().start
  return h(
    'li',
    h(
      'button.flow-node.start',
      {
        type: 'button',
        vars: placed(at),
        'aria-pressed': () => String(desk.chosen() === START),
        onclick: () => choose(desk, START, open),
      },
      icon('flow'),
      h('b', t('flows.start_node')),
    ),
    exits(desk, -1),
  )
}

/** Where the flow is over. @param {Desk} desk */
const endNode = desk =>
  h(
    'div.flow-end',
    {
      hidden: () => !desk.picture().end,
      vars: placed(() => desk.picture().end ?? { x: 0, y: 0 }),
      classes: { walked: () => desk.walked()?.at === desk.steps().length },
    },
    t('flows.end_node'),
  )

/** @param {Step} step @param {Desk} desk @param {() => void} open */
function stepNode(step, desk, open) {
  const place = () => desk.steps().indexOf(step)
  const read = (/** @type {() => string} */ words) => () => {
    desk.version()
    return words()
  }
  const isWrong = () => {
    desk.version()
    return desk.fault()?.step === step || Object.keys(faultsOf(desk.steps(), step)).length > 0
  }
  return h(
    'li',
    h(
      `button.flow-node.${step.kind}`,
      {
        type: 'button',
        vars: placed(() => desk.picture().nodes[place()] ?? { x: 0, y: 0 }),
        'aria-pressed': () => String(desk.chosen() === step),
        classes: {
          wrong: isWrong,
          lost: () => desk.picture().lost.has(place()),
          walked: () => !!desk.walked()?.taken.has(place()),
          here: () => desk.walked()?.at === place(),
        },
        onclick: () => choose(desk, step, open),
      },
      h('b', () => titleOf(step, place())),
      h(
        'span.flow-summary',
        { dir: 'auto' },
        read(() => summaryOf(step, desk)),
      ),
      h('span.hidden-text', () => (isWrong() ? t('flows.incomplete') : '')),
      h('span.hidden-text', () => (desk.picture().lost.has(place()) ? t('flows.lost') : '')),
    ),
    exits(desk, place),
  )
}

/** @param {Desk} desk @param {Step | 'start'} it @param {() => void} open */
function choose(desk, it, open) {
  desk.chosen.set(it)
  open()
}

/**
 * The ways out of a step, each with its words, where it leads, and a button that puts a step on it.
 * @param {Desk} desk
 * @param {number | (() => number)} from
 */
const exits = (desk, from) =>
  show(h('ul.flow-exits'), () => {
    const place = typeof from === 'function' ? from() : from
    return desk
      .picture()
      .edges.filter(edge => edge.from === place)
      .map(edge => exitOf(desk, edge))
  })

/** @param {Desk} desk @param {Edge} edge */
function exitOf(desk, edge) {
  const words = wordsOfExit(edge)
  const to = desk.steps.peek()[edge.to]
  const goal = to ? titleOf(to, edge.to) : t('flows.end_node')
  return h(
    'li',
    { vars: { '--x': String(edge.middle.x), '--y': String(edge.middle.y) } },
    words && h('span.flow-words', { dir: 'auto', title: words }, words),
    h('span.flow-goal', t('flows.leads_to', { step: goal })),
    adder(desk, edge, words),
  )
}

/** @param {Desk} desk @param {Edge} edge @param {string} words */
function adder(desk, edge, words) {
  const place = number(edge.from + 1)
  const after = edge.from < 0 ? t('flows.add_first') : t('flows.add_after', { place })
  return menu(
    h(
      'button.flow-add',
      { type: 'button', 'aria-label': words ? t('flows.add_on', { place, words }) : after },
      icon('plus'),
    ),
    () =>
      STEP_KINDS.map(kind => ({
        label: named('flow_step', kind),
        run: () => {
          addStep(desk, edge, kind)
          focusForm()
        },
      })),
  )
}

/** One goes on in the form of what was just added. */
function focusForm() {
  document.querySelector('.flow-editor')?.classList.add('open')
  const field = document.querySelector('.flow-side .form:not([hidden]) :is(textarea, input, select, button)')
  if (field instanceof HTMLElement) field.focus()
}

/** @param {Desk} desk */
function lines(desk) {
  const { edges, width, height } = desk.picture()
  const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' })
  for (const edge of edges) {
    const taken = isTaken(desk, edge) ? ' walked' : ''
    svg.append(shape('path', { class: `way ${edge.by}${edge.isBack ? ' back' : ''}${taken}`, d: edge.path }))
    svg.append(shape('path', { class: `tip${taken}`, d: tip(desk, edge.to) }))
  }
  return svg
}

/** Both its steps were taken in the test. @param {Desk} desk @param {Edge} edge */
function isTaken(desk, edge) {
  const walked = desk.walked()
  const was = (/** @type {number} */ place) => place < 0 || walked?.taken.has(place) || walked?.at === place
  return !!walked && was(edge.from) && was(edge.to)
}

/** @param {Desk} desk @param {number} to */
function tip(desk, to) {
  const { nodes, end } = desk.picture()
  const { x, y } = nodes[to] ?? end ?? { x: 0, y: 0 }
  return `M${x} ${y}l-.28 -.5h.56z`
}

/** @param {string} name @param {Record<string, string>} attributes */
function shape(name, attributes) {
  const node = document.createElementNS(SVG, name)
  for (const key in attributes) node.setAttribute(key, attributes[key])
  return node
}
