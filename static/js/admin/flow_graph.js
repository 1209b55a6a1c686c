// @ts-check
// A flow as a graph: which step leads where, and where each stands in the picture: rows from top to bottom,
// what is parallel beside each other, ways back at the side. Pure; every length is in rem.

/** @typedef {import('./types.js').Step} Step */
/**
 * A way from one step to another: the next one, a case of a branch, what is left, no answer in time, a jump.
 * @typedef {object} Exit
 * @property {'start' | 'next' | 'case' | 'otherwise' | 'timeout' | 'jump'} by
 * @property {number} from   a step's place; -1: where the flow starts
 * @property {number} to     a step's place; the number of steps: the flow is over
 * @property {number} [at]   which case
 * @property {string[]} [words]  what a customer says to take it
 */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {Exit & {path: string, middle: Point, isBack: boolean}} Edge */
/**
 * @typedef {{nodes: Point[], start: Point, end: Point | null, edges: Edge[], width: number, height: number,
 *   lost: Set<number>}} Picture
 */

export const START = -1
export const NODE = { width: 13, height: 3.75 }
const GAP = { x: 1.5, y: 3.25 }
/** A long way goes between the steps of the rows it passes. */
const PASSING = 1.5
/** Ways back go up beside everything else. */
const LANE = 1.25
const SWEEPS = 4
/** A picture with more ways that pass rows is no picture any more. */
const MOST_PASSING = 600

/** Kinds after which nothing follows by itself. */
const LAST = ['hand_to_ai', 'end', 'go_to']

/** @param {Step[]} steps @param {string | null | undefined} id @returns {number} -1: no step is called so */
export const placeOfStep = (steps, id) => (id ? steps.findIndex(step => step.id === id) : -1)

/**
 * Every way there is; one whose step is lost leads nowhere and is left out.
 * @param {Step[]} steps
 * @returns {Exit[]}
 */
export function exitsOf(steps) {
  /** @type {Exit[]} */
  const all = [{ by: 'start', from: START, to: 0 }]
  steps.forEach((step, from) => all.push(...exitsOfStep(steps, step, from)))
  return all.filter(exit => exit.to >= 0)
}

/** @param {Step[]} steps @param {Step} step @param {number} from @returns {Exit[]} */
function exitsOfStep(steps, step, from) {
  const next = from + 1
  const orNext = (/** @type {string | null | undefined} */ id) => (id ? placeOfStep(steps, id) : next)
  if (step.kind === 'go_to') return [{ by: 'jump', from, to: placeOfStep(steps, step.step) }]
  if (step.kind === 'branch') {
    const cases = (step.cases ?? []).map((each, at) => ({
      by: /** @type {const} */ ('case'),
      from,
      to: placeOfStep(steps, each.go_to),
      at,
      words: each.words,
    }))
    return [...cases, { by: 'otherwise', from, to: orNext(step.otherwise) }]
  }
  if (LAST.includes(step.kind)) return []
  if (step.kind === 'wait_for_answer' && step.timeout_seconds && step.on_timeout)
    return [
      { by: 'next', from, to: next },
      { by: 'timeout', from, to: placeOfStep(steps, step.on_timeout) },
    ]
  return [{ by: 'next', from, to: next }]
}

/** Whether a step leads to the one below it by itself. @param {Step | undefined} step */
export const fallsThrough = step =>
  !!step && !LAST.includes(step.kind) && !(step.kind === 'branch' && step.otherwise)

/** @param {Step[]} steps @returns {Picture} */
export function pictureOf(steps) {
  const exits = exitsOf(steps)
  const end = steps.length
  const hasEnd = exits.some(exit => exit.to === end)
  const { rank, back, lost } = ranksOf(steps.length + (hasEnd ? 1 : 0), exits)
  const { rows, chains } = layersOf(rank, exits, back)
  const x = columnsOf(rows, neighboursOf(exits, back, chains))
  const right = Math.max(...[...x.values()].map(at => at.x + at.width / 2))
  const point = (/** @type {string} */ key, /** @type {number} */ row) => ({
    x: x.get(key)?.x ?? 0,
    y: row * (NODE.height + GAP.y),
  })
  const spot = (/** @type {number} */ place) => point(String(place), rank.get(place) ?? 0)
  let lanes = 0
  const edges = exits.map(exit => {
    if (back.has(exit)) return edgeBack(exit, spot, right + ++lanes * LANE)
    const passed = (chains.get(exit) ?? []).map(({ key, row }) => point(key, row))
    return edgeDown(exit, spot, passed)
  })
  return {
    nodes: steps.map((_, place) => spot(place)),
    start: spot(START),
    end: hasEnd ? spot(end) : null,
    edges,
    width: right + (lanes ? (lanes + 1) * LANE : 0),
    height: (Math.max(...rank.values()) + 1) * (NODE.height + GAP.y) - GAP.y,
    lost,
  }
}

/**
 * In which row each step stands: below everything that leads to it, ways back left out.
 * @param {number} count of steps, the end with them
 * @param {Exit[]} exits
 */
function ranksOf(count, exits) {
  const from = groupBy(exits, exit => exit.from)
  /** @type {Set<Exit>} */
  const back = new Set()
  /** @type {Map<number, 'open' | 'done'>} */
  const seen = new Map()
  /** @type {number[]} */
  const order = []
  const walk = (/** @type {number} */ place) => {
    seen.set(place, 'open')
    for (const exit of from.get(place) ?? []) {
      if (seen.get(exit.to) === 'open') back.add(exit)
      else if (!seen.has(exit.to)) walk(exit.to)
    }
    seen.set(place, 'done')
    order.unshift(place)
  }
  walk(START)
  // What nothing leads to stands beside the first step, and is told to be lost.
  const lost = new Set(Array.from({ length: count }, (_, place) => place).filter(place => !seen.has(place)))
  for (const place of lost) if (!seen.has(place)) walk(place)
  const rank = new Map(order.map(place => [place, lost.has(place) ? 1 : 0]))
  for (const place of order)
    for (const exit of from.get(place) ?? [])
      if (!back.has(exit)) rank.set(exit.to, Math.max(rank.get(exit.to) ?? 0, (rank.get(place) ?? 0) + 1))
  return { rank, back, lost }
}

/** @template Item @param {Item[]} items @param {(item: Item) => number} keyOf */
function groupBy(items, keyOf) {
  /** @type {Map<number, Item[]>} */
  const groups = new Map()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

/**
 * The rows from left to right, with a place for each way that only passes through: one for all that lead to
 * one step. Where too many pass they are drawn as they lie.
 * @param {Map<number, number>} rank
 * @param {Exit[]} exits
 * @param {Set<Exit>} back
 */
function layersOf(rank, exits, back) {
  /** @type {string[][]} */
  const rows = []
  for (const [place, row] of rank) (rows[row] ??= []).push(String(place))
  /** @type {Map<Exit, {key: string, row: number}[]>} */
  const chains = new Map()
  /** @type {Set<string>} */
  const known = new Set()
  for (const exit of exits) {
    if (back.has(exit)) continue
    const chain = []
    for (
      let row = rowOf(rank, exit.from) + 1;
      row < rowOf(rank, exit.to) && known.size < MOST_PASSING;
      row++
    ) {
      const key = `way ${exit.to} ${row}`
      chain.push({ key, row })
      if (!known.has(key)) rows[row].push(key)
      known.add(key)
    }
    chains.set(exit, chain)
  }
  return { rows, chains }
}

/** @param {Map<number, number>} rank @param {number} place */
const rowOf = (rank, place) => rank.get(place) ?? 0

/**
 * Who stands next to whom, above and below.
 * @param {Exit[]} exits
 * @param {Set<Exit>} back
 * @param {Map<Exit, {key: string}[]>} chains
 */
function neighboursOf(exits, back, chains) {
  /** @type {Map<string, Set<string>>} */
  const above = new Map()
  /** @type {Map<string, Set<string>>} */
  const below = new Map()
  for (const exit of exits) {
    if (back.has(exit)) continue
    const way = [String(exit.from), ...(chains.get(exit) ?? []).map(each => each.key), String(exit.to)]
    for (let i = 1; i < way.length; i++) {
      setOf(above, way[i]).add(way[i - 1])
      setOf(below, way[i - 1]).add(way[i])
    }
  }
  return { above, below }
}

/** @param {Map<string, Set<string>>} sets @param {string} key */
function setOf(sets, key) {
  const found = sets.get(key) ?? new Set()
  sets.set(key, found)
  return found
}

/** @param {string} key */
const widthOf = key => (key.startsWith('way') ? PASSING : NODE.width)

/**
 * Where each stands in its row: near what leads to it and what it leads to, and never on another.
 * @param {string[][]} rows
 * @param {{above: Map<string, Set<string>>, below: Map<string, Set<string>>}} neighbours
 */
function columnsOf(rows, { above, below }) {
  /** @type {Map<string, {x: number, width: number}>} */
  const at = new Map()
  for (const row of rows) pack(row, at, () => 0)
  const wish = (/** @type {Map<string, Set<string>>} */ near) => (/** @type {string} */ key) => {
    const others = near.get(key)
    if (!others) return at.get(key)?.x ?? 0
    let sum = 0
    for (const other of others) sum += at.get(other)?.x ?? 0
    return sum / others.size
  }
  for (let turn = 0; turn < SWEEPS; turn++) {
    for (const row of rows) pack(sorted(row, wish(above), turn === 0), at, wish(above))
    for (const row of [...rows].reverse())
      pack(
        sorted(row, key => at.get(key)?.x ?? 0),
        at,
        wish(below),
      )
  }
  const left = Math.min(...[...at.values()].map(each => each.x - each.width / 2))
  for (const each of at.values()) each.x -= left
  return at
}

/**
 * @param {string[]} row
 * @param {(key: string) => number} by
 * @param {boolean} [isFirst] as they came, but for what leads to them
 */
function sorted(row, by, isFirst = true) {
  if (!isFirst) return row
  const wishes = new Map(row.map(key => [key, by(key)]))
  return row.sort((one, other) => (wishes.get(one) ?? 0) - (wishes.get(other) ?? 0))
}

/**
 * Side by side, each as near to its wish as its neighbours let it.
 * @param {string[]} row
 * @param {Map<string, {x: number, width: number}>} at
 * @param {(key: string) => number} wish
 */
function pack(row, at, wish) {
  const wishes = row.map(wish)
  let edge = -Infinity
  const placed = row.map((key, i) => {
    const width = widthOf(key)
    const x = Math.max(wishes[i], edge + width / 2)
    edge = x + width / 2 + GAP.x
    return { key, x, width }
  })
  // What was pushed to one side moves back by half of it: the row as a whole stays in the middle.
  const pushed = placed.reduce((sum, each, i) => sum + each.x - wishes[i], 0) / (row.length || 1)
  for (const { key, x, width } of placed) at.set(key, { x: x - pushed, width })
}

/** @param {number} value */
const short = value => Number(value.toFixed(2))

/**
 * Down, through the rows between.
 * @param {Exit} exit
 * @param {(place: number) => Point} spot
 * @param {Point[]} passed
 * @returns {Edge}
 */
function edgeDown(exit, spot, passed) {
  const from = spot(exit.from)
  const to = spot(exit.to)
  const points = [
    { x: from.x, y: from.y + NODE.height },
    ...passed.flatMap(({ x, y }) => [
      { x, y },
      { x, y: y + NODE.height },
    ]),
    { x: to.x, y: to.y },
  ]
  let path = `M${short(points[0].x)} ${short(points[0].y)}`
  for (let i = 1; i < points.length; i++) path += curve(points[i - 1], points[i])
  const [first, second] = points
  return { ...exit, path, middle: between(first, second), isBack: false }
}

/** @param {Point} from @param {Point} to */
function curve(from, to) {
  const half = short((from.y + to.y) / 2)
  return `C${short(from.x)} ${half} ${short(to.x)} ${half} ${short(to.x)} ${short(to.y)}`
}

/** @param {Point} one @param {Point} other @returns {Point} */
const between = (one, other) => ({ x: short((one.x + other.x) / 2), y: short((one.y + other.y) / 2) })

/**
 * Up again, beside everything.
 * @param {Exit} exit
 * @param {(place: number) => Point} spot
 * @param {number} lane
 * @returns {Edge}
 */
function edgeBack(exit, spot, lane) {
  const from = spot(exit.from)
  const to = spot(exit.to)
  const low = short(from.y + NODE.height + GAP.y / 3)
  const high = short(to.y - GAP.y / 3)
  const path =
    `M${short(from.x)} ${short(from.y + NODE.height)}V${low}H${short(lane)}V${high}` +
    `H${short(to.x)}V${short(to.y)}`
  return { ...exit, path, middle: { x: short(from.x), y: short(low - 0.1) }, isBack: true }
}
