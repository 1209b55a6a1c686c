// @ts-check
// What a step's form is made of: fields that keep their value in the step, and are looked at again whenever
// any of them changes.
import { field } from '../core/form.js'
import { effect, onCleanup } from '../core/signal.js'
import { t } from '../core/words.js'
import { nameOfStep, putAside } from './flow_change.js'
import { setSteps, touch } from './flow_desk.js'
import { faultsOf } from './flow_faults.js'
import { placeOfStep } from './flow_graph.js'
import { blankStep, secondsOf, spanOf } from './flow_steps.js'
import { optionOf } from './flow_words.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./flow_desk.js').Desk} Desk */
/**
 * @typedef {object} Kept
 * @property {string} words
 * @property {string | (() => string)} name  of the fault that is said here
 * @property {() => string | null | undefined} get
 * @property {(text: string) => unknown} set
 * @property {string} [hint]
 * @property {boolean} [required]
 */

/**
 * A span of time that is none, as it was written: whoever comes back to the step sees what to mend.
 * @type {WeakMap<Step, string>}
 */
const written = new WeakMap()
/** Chosen, makes a new step to lead to. */
const NEW = 'new'

/** @param {Desk} desk @param {Step} step @param {Kept} kept */
export const input = (desk, step, kept) => judged(desk, step, kept, {})

/** @param {Desk} desk @param {Step} step @param {Kept} kept */
export const area = (desk, step, kept) => judged(desk, step, kept, { rows: 4 })

/** @param {Desk} desk @param {Step} step @param {Kept} kept @param {{rows?: number}} how */
function judged(desk, step, { words, name, get, set, hint, required = false }, how) {
  const box = field(words, { name: '', value: get() ?? '', hint, required, autocomplete: 'off', ...how })
  const inner = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (box.querySelector('input, textarea'))
  inner.addEventListener('input', () => {
    set(inner.value)
    touch(desk)
  })
  return watched(desk, step, box, inner, name)
}

/**
 * @param {Desk} desk
 * @param {Step} step
 * @param {HTMLElement} box
 * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} inner
 * @param {Kept['name']} name
 */
function watched(desk, step, box, inner, name) {
  const nameOf = () => (typeof name === 'function' ? name() : name)
  const check = () => inner.setCustomValidity(faultsOf(desk.steps.peek(), step)[nameOf()] ?? '')
  check()
  desk.checks.add(check)
  onCleanup(() => desk.checks.delete(check))
  return box
}

/**
 * "2h", kept as seconds; what is none is kept as that, so that it is not forgotten.
 * @param {Desk} desk
 * @param {Step} step
 * @param {'seconds' | 'timeout_seconds' | 'snooze_seconds'} name
 * @param {string} words
 * @param {boolean} [required]
 */
export const spanField = (desk, step, name, words, required = false) =>
  input(desk, step, {
    words,
    name,
    get: () => (Number.isNaN(step[name]) ? (written.get(step) ?? '') : spanOf(step[name])),
    set: text => {
      written.set(step, text)
      step[name] = text.trim() ? (secondsOf(text) ?? NaN) : null
    },
    hint: t('flows.span_hint'),
    required,
  })

/**
 * @param {Desk} desk
 * @param {{words: string, value: string, options: [string, string][], set: (value: string) => unknown}} how
 */
export function select(desk, { words, value, options, set }) {
  const box = field(words, { name: '', value, options })
  const inner = /** @type {HTMLSelectElement} */ (box.querySelector('select'))
  inner.addEventListener('change', () => {
    set(inner.value)
    touch(desk)
  })
  return box
}

/**
 * Which step comes then: chosen from all of them, or made anew.
 * @param {Desk} desk
 * @param {Step} step
 * @param {{words: string, name: Kept['name'], get: () => string | null | undefined, set: (id: string |
 *   null) => unknown, isNeeded?: boolean}} how
 */
export function leadsField(desk, step, { words, name, get, set, isNeeded = false }) {
  const box = field(words, { name: '', options: [] })
  const inner = /** @type {HTMLSelectElement} */ (box.querySelector('select'))
  effect(() => {
    desk.version()
    const steps = desk.steps()
    const options = [
      ['', t(isNeeded ? 'flows.choose_step' : 'flows.next_step')],
      ...steps.map((each, place) => [String(place), optionOf(each, place, desk)]),
      [NEW, t('flows.new_step')],
    ]
    inner.replaceChildren(...options.map(([value, text]) => new Option(text, value)))
    const place = placeOfStep(steps, get())
    inner.value = place < 0 ? '' : String(place)
  })
  inner.addEventListener('change', () => {
    const steps = desk.steps.peek()
    if (inner.value === NEW) {
      const [all, id] = putAside(steps, blankStep('message'))
      set(id)
      setSteps(desk, all)
      return
    }
    set(inner.value ? nameOfStep(steps, steps[Number(inner.value)]) : null)
    touch(desk)
  })
  return watched(desk, step, box, inner, name)
}
