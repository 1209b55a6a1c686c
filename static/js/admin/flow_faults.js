// @ts-check
// What is wrong with a step, by the field it is said at. The server looks again, and knows more.
import { t } from '../core/words.js'
import { placeOfStep } from './flow_graph.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {Record<string, string>} Faults */

const NAME = /^[\w-]{1,40}$/
const VARIABLE = /^\w{1,40}$/

/** @param {Step[]} steps @param {Step} step @returns {Faults} only fields with a fault */
export function faultsOf(steps, step) {
  const all = OF_KIND[step.kind]?.(step, steps) ?? {}
  return Object.fromEntries(Object.entries(all).filter(([, words]) => words))
}

/** The first step that cannot be kept as it is. @param {Step[]} steps */
export const firstFault = steps => steps.find(step => Object.keys(faultsOf(steps, step)).length)

/** @param {number | null | undefined} seconds @param {boolean} isNeeded */
const span = (seconds, isNeeded) => (seconds || (seconds == null && !isNeeded) ? '' : t('flows.span_wrong'))

/** @param {Step[]} steps @param {string | null | undefined} id @param {boolean} [isNeeded] */
function leads(steps, id, isNeeded = false) {
  if (!id) return isNeeded ? t('flows.choose_step') : ''
  return placeOfStep(steps, id) < 0 ? t('flows.no_step', { name: id }) : ''
}

/** @param {string | null | undefined} name */
const variable = name => (!name || VARIABLE.test(name) ? '' : t('flows.variable_wrong'))

/** @type {Record<string, (step: Step, steps: Step[]) => Faults>} */
const OF_KIND = {
  message: step => ({ text: step.text?.trim() || step.attachment_ids?.length ? '' : t('form.missing') }),
  template: step => ({ template: step.template?.name ? '' : t('flows.choose_template') }),
  wait: step => ({ seconds: span(step.seconds, true) }),
  wait_for_answer: (step, steps) => ({
    timeout_seconds: span(step.timeout_seconds, !!step.on_timeout),
    on_timeout: leads(steps, step.on_timeout),
    save_as: variable(step.save_as),
  }),
  branch: (step, steps) => ({
    ...Object.fromEntries((step.cases ?? []).flatMap((each, at) => caseFaults(steps, each, at))),
    cases: step.cases?.length ? '' : t('flows.no_case'),
    otherwise: leads(steps, step.otherwise),
    variable: variable(step.variable),
  }),
  set_status: step => ({ snooze_seconds: span(step.snooze_seconds, step.status === 'snoozed') }),
  label: step => ({ label_id: step.label_id ? '' : t('flows.no_label') }),
  go_to: (step, steps) => ({ step: leads(steps, step.step, true) }),
}

/**
 * @param {Step[]} steps
 * @param {import('./types.js').Case} each
 * @param {number} at
 * @returns {[string, string][]}
 */
const caseFaults = (steps, each, at) => [
  [`words-${at}`, each.words.length ? '' : t('flows.no_words')],
  [`go_to-${at}`, leads(steps, each.go_to, true)],
]

/** What is wrong with a name for a step. @param {Step[]} steps @param {Step} step @param {string} name */
export function nameFault(steps, step, name) {
  if (!name) return ''
  if (!NAME.test(name)) return t('flows.id_wrong')
  return steps.some(each => each !== step && each.id === name) ? t('flows.id_twice') : ''
}
