// @ts-check
// The fields of a branch: a row for each case with the words that lead to it, and where the rest goes.
import { each, h, icon } from '../core/dom.js'
import { flush, signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { touch } from './flow_desk.js'
import { faultsOf } from './flow_faults.js'
import { input, leadsField } from './flow_inputs.js'
import { wordsOf } from './flow_steps.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./types.js').Case} Case */
/** @typedef {import('./flow_desk.js').Desk} Desk */

/** @param {Desk} desk @param {Step} step @returns {Node[]} */
export function branchFields(desk, step) {
  const cases = signal(step.cases ?? [])
  const set = (/** @type {Case[]} */ now) => {
    step.cases = now
    cases.set(now)
    touch(desk)
    flush()
  }
  const list = h('ol.flow-cases')
  each(list, cases, it => caseRow(desk, step, it, () => set(cases.peek().filter(other => other !== it))))
  const add = () => {
    set([...cases.peek(), { words: [], go_to: '' }])
    const field = list.lastElementChild?.querySelector('input')
    field?.focus()
  }
  const missing = () => {
    desk.version()
    return faultsOf(desk.steps(), step).cases ?? ''
  }
  return [
    list,
    h('p.note-line', { hidden: () => !missing() }, missing),
    h(
      'div.row.start',
      h('button.button.small', { type: 'button', onclick: add }, icon('plus'), t('flows.add_case')),
    ),
    leadsField(desk, step, {
      words: t('flows.otherwise'),
      name: 'otherwise',
      get: () => step.otherwise,
      set: id => (step.otherwise = id),
    }),
    input(desk, step, {
      words: t('flows.variable'),
      name: 'variable',
      get: () => step.variable,
      set: text => (step.variable = text.trim() || null),
    }),
  ]
}

/**
 * Faults of a case are told by its place, which changes with those above it.
 * @param {Desk} desk
 * @param {Step} step
 * @param {Case} it
 * @param {() => void} remove
 */
function caseRow(desk, step, it, remove) {
  const at = () => step.cases?.indexOf(it) ?? 0
  return h(
    'li',
    input(desk, step, {
      words: t('flows.case_words'),
      name: () => `words-${at()}`,
      get: () => it.words.join(', '),
      set: text => (it.words = wordsOf(text)),
      hint: t('flows.keywords_hint'),
      required: true,
    }),
    leadsField(desk, step, {
      words: t('flows.case_go_to'),
      name: () => `go_to-${at()}`,
      get: () => it.go_to,
      set: id => (it.go_to = id ?? ''),
      isNeeded: true,
    }),
    h(
      'button.button.quiet',
      { type: 'button', 'aria-label': t('flows.remove_case'), onclick: remove },
      icon('trash'),
    ),
  )
}
