// @ts-check
// The form of one step: its fields by its kind, its name, its place among the others.
import { h, icon } from '../core/dom.js'
import { field } from '../core/form.js'
import { flush, onCleanup } from '../core/signal.js'
import { t } from '../core/words.js'
import { givenName, moved, rename } from './flow_change.js'
import { removeStep, setSteps, touch } from './flow_desk.js'
import { nameFault } from './flow_faults.js'
import { fieldsOf } from './flow_step_fields.js'
import { titleOf } from './flow_words.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./flow_desk.js').Desk} Desk */

/** @param {Desk} desk @param {Step} step changed in place as its fields are */
export function stepForm(desk, step) {
  const place = () => desk.steps().indexOf(step)
  const wrong = () => (desk.fault()?.step === step ? (desk.fault()?.words ?? '') : '')
  return [
    head(desk, step, place),
    h(
      'p.trouble',
      { role: 'alert', hidden: () => !wrong() },
      icon('alert'),
      h('span', { dir: 'auto' }, wrong),
    ),
    ...fieldsOf(desk, step),
    nameField(desk, step),
  ]
}

/** @param {Desk} desk @param {Step} step @param {() => number} place */
function head(desk, step, place) {
  const isFirst = () => place() <= 0
  const isLast = () => place() === desk.steps().length - 1
  const isOnly = () => desk.steps().length < 2
  return h(
    'div.head',
    h('h3', () => (place() < 0 ? '' : titleOf(step, place()))),
    h(
      'span.row',
      act('up', place, isFirst, () => move(desk, step, -1)),
      act('down', place, isLast, () => move(desk, step, 1)),
      act('take_out', place, isOnly, () => takeOut(desk, step)),
    ),
  )
}

/**
 * @param {'up' | 'down' | 'take_out'} name
 * @param {() => number} place
 * @param {() => boolean} disabled
 * @param {() => void} run
 */
const act = (name, place, disabled, run) =>
  h(
    'button',
    {
      type: 'button',
      disabled,
      class: `button quiet ${name === 'up' ? 'upwards' : ''}`,
      'data-act': name,
      'aria-label': () => t(`flows.${name}`, { place: place() + 1 }),
      onclick: run,
    },
    icon(name === 'take_out' ? 'trash' : 'down'),
  )

/** @param {Desk} desk @param {Step} step @param {number} by */
function move(desk, step, by) {
  setSteps(desk, moved(desk.steps.peek(), step, by))
  flush()
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (
    document.querySelectorAll('.flow-side .head [data-act]')
  )
  const [up, down] = buttons
  const [one, other] = by < 0 ? [up, down] : [down, up]
  ;(one.disabled ? other : one).focus()
}

/** @param {Desk} desk @param {Step} step */
function takeOut(desk, step) {
  removeStep(desk, step)
  const node = /** @type {HTMLElement | null} */ (document.querySelector('.flow-node[aria-pressed=true]'))
  node?.focus()
}

/**
 * A name is for people: where other steps lead is chosen from a list.
 * @param {Desk} desk
 * @param {Step} step
 */
function nameField(desk, step) {
  const box = field(t('flows.step_id'), {
    name: '',
    value: givenName(step),
    hint: t('flows.step_id_hint'),
    autocomplete: 'off',
  })
  const input = /** @type {HTMLInputElement} */ (box.querySelector('input'))
  const check = () => input.setCustomValidity(nameFault(desk.steps.peek(), step, input.value.trim()))
  input.addEventListener('input', check)
  // Only a whole name is taken over: half of one may be another step's.
  input.addEventListener('change', () => {
    check()
    if (!input.validity.valid) return
    rename(desk.steps.peek(), step, input.value.trim())
    touch(desk)
  })
  desk.checks.add(check)
  onCleanup(() => desk.checks.delete(check))
  return box
}
