// @ts-check
// A flow's steps and ways in words: what stands on a step of the picture, and at its ways.
import { named, number, t } from '../core/words.js'
import { givenName } from './flow_change.js'
import { spanOf } from './flow_steps.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./flow_desk.js').Desk} Desk */
/** @typedef {import('./flow_graph.js').Exit} Exit */

/** "2. Send message". @param {Step} step @param {number} place */
export const titleOf = (step, place) => `${number(place + 1)}. ${named('flow_step', step.kind)}`

/** What a step does, in a few words of its own. @param {Step} step @param {Desk} desk */
export function summaryOf(step, desk) {
  const words = OF_KIND[step.kind]?.(step, desk) ?? ''
  const name = givenName(step)
  return [name && `“${name}”`, words].filter(Boolean).join(' ')
}

/** @type {Record<string, (step: Step, desk: Desk) => string>} */
const OF_KIND = {
  message: step => step.text?.trim() ?? '',
  template: step => step.template?.name ?? '',
  wait: step => spanOf(step.seconds),
  wait_for_answer: step =>
    step.timeout_seconds ? t('flows.at_most', { span: spanOf(step.timeout_seconds) }) : '',
  branch: step =>
    (step.cases ?? [])
      .map(each => each.words[0])
      .filter(Boolean)
      .join(' · '),
  set_status: step =>
    [named('status', step.status), step.snooze_seconds && spanOf(step.snooze_seconds)]
      .filter(Boolean)
      .join(' '),
  assign: (step, { users }) =>
    step.user_id
      ? (users.find(each => each.id === step.user_id)?.full_name ?? `#${step.user_id}`)
      : t('flows.nobody'),
  label: (step, { labels }) => {
    const name = labels.find(each => each.id === step.label_id)?.name ?? ''
    return `${step.change === 'remove' ? '−' : '+'} ${name}`
  },
  hand_to_ai: step => named('ai', step.mode),
}

/** What stands at a way; nothing where there is only one. @param {Exit} exit */
export function wordsOfExit(exit) {
  if (exit.by === 'case') return exit.words?.join(', ') || '…'
  if (exit.by === 'otherwise') return t('flows.exit_otherwise')
  return exit.by === 'timeout' ? t('flows.exit_timeout') : ''
}

/** A step as one chooses it from a list. @param {Step} step @param {number} place @param {Desk} desk */
export function optionOf(step, place, desk) {
  const summary = summaryOf(step, desk)
  const short = summary.length > 40 ? `${summary.slice(0, 39)}…` : summary
  return short ? `${titleOf(step, place)}: ${short}` : titleOf(step, place)
}
