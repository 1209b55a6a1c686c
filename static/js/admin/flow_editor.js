// @ts-check
// The editor of a flow: a picture of its steps, a form beside it for the one that is looked at, and a test
// that says what the flow would do. What is wrong is said at its field, and nothing is sent before it is
// mended.
import { all, patch, Problem, post } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { form } from '../core/form.js'
import { effect, flush, untracked } from '../core/signal.js'
import { t } from '../core/words.js'
import { inAddress } from './address.js'
import { START, TEST, flowDesk } from './flow_desk.js'
import { dryRunPanel } from './flow_dry_run.js'
import { firstFault } from './flow_faults.js'
import { flowPicture } from './flow_picture.js'
import { startForm } from './flow_start_form.js'
import { stepForm } from './flow_step_form.js'
import { stepOf, wordsOf } from './flow_steps.js'

/** @typedef {import('./types.js').Flow} Flow */
/** @typedef {import('./flow_desk.js').Desk} Desk */
/** @typedef {import('../core/types.js').Channel} Channel */

/**
 * @param {Flow | null} it nothing: a new one
 * @param {Channel[]} channels
 * @param {() => unknown} again
 * @param {string} address
 */
export async function editFlow(it, channels, again, address) {
  const [users, labels] = await Promise.all(['/users', '/labels'].map(path => all(path).catch(() => [])))
  const desk = flowDesk(it?.steps, users, labels)
  await dialog(
    t(it ? 'flows.edit' : 'flows.new'),
    close => {
      inAddress(address)
      const done = () => {
        again()
        close()
      }
      return editor(desk, it, channels, done, close)
    },
    'full',
  )
}

/**
 * @param {Desk} desk
 * @param {Flow | null} it
 * @param {Channel[]} channels
 * @param {() => void} done
 * @param {() => void} close
 */
function editor(desk, it, channels, done, close) {
  const start = startForm(it, channels)
  const chosen = () => desk.chosen()
  const side = h(
    'section.flow-side',
    { 'aria-label': t('flows.side'), hidden: () => chosen() === TEST },
    // On a phone it lies over the list of steps.
    h(
      'button.button.quiet.flow-back',
      { type: 'button', onclick: () => box.classList.remove('open') },
      icon('back'),
      t('flows.steps'),
    ),
    h('div.form', { hidden: () => chosen() !== START }, ...start),
    show(h('div.form'), () => {
      const step = chosen()
      return step === START || step === TEST ? null : untracked(() => stepForm(desk, step))
    }),
  )
  const fields = form(
    [flowPicture(desk, () => box.classList.add('open')), side],
    t('common.save'),
    values => save(it, values, desk).then(done),
    { cancel: close },
  )
  const box = h(
    'div.flow-editor',
    fields,
    dryRunPanel(desk, it, () => box.classList.remove('open')),
  )
  lookFirst(fields, desk, () => box.classList.add('open'))
  marksChange(box, desk)
  return box
}

/**
 * Before the form looks whether everything is filled in, the first step with a fault comes on the screen.
 * @param {HTMLFormElement} fields
 * @param {Desk} desk
 * @param {() => void} open
 */
const lookFirst = (fields, desk, open) =>
  fields.addEventListener(
    'submit',
    () => {
      desk.fault.set(null)
      const name = /** @type {HTMLInputElement | null} */ (fields.querySelector('[name=name]'))
      const wrong = name?.value.trim() ? firstFault(desk.steps.peek()) : null
      if (wrong) desk.chosen.set(wrong)
      else if (!name?.value.trim()) desk.chosen.set(START)
      flush()
      if (wrong || !name?.value.trim()) open()
      for (const check of desk.checks) check()
    },
    { capture: true },
  )

/**
 * What was changed is not lost without a question, whichever step is on the screen.
 * @param {HTMLElement} box
 * @param {Desk} desk
 */
function marksChange(box, desk) {
  const before = JSON.stringify(desk.steps.peek())
  effect(() => {
    desk.version()
    box.toggleAttribute('data-changed', JSON.stringify(desk.steps()) !== before)
  })
}

/** @param {Flow | null} it @param {Record<string, string>} values @param {Desk} desk */
async function save(it, values, { steps, fault, chosen }) {
  const flow = {
    name: values.name.trim(),
    channel_id: values.channel_id ? Number(values.channel_id) : null,
    trigger: { kind: values.kind, keywords: values.kind === 'keyword' ? wordsOf(values.keywords) : [] },
    steps: steps.peek(),
  }
  try {
    await (it ? patch(`/flows/${it.id}`, flow) : post('/flows', flow))
  } catch (problem) {
    if (problem instanceof Problem) showFault(problem, { steps, fault, chosen })
    flush()
    throw problem
  }
}

/**
 * Chooses what a refusal is about.
 * @param {Problem} problem
 * @param {Pick<Desk, 'steps' | 'fault' | 'chosen'>} desk
 */
function showFault(problem, { steps, fault, chosen }) {
  const found = problem.code === 'bad_steps' && stepOf(problem.message)
  if (!found) {
    if (Object.keys(problem.fields).length) chosen.set(START)
    return
  }
  const step = steps.peek()[found.place]
  fault.set({ step, words: found.words })
  if (step) chosen.set(step)
}
