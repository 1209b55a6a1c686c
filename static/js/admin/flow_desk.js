// @ts-check
// What the parts of the flow editor share: the steps as they are being written, which of them is looked at,
// and what was said to be wrong.
import { computed, flush, signal } from '../core/signal.js'
import { putOn, takeOut } from './flow_change.js'
import { exitsOf, pictureOf } from './flow_graph.js'
import { blankStep } from './flow_steps.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./flow_graph.js').Exit} Exit */
/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */

/** What is looked at beside the picture, when it is no step. */
export const START = 'start'
export const TEST = 'test'

/**
 * @typedef {object} Desk
 * @property {Signal<Step[]>} steps
 * @property {Signal<number>} version  rises whenever something in a step has changed
 * @property {Signal<Step | 'start' | 'test'>} chosen
 * @property {Signal<{step: Step | undefined, words: string} | null>} fault  what the server said of a step
 * @property {() => import('./flow_graph.js').Picture} picture
 * @property {Signal<{taken: Set<number>, at: number} | null>} walked  the steps that a test took
 * @property {import('../core/types.js').User[]} users
 * @property {import('./types.js').Label[]} labels
 * @property {Set<() => void>} checks  what looks at the fields on the screen
 */

/**
 * @param {Step[] | undefined} steps
 * @param {import('../core/types.js').User[]} users
 * @param {import('./types.js').Label[]} labels
 * @returns {Desk}
 */
export function flowDesk(steps, users, labels) {
  const all = signal(structuredClone(steps ?? [blankStep('message')]))
  const version = signal(0)
  return {
    steps: all,
    version,
    chosen: signal(/** @type {Step | 'start' | 'test'} */ (START)),
    fault: signal(/** @type {Desk['fault'] extends Signal<infer T> ? T : never} */ (null)),
    picture: pictureSignal(all, version),
    walked: signal(/** @type {{taken: Set<number>, at: number} | null} */ (null)),
    users,
    labels,
    checks: new Set(),
  }
}

/**
 * Drawn anew only where a way has changed: not for each letter of a message.
 * @param {Signal<Step[]>} steps
 * @param {Signal<number>} version
 */
function pictureSignal(steps, version) {
  const ways = computed(() => {
    version()
    return JSON.stringify([steps().length, exitsOf(steps())])
  })
  return computed(() => {
    ways()
    return pictureOf(steps.peek())
  })
}

/** Something in a step has changed. @param {Desk} desk */
export function touch(desk) {
  desk.version.set(desk.version.peek() + 1)
  desk.walked.set(null)
  for (const check of desk.checks) check()
}

/** @param {Desk} desk @param {Step[]} steps */
export function setSteps(desk, steps) {
  desk.steps.set(steps)
  touch(desk)
}

/**
 * A new step on a way, which is then looked at.
 * @param {Desk} desk
 * @param {Exit} exit
 * @param {string} kind
 */
export function addStep(desk, exit, kind) {
  const step = blankStep(kind)
  if (kind === 'label') step.label_id = desk.labels[0]?.id ?? null
  setSteps(desk, putOn(desk.steps.peek(), exit, step))
  desk.chosen.set(step)
  flush()
}

/** @param {Desk} desk @param {Step} step */
export function removeStep(desk, step) {
  const place = desk.steps.peek().indexOf(step)
  const left = takeOut(desk.steps.peek(), step)
  desk.chosen.set(left[Math.min(place, left.length - 1)] ?? START)
  setSteps(desk, left)
  flush()
}
