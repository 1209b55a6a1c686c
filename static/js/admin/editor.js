// @ts-check
// The editor of a flow: its name, what starts it, and its steps. What is wrong is said at the step itself, and nothing
// is sent before it is mended; what only the server can know is shown at the step it names.
import { get, patch, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { dialog, menu } from '../core/float.js'
import { field, form } from '../core/form.js'
import { flush, signal } from '../core/signal.js'
import { named, t } from '../core/words.js'
import { STATUSES, STEP_KINDS, badLines, blankStep, casesOf, linesOf, namesOf, secondsOf, spanOf, stepOf } from './steps.js'

const TRIGGERS = ['manual', 'new_conversation', 'keyword', 'webhook']

/** What the steps on the screen share. @typedef {{steps: import('../core/signal.js').Signal<any[]>, users: any[], checks: (() => void)[], fault: import('../core/signal.js').Signal<{place: number, words: string} | null>}} Desk */

/** @param {any} it none: a new one @param {any[]} channels @param {() => void} again */
export async function edit(it, channels, again) {
  const users = await get('/users', { limit: 100 }).then(answer => answer.items, () => [])
  /** @type {Desk} */
  const desk = { steps: signal(structuredClone(it?.steps ?? [blankStep('message')])), users, checks: [], fault: signal(/** @type {any} */ (null)) }
  const judge = () => { for (const check of desk.checks) check() }
  const kind = signal(it?.trigger.kind ?? 'manual')
  const keywords = field(t('flows.keywords'), { name: 'keywords', value: it?.trigger.keywords?.join(', ') ?? '', hint: t('flows.keywords_hint'), autocomplete: 'off' })
  const starts = field(t('flows.starts'), { name: 'kind', value: kind.peek(), options: TRIGGERS.map(each => [each, named('flow_trigger', each)]) })
  starts.addEventListener('change', (/** @type {any} */ event) => kind.set(event.target.value))
  dialog(t(it ? 'flows.edit' : 'flows.new'), close => {
    const list = show(h('ol.flow-steps', { oninput: judge, onchange: judge }), () => { desk.checks.length = 0; return desk.steps().map((step, place) => stepRow(step, place, desk, list)) })
    const adding = menu(h('button.button', { type: 'button' }, icon('plus'), t('flows.add_step')), () => STEP_KINDS.map(each => ({ label: named('flow_step', each), run: () => {
      desk.steps.set([...desk.steps.peek(), blankStep(each)])
      flush()
      /** @type {HTMLElement | null | undefined} */ (list.lastElementChild?.querySelector('textarea, input, select'))?.focus()
    } })))
    const box = form([
      field(t('flows.name'), { name: 'name', required: true, value: it?.name ?? '', autofocus: true, autocomplete: 'off' }),
      h('div.pair', field(t('flows.channel'), { name: 'channel_id', value: String(it?.channel_id ?? ''), options: [['', t('flows.any_channel')], ...channels.map(each => /** @type {[string, string]} */ ([String(each.id), each.name]))] }), starts),
      h('div', { hidden: () => kind() !== 'keyword' }, keywords),
      h('h3', t('flows.steps')), h('p.note-line', t('flows.steps_about')), list, h('div.row.start', adding),
    ], t('common.save'), values => save(it, values, desk).then(() => { again(); close() }), { cancel: () => close() })
    // Before the form looks whether everything is filled in.
    box.addEventListener('submit', () => { desk.fault.set(null); judge() }, { capture: true })
    return box
  }, 'wide')
}

/** @param {any} it @param {Record<string, string>} values @param {Desk} desk */
async function save(it, values, { steps, fault }) {
  const flow = {
    name: values.name.trim(), channel_id: values.channel_id ? Number(values.channel_id) : null,
    trigger: { kind: values.kind, keywords: values.kind === 'keyword' ? values.keywords.split(',').map(word => word.trim()).filter(Boolean) : [] },
    steps: steps.peek(),
  }
  try { await (it ? patch(`/flows/${it.id}`, flow) : post('/flows', flow)) } catch (/** @type {any} */ problem) {
    if (problem.code === 'bad_steps') fault.set(stepOf(problem.message))
    throw problem
  }
}

/** @param {any} step changed in place as its fields are @param {number} place @param {Desk} desk @param {HTMLElement} list where all of them are */
function stepRow(step, place, desk, list) {
  const { steps, fault } = desk
  const move = (/** @type {number} */ by) => {
    const all = [...steps.peek()], [taken] = all.splice(place, 1)
    all.splice(place + by, 0, taken)
    steps.set(all)
    flush()
    const buttons = list.children[place + by].querySelectorAll('header button'), one = /** @type {any} */ (buttons[by < 0 ? 0 : 1])
    ;(one.disabled ? /** @type {any} */ (buttons[by < 0 ? 1 : 0]) : one).focus()
  }
  const takeOut = () => {
    steps.set(steps.peek().filter(each => each !== step))
    flush()
    ;/** @type {any} */ (list.children[Math.min(place, list.children.length - 1)]?.querySelector('header button:last-child') ?? list.parentElement?.querySelector('[aria-haspopup=menu]'))?.focus()
  }
  const wrong = () => (fault()?.place === place ? fault()?.words ?? '' : '')
  return h('li', { class: () => (wrong() ? 'wrong' : '') }, h('header', h('b', `${place + 1}. ${named('flow_step', step.kind)}`),
    h('span.row', h('button.button.quiet', { type: 'button', disabled: place === 0, 'aria-label': t('flows.up', { place: place + 1 }), onclick: () => move(-1) }, icon('up')),
      h('button.button.quiet', { type: 'button', disabled: place === steps.peek().length - 1, 'aria-label': t('flows.down', { place: place + 1 }), onclick: () => move(1) }, icon('down')),
      h('button.button.quiet', { type: 'button', 'aria-label': t('flows.take_out', { place: place + 1 }), onclick: takeOut }, icon('trash')))),
  h('p.trouble', { hidden: () => !wrong() }, icon('alert'), h('span', { dir: 'auto' }, wrong)),
  ...fieldsOf(step, desk),
  input(desk, t('flows.step_id'), step.id ?? '', value => { if (value.trim()) step.id = value.trim(); else delete step.id }, {
    hint: t('flows.step_id_hint'),
    wrong: value => (!value.trim() ? '' : !/^[\w-]{1,40}$/.test(value.trim()) ? t('flows.id_wrong') : namesOf(steps.peek()).filter(name => name === value.trim()).length > 1 ? t('flows.id_twice') : ''),
  }))
}

/** @param {any} step @param {Desk} desk */
function fieldsOf(step, desk) {
  const span = (/** @type {string} */ name, /** @type {string} */ words, needed = () => true, counts = () => true) => input(desk, words, spanOf(step[name]), value => { step[name] = secondsOf(value) }, {
    hint: t('flows.span_hint'), wrong: value => (counts() && (value.trim() ? !secondsOf(value) : needed()) ? t('flows.span_wrong') : ''), required: name === 'seconds',
  })
  const word = (/** @type {string} */ name, /** @type {string} */ words, wrong = (/** @type {string} */ _) => '', hint = '') => input(desk, words, step[name] ?? '', value => { step[name] = value.trim() || null }, { wrong, hint })
  const leads = (/** @type {string} */ value) => (value.trim() && !namesOf(desk.steps.peek()).includes(value.trim()) ? t('flows.no_step', { name: value.trim() }) : '')
  const choice = (/** @type {string} */ name, /** @type {string} */ words, /** @type {[string, string][]} */ options, /** @type {(value: string) => any} */ read) => {
    const box = field(words, { name: '', value: String(step[name] ?? ''), options })
    box.addEventListener('change', (/** @type {any} */ event) => { step[name] = read(event.target.value) })
    return box
  }
  switch (step.kind) {
    case 'message': return [area(desk, t('flows.text'), step.text ?? '', value => { step.text = value }, { hint: t('flows.text_hint', { name: '{{name}}', customer: '{{customer.first_name|there}}' }), required: !step.attachment_ids?.length, wrong: value => (value.trim() || step.attachment_ids?.length ? '' : t('flows.no_words')) })]
    case 'wait': return [span('seconds', t('flows.seconds'))]
    case 'wait_for_answer': return [span('timeout_seconds', t('flows.timeout'), () => !!step.on_timeout), word('on_timeout', t('flows.on_timeout'), leads, t('flows.leads_hint')), word('save_as', t('flows.save_as'), value => (!value.trim() || /^\w{1,40}$/.test(value.trim()) ? '' : t('flows.variable_wrong')))]
    case 'branch': return [area(desk, t('flows.cases'), linesOf(step.cases), value => { step.cases = casesOf(value) }, {
      hint: t('flows.cases_hint'), required: true,
      wrong: value => { const bad = badLines(value)[0], lost = step.cases.find((/** @type {any} */ each) => leads(each.go_to)); return bad ? t('flows.line_wrong', { line: bad }) : !step.cases.length ? t('flows.no_case') : lost ? leads(lost.go_to) : '' },
    }), word('otherwise', t('flows.otherwise'), leads, t('flows.leads_hint')), word('variable', t('flows.variable'))]
    case 'set_status': return statusFields(step, choice, span)
    case 'assign': return [choice('user_id', t('flows.user'), [['', t('flows.nobody')], ...desk.users.map(each => /** @type {[string, string]} */ ([String(each.id), each.full_name]))], value => (value ? Number(value) : null))]
    case 'go_to': return [input(desk, t('flows.to_step'), step.step ?? '', value => { step.step = value.trim() }, { hint: t('flows.leads_hint'), required: true, wrong: leads })]
    default: return []
  }
}

/** Only what is snoozed is snoozed for a while. @param {any} step @param {(name: string, words: string, options: [string, string][], read: (value: string) => any) => HTMLElement} choice @param {(name: string, words: string, needed: () => boolean, counts: () => boolean) => HTMLElement} span */
function statusFields(step, choice, span) {
  const snoozed = signal(step.status === 'snoozed')
  const status = choice('status', t('flows.status'), STATUSES.map(each => /** @type {[string, string]} */ ([each, named('status', each)])), value => {
    snoozed.set(value === 'snoozed')
    if (value !== 'snoozed') step.snooze_seconds = null
    return value
  })
  return [status, h('div', { hidden: () => !snoozed() }, span('snooze_seconds', t('flows.snooze'), snoozed.peek, snoozed.peek))]
}

/** @typedef {{hint?: string, wrong?: (value: string) => string, required?: boolean}} How */

/** @param {Desk} desk @param {string} words @param {string} value @param {(value: string) => void} set @param {How} [how] */
const input = (desk, words, value, set, { hint, wrong, required = false } = {}) => judged(desk, field(words, { name: '', value, hint, required, autocomplete: 'off' }), set, wrong)

/** @param {Desk} desk @param {string} words @param {string} value @param {(value: string) => void} set @param {How} [how] */
const area = (desk, words, value, set, { hint, wrong, required = false } = {}) => judged(desk, field(words, { name: '', value, hint, required, rows: 3 }), set, wrong)

/** A field that keeps its value in the step and is looked at again whenever any of them changes. @param {Desk} desk @param {any} box @param {(value: string) => void} set @param {(value: string) => string} [wrong] */
function judged(desk, box, set, wrong) {
  const inner = box.querySelector('input, textarea')
  inner.addEventListener('input', () => set(inner.value))
  if (wrong) desk.checks.push(() => inner.setCustomValidity(wrong(inner.value)))
  return box
}
