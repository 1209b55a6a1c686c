// @ts-check
// Trying a flow before it is saved: what it would say, where it would wait, which way an answer leads. The
// server walks through the steps with answers made up here; nobody hears anything.
import { messageOf, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { flush, signal } from '../core/signal.js'
import { named, t } from '../core/words.js'
import { START, TEST } from './flow_desk.js'
import { firstFault } from './flow_faults.js'
import { spanOf } from './flow_steps.js'
import { titleOf } from './flow_words.js'

/** @typedef {import('./types.js').DryRun} DryRun */
/** @typedef {import('./types.js').Flow} Flow */
/** @typedef {import('./flow_desk.js').Desk} Desk */
/**
 * @typedef {object} Trial
 * @property {import('../core/signal.js').Signal<(string | null)[]>} answers
 * @property {import('../core/signal.js').Signal<DryRun | null>} run
 * @property {import('../core/signal.js').Signal<string>} trouble
 * @property {() => Promise<void>} walk  through all steps with the answers so far
 * @property {() => Promise<void>} again from the beginning
 * @property {(answer: string | null) => Promise<void>} say  nothing: nobody answers in time
 */

/**
 * @param {Desk} desk
 * @param {Flow | null} it
 * @param {() => void} close leaves it, where it lies over the picture
 */
export function dryRunPanel(desk, it, close) {
  const name = field('dry_run.customer', t('dry_run.example_name'))
  const first = field('dry_run.first', it?.trigger.keywords?.[0] ?? '')
  const trial = trialOf(desk, () => variablesOf(name.input.value, first.input.value))
  const isOn = () => desk.chosen() === TEST
  const leave = () => {
    desk.chosen.set(START)
    close()
  }
  return h(
    'section.flow-test',
    { 'aria-label': t('dry_run.title'), hidden: () => !isOn() },
    h(
      'header',
      h('h3', t('dry_run.title')),
      h(
        'button.button.quiet',
        { type: 'button', 'aria-label': t('common.close'), onclick: leave },
        icon('close'),
      ),
    ),
    h('p.note-line', t('dry_run.about')),
    h('div.pair', name.box, first.box),
    h(
      'div.row.start',
      h('button.button.primary', { type: 'button', onclick: trial.again }, icon('play'), () =>
        t(trial.run() ? 'dry_run.again' : 'dry_run.start'),
      ),
    ),
    h(
      'p.trouble',
      { role: 'alert', hidden: () => !trial.trouble() },
      icon('alert'),
      h('span', trial.trouble),
    ),
    show(h('ol.flow-talk', { 'aria-live': 'polite' }), () => talk(desk, trial.run())),
    show(h('div.flow-stands'), () => standing(desk, trial)),
  )
}

/**
 * A field that belongs to the test alone: it is no part of what is saved.
 * @param {string} key
 * @param {string} value
 */
function field(key, value) {
  const input = h('input', { type: 'text', value, autocomplete: 'off' })
  return { input, box: h('label.field', h('span.label', t(key)), input) }
}

/** What a run knows of a customer from the beginning. @param {string} name @param {string} first */
function variablesOf(name, first) {
  const whole = name.trim()
  const known = { 'customer.name': whole, 'customer.first_name': whole.split(/\s+/)[0], answer: first.trim() }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value))
}

/** @param {Desk} desk @param {() => Record<string, string>} variables @returns {Trial} */
function trialOf(desk, variables) {
  const answers = signal(/** @type {(string | null)[]} */ ([]))
  const run = signal(/** @type {DryRun | null} */ (null))
  const trouble = signal('')
  async function walk() {
    const steps = desk.steps.peek()
    const wrong = firstFault(steps)
    trouble.set(wrong ? t('dry_run.wrong', { step: titleOf(wrong, steps.indexOf(wrong)) }) : '')
    if (wrong) return
    try {
      const now = await post('/flows/dry-run', {
        flow: { steps },
        answers: answers.peek(),
        variables: variables(),
      })
      run.set(now)
      const taken = new Set(/** @type {DryRun} */ (now).steps.map(each => each.step))
      desk.walked.set({ taken, at: now.step })
    } catch (problem) {
      trouble.set(messageOf(problem))
    }
  }
  const again = () => {
    answers.set([])
    return walk()
  }
  const say = (/** @type {string | null} */ answer) => {
    answers.set([...answers.peek(), answer])
    return walk()
  }
  return { answers, run, trouble, walk, again, say }
}

/** What was said and done, in order. @param {Desk} desk @param {DryRun | null} run */
function talk(desk, run) {
  if (!run) return null
  const steps = desk.steps.peek()
  return run.steps.map(taken => {
    const step = steps[taken.step]
    const title = step ? titleOf(step, taken.step) : named('flow_step', taken.kind)
    if (taken.kind === 'message')
      return h('li.ours', h('p.bubble', { dir: 'auto' }, taken.text ?? t('dry_run.files')))
    if (taken.kind === 'wait_for_answer' && taken.text)
      return h('li.theirs', h('p.bubble', { dir: 'auto' }, taken.text))
    const what = [outcome(taken.outcome), taken.seconds && spanOf(taken.seconds)].filter(Boolean).join(', ')
    return h('li.deed', what ? `${title}: ${what}` : title)
  })
}

/** @param {string | null} word */
function outcome(word) {
  const found = /^case (\d+)$/.exec(word ?? '')
  if (found) return t('dry_run.case', { number: Number(found[1]) })
  if (word === 'put' || word === 'remove') return named('label_change', word)
  return word === 'auto' || word === 'draft' ? named('ai', word) : named('flow_outcome', word)
}

/**
 * Where it stands now: waiting for an answer, which can be given; over; or failed, and why.
 * @param {Desk} desk
 * @param {Trial} trial
 */
function standing(desk, trial) {
  const run = trial.run()
  if (!run) return null
  if (run.status === 'failed') return h('p.trouble', icon('alert'), h('span', run.error?.message ?? ''))
  if (run.status !== 'waiting_for_answer') return h('p.note-line', { role: 'status' }, t('dry_run.done'))
  const words = run.seconds ? t('dry_run.waits', { span: spanOf(run.seconds) }) : t('dry_run.waits_long')
  return [h('p.note-line', { role: 'status' }, words), answering(trial, !!run.seconds)]
}

/** @param {Trial} trial @param {boolean} canPass */
function answering(trial, canPass) {
  const input = h('input', {
    type: 'text',
    'aria-label': t('dry_run.answer'),
    placeholder: t('dry_run.answer'),
    autocomplete: 'off',
  })
  const say = async (/** @type {string | null} */ answer) => {
    await trial.say(answer)
    flush()
    const next = /** @type {HTMLElement | null} */ (document.querySelector('.flow-stands input'))
    next?.focus()
  }
  const send = () => input.value.trim() && say(input.value.trim())
  input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Enter' || event.isComposing) return
    event.preventDefault()
    send()
  })
  return h(
    'div.flow-answer',
    input,
    h('button.button.primary', { type: 'button', onclick: send }, t('dry_run.reply')),
    canPass && h('button.button', { type: 'button', onclick: () => say(null) }, t('dry_run.no_reply')),
  )
}
