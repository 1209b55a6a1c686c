// @ts-check
// Changing a flow's steps: putting one in, taking one out, leading from one to another. Each returns the new
// list; which steps lead where is kept right. Pure.
import { fallsThrough, placeOfStep } from './flow_graph.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./flow_graph.js').Exit} Exit */

/** A name nobody has yet, for a step that is led to. @param {Step[]} steps */
export function freshName(steps) {
  for (let number = 1; ; number++) {
    const name = `step-${number}`
    if (placeOfStep(steps, name) < 0) return name
  }
}

/** Its name, which it gets where it has none. @param {Step[]} steps @param {Step} step */
export const nameOfStep = (steps, step) => (step.id ??= freshName(steps))

/** Names that a person gave; the others are for machines. @param {Step} step */
export const givenName = step => (step.id && !/^step-\d+$/.test(step.id) ? step.id : '')

/**
 * Every step that leads somewhere by name, changed.
 * @param {Step[]} steps
 * @param {(id: string) => string | null} change
 */
function relead(steps, change) {
  for (const step of steps) {
    if (step.otherwise) step.otherwise = change(step.otherwise)
    if (step.on_timeout) step.on_timeout = change(step.on_timeout)
    if (step.step) step.step = change(step.step) ?? ''
    for (const each of step.cases ?? []) each.go_to = change(each.go_to) ?? ''
  }
}

/** Whether something leads to it by its name. @param {Step[]} steps @param {Step} step */
export function isNamed(steps, step) {
  let found = false
  relead(steps, id => {
    found ||= id === step.id
    return id
  })
  return found
}

/**
 * Calls a step something else, and so does whatever leads to it.
 * @param {Step[]} steps
 * @param {Step} step
 * @param {string} name nothing: none
 */
export function rename(steps, step, name) {
  const before = step.id
  const isLedTo = before && isNamed(steps, step)
  if (!name && !isLedTo) {
    delete step.id
    return
  }
  step.id = name || freshName(steps.filter(each => each !== step))
  relead(steps, id => (id === before ? (step.id ?? null) : id))
}

/**
 * Puts a step where a way leads along.
 * @param {Step[]} steps
 * @param {Exit} exit
 * @param {Step} step
 * @returns {Step[]}
 */
export function putOn(steps, exit, step) {
  if (exit.by === 'start' || leadsByItself(steps, exit))
    return [...steps.slice(0, exit.from + 1), step, ...steps.slice(exit.from + 1)]
  const goal = steps[exit.to]
  if (goal && (exit.to === 0 || fallsThrough(steps[exit.to - 1]))) return atTheEnd(steps, exit, step, goal)
  lead(steps, exit, nameOfStep(steps, step))
  return [...steps.slice(0, exit.to), step, ...steps.slice(exit.to)]
}

/** Whether nothing but its place says where a way leads. @param {Step[]} steps @param {Exit} exit */
function leadsByItself(steps, exit) {
  if (exit.by === 'next') return true
  return exit.by === 'otherwise' && !steps[exit.from].otherwise
}

/**
 * Where others come by as well the new step gets a place of its own, and goes on from there.
 * @param {Step[]} steps
 * @param {Exit} exit
 * @param {Step} step
 * @param {Step} goal
 */
function atTheEnd(steps, exit, step, goal) {
  const name = nameOfStep(steps, goal)
  const all = closed(steps)
  lead(steps, exit, nameOfStep(all, step))
  return fallsThrough(step) ? [...all, step, { kind: 'go_to', step: name }] : [...all, step]
}

/** The same steps, of which the last leads no further. @param {Step[]} steps @returns {Step[]} */
const closed = steps => (fallsThrough(steps.at(-1)) ? [...steps, { kind: 'end' }] : steps)

/**
 * A new step that nothing leads to by itself, and its name.
 * @param {Step[]} steps
 * @param {Step} step
 * @returns {[Step[], string]}
 */
export function putAside(steps, step) {
  const all = closed(steps)
  const name = nameOfStep(all, step)
  return [[...all, step], name]
}

/** Leads one way elsewhere. @param {Step[]} steps @param {Exit} exit @param {string} name */
function lead(steps, exit, name) {
  const from = steps[exit.from]
  if (exit.by === 'jump') from.step = name
  if (exit.by === 'otherwise') from.otherwise = name
  if (exit.by === 'timeout') from.on_timeout = name
  const way = exit.by === 'case' && from.cases?.[exit.at ?? 0]
  if (way) way.go_to = name
}

/**
 * Takes a step out; what led to it leads to the one below it.
 * @param {Step[]} steps
 * @param {Step} step
 * @returns {Step[]}
 */
export function takeOut(steps, step) {
  const place = steps.indexOf(step)
  const left = steps.filter(each => each !== step)
  if (!step.id || !isNamed(left, step)) return left
  const next = left[place]
  const name = next ? nameOfStep(left, next) : null
  relead(left, id => (id === step.id ? name : id))
  return left
}

/** Moves a step up or down. @param {Step[]} steps @param {Step} step @param {number} by @returns {Step[]} */
export function moved(steps, step, by) {
  const all = [...steps]
  const at = all.indexOf(step)
  all.splice(at + by, 0, ...all.splice(at, 1))
  return all
}
