// @ts-check
// The fields of a step, by its kind. Each keeps its value in the step and says what is wrong with it.
import { h } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { OF_FLOWS } from '../core/variables.js'
import { named, t } from '../core/words.js'
import { branchFields } from './flow_branch_fields.js'
import { area, input, leadsField, select, spanField } from './flow_inputs.js'
import { STATUSES } from './flow_steps.js'
import { templateFields } from './flow_template_fields.js'
import { insertButton } from './insert.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./flow_desk.js').Desk} Desk */

/** @param {Desk} desk @param {Step} step @returns {Node[]} */
export const fieldsOf = (desk, step) => OF_KIND[step.kind]?.(desk, step) ?? []

/** @type {Record<string, (desk: Desk, step: Step) => Node[]>} */
const OF_KIND = {
  message: messageFields,
  template: templateFields,
  wait: (desk, step) => [spanField(desk, step, 'seconds', t('flows.seconds'), true)],
  wait_for_answer: (desk, step) => [
    spanField(desk, step, 'timeout_seconds', t('flows.timeout')),
    leadsField(desk, step, {
      words: t('flows.on_timeout'),
      name: 'on_timeout',
      get: () => step.on_timeout,
      set: id => (step.on_timeout = id),
    }),
    input(desk, step, {
      words: t('flows.save_as'),
      name: 'save_as',
      get: () => step.save_as,
      set: text => (step.save_as = text.trim() || null),
      hint: t('flows.save_as_hint', { place: '{{…}}' }),
    }),
  ],
  branch: branchFields,
  set_status: statusFields,
  assign: (desk, step) => [
    select(desk, {
      words: t('flows.user'),
      value: String(step.user_id ?? ''),
      options: [
        ['', t('flows.nobody')],
        ...desk.users.map(each => /** @type {[string, string]} */ ([String(each.id), each.full_name])),
      ],
      set: value => (step.user_id = value ? Number(value) : null),
    }),
  ],
  label: labelFields,
  hand_to_ai: (desk, step) => [
    select(desk, {
      words: t('ai.mode'),
      value: step.mode ?? 'auto',
      options: ['auto', 'draft'].map(each => [each, t(`ai.${each}`)]),
      set: value => (step.mode = value),
    }),
    h('p.note-line', t('flows.hand_to_ai_about')),
  ],
  go_to: (desk, step) => [
    leadsField(desk, step, {
      words: t('flows.to_step'),
      name: 'step',
      get: () => step.step,
      set: id => (step.step = id ?? ''),
      isNeeded: true,
    }),
  ],
}

/** @param {Desk} desk @param {Step} step */
function messageFields(desk, step) {
  const text = area(desk, step, {
    words: t('flows.text'),
    name: 'text',
    get: () => step.text,
    set: value => (step.text = value),
    hint: t('flows.text_hint', { name: '{{customer.first_name|there}}', customer: '{{answer}}' }),
    required: !step.attachment_ids?.length,
  })
  return [
    text,
    h(
      'div.row.start',
      insertButton(() => text.querySelector('textarea'), OF_FLOWS),
    ),
  ]
}

/** Only what is snoozed is snoozed for a while. @param {Desk} desk @param {Step} step */
function statusFields(desk, step) {
  const isSnoozed = signal(step.status === 'snoozed')
  return [
    select(desk, {
      words: t('flows.status'),
      value: step.status ?? '',
      options: STATUSES.map(each => [each, named('status', each)]),
      set: value => {
        isSnoozed.set(value === 'snoozed')
        step.status = value
        if (value !== 'snoozed') step.snooze_seconds = null
      },
    }),
    h('div', { hidden: () => !isSnoozed() }, spanField(desk, step, 'snooze_seconds', t('flows.snooze'))),
  ]
}

/** @param {Desk} desk @param {Step} step */
function labelFields(desk, step) {
  if (!desk.labels.length) return [h('p.note-line', t('flows.no_label'))]
  return [
    select(desk, {
      words: t('flows.label'),
      value: String(step.label_id ?? ''),
      options: desk.labels.map(each => [String(each.id), each.name]),
      set: value => (step.label_id = Number(value)),
    }),
    select(desk, {
      words: t('flows.label_change'),
      value: step.change ?? 'put',
      options: ['put', 'remove'].map(each => [each, named('label_change', each)]),
      set: value => (step.change = value),
    }),
  ]
}
