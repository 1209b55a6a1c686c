// @ts-check
// Flows: what is said by itself. A list, an editor of steps, and the runs with what each did.
import { call, get, patch, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog, menu, toast, troubled } from '../core/float.js'
import { copyable, field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { ago, full } from '../core/time.js'
import { named, number, t } from '../core/words.js'
import { STATUSES, STEP_KINDS, blankStep, casesOf, linesOf, secondsOf, spanOf } from './steps.js'

const TRIGGERS = ['manual', 'new_conversation', 'keyword', 'webhook']
const GOES_ON = ['running', 'waiting', 'waiting_for_answer']

/** @param {() => import('../core/types.js').Channel[]} channels */
export function flowsPage(channels) {
  const flows = signal(/** @type {any[] | null} */ (null)), trouble = signal('')
  const load = () => get('/flows', { limit: 100 }).then(answer => { flows.set(answer.items); trouble.set('') }).catch(problem => trouble.set(problem.message))
  load()
  return h('div',
    h('header.top', h('h1', t('admin.flows')), h('button.button.primary', { type: 'button', onclick: () => edit(null, channels(), load) }, icon('plus'), t('flows.new'))),
    h('section.card', h('p.note-line', t('flows.about')), h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', () => trouble())),
      h('p.note-line', { hidden: () => flows()?.length !== 0 }, t('flows.none')),
      h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('admin.flows'), hidden: () => !flows()?.length }, h('table',
        h('thead', h('tr', ...['name', 'starts', 'state', 'runs'].map(name => h('th', { scope: 'col' }, t(`flows.${name}`))), h('th', { scope: 'col' }, h('span.hidden-text', t('common.more'))))),
        show(h('tbody'), () => (flows() ?? []).map(it => row(it, channels(), load)))))))
}

/** @param {any} it @param {any[]} channels @param {() => void} again */
function row(it, channels, again) {
  const set = async (/** @type {any} */ change) => { try { await patch(`/flows/${it.id}`, change); again() } catch (problem) { troubled(problem) } }
  const live = GOES_ON.reduce((sum, name) => sum + (it.runs?.[name] ?? 0), 0)
  return h('tr', h('td', h('b', { dir: 'auto' }, it.name)),
    h('td', named('flow_trigger', it.trigger.kind), it.trigger.keywords?.length ? h('span.note-line', { dir: 'auto' }, ` ${it.trigger.keywords.join(', ')}`) : null),
    h('td', h('span', { class: `state-mark ${it.is_on ? 'good' : ''}` }, t(it.is_on ? 'flows.on' : 'flows.off'))),
    h('td', t('flows.runs_of', { live: number(live), done: number(it.runs?.done ?? 0) })),
    h('td', h('span.row', h('button.button.small', { type: 'button', onclick: () => runs(it) }, t('flows.watch')),
      menu(h('button.button.quiet', { type: 'button', 'aria-label': t('flows.acts', { name: it.name }) }, icon('more')), () => [
        { label: t('flows.edit'), icon: 'pen', run: () => edit(it, channels, again) },
        { label: t(it.is_on ? 'flows.turn_off' : 'flows.turn_on'), icon: it.is_on ? 'off' : 'check', run: () => set({ is_on: !it.is_on }) },
        { label: t('flows.address'), icon: 'code', run: () => address(it, again) },
        { label: t('common.delete'), icon: 'trash', danger: true, run: () => erase(it, again) },
      ]))))
}

/** The secret address; whoever knows it starts the flow. @param {any} it @param {() => void} again */
const address = (it, again) => dialog(t('flows.address'), close => [
  h('p', t('flows.address_about')), copyable(t('flows.address'), it.hook_url ?? ''),
  copyable(t('tokens.example'), `curl -X POST ${it.hook_url} -H 'content-type: application/json' -d '{"channel_id": 1, "customer": {"external_id": "15557700421"}, "key": "order-1"}'`),
  h('footer', h('button.button', { type: 'button', onclick: async () => {
    if (!await confirm(t('flows.new_address'), t('flows.new_address_sure'), t('flows.new_address'))) return
    try { await post(`/flows/${it.id}/hook`); toast(t('deliveries.done'), { tone: 'good' }); again(); close() } catch (problem) { troubled(problem) }
  } }, t('flows.new_address'))),
], 'wide')

/** @param {any} it @param {() => void} again */
async function erase(it, again) {
  if (!await confirm(t('flows.delete', { name: it.name }), t('flows.delete_sure'), t('common.delete'))) return
  try { await call('DELETE', `/flows/${it.id}`); again() } catch (problem) { troubled(problem) }
}

/** @param {any} it none: a new one @param {any[]} channels @param {() => void} again */
async function edit(it, channels, again) {
  const users = await get('/users', { limit: 100 }).then(answer => answer.items).catch(() => [])
  const steps = signal(/** @type {any[]} */ (structuredClone(it?.steps ?? [blankStep('message')])))
  const kind = signal(it?.trigger.kind ?? 'manual')
  const keywords = field(t('flows.keywords'), { name: 'keywords', value: it?.trigger.keywords?.join(', ') ?? '', hint: t('flows.keywords_hint'), autocomplete: 'off' })
  const starts = field(t('flows.starts'), { name: 'kind', value: kind.peek(), options: TRIGGERS.map(each => [each, named('flow_trigger', each)]) })
  starts.addEventListener('change', (/** @type {any} */ event) => kind.set(event.target.value))
  dialog(t(it ? 'flows.edit' : 'flows.new'), close => form([
    field(t('flows.name'), { name: 'name', required: true, value: it?.name ?? '', autofocus: true, autocomplete: 'off' }),
    field(t('flows.channel'), { name: 'channel_id', value: String(it?.channel_id ?? ''), options: [['', t('flows.any_channel')], ...channels.map(each => /** @type {[string, string]} */ ([String(each.id), each.name]))] }),
    starts, h('div', { hidden: () => kind() !== 'keyword' }, keywords),
    h('h3', t('flows.steps')), h('p.note-line', t('flows.steps_about')),
    show(h('ol.flow-steps'), () => steps().map((step, place) => stepRow(step, place, steps, users))),
    h('div.row', menu(h('button.button', { type: 'button' }, icon('plus'), t('flows.add_step')), () => STEP_KINDS.map(each => ({ label: named('flow_step', each), run: () => steps.set([...steps.peek(), blankStep(each)]) })))),
  ], t('common.save'), async values => {
    const flow = {
      name: values.name.trim(), channel_id: values.channel_id ? Number(values.channel_id) : null,
      trigger: { kind: values.kind, keywords: values.kind === 'keyword' ? values.keywords.split(',').map(word => word.trim()).filter(Boolean) : [] },
      steps: steps.peek(),
    }
    await (it ? patch(`/flows/${it.id}`, flow) : post('/flows', flow))
    again()
    close()
  }, { cancel: () => close() }), 'wide')
}

/** @param {any} step changed in place as its fields are @param {number} place @param {import('../core/signal.js').Signal<any[]>} steps @param {any[]} users */
function stepRow(step, place, steps, users) {
  const move = (/** @type {number} */ by) => {
    const all = [...steps.peek()], [taken] = all.splice(place, 1)
    all.splice(place + by, 0, taken)
    steps.set(all)
  }
  return h('li', h('header', h('b', `${place + 1}. ${named('flow_step', step.kind)}`),
    h('span.row', h('button.button.quiet', { type: 'button', disabled: place === 0, 'aria-label': t('flows.up', { place: place + 1 }), onclick: () => move(-1) }, icon('up')),
      h('button.button.quiet', { type: 'button', disabled: place === steps.peek().length - 1, 'aria-label': t('flows.down', { place: place + 1 }), onclick: () => move(1) }, icon('down')),
      h('button.button.quiet', { type: 'button', 'aria-label': t('flows.take_out', { place: place + 1 }), onclick: () => steps.set(steps.peek().filter(each => each !== step)) }, icon('trash')))),
    ...fieldsOf(step, users),
    input(t('flows.step_id'), step.id ?? '', value => { if (value.trim()) step.id = value.trim(); else delete step.id }, { hint: t('flows.step_id_hint') }))
}

/** @param {any} step @param {any[]} users */
function fieldsOf(step, users) {
  const span = (/** @type {string} */ name, /** @type {string} */ words) => input(words, spanOf(step[name]), value => { step[name] = secondsOf(value) }, { hint: t('flows.span_hint'), wrong: value => value.trim() !== '' && secondsOf(value) === null })
  const word = (/** @type {string} */ name, /** @type {string} */ words) => input(words, step[name] ?? '', value => { step[name] = value.trim() || null })
  const choice = (/** @type {string} */ name, /** @type {string} */ words, /** @type {[string, string][]} */ options, /** @type {(value: string) => any} */ read) => {
    const box = field(words, { name: '', value: String(step[name] ?? ''), options })
    box.addEventListener('change', (/** @type {any} */ event) => { step[name] = read(event.target.value) })
    return box
  }
  switch (step.kind) {
    case 'message': return [area(t('flows.text'), step.text ?? '', value => { step.text = value }, t('flows.text_hint', { name: '{{name}}', customer: '{{customer.first_name|there}}' }))]
    case 'wait': return [span('seconds', t('flows.seconds'))]
    case 'wait_for_answer': return [span('timeout_seconds', t('flows.timeout')), word('on_timeout', t('flows.on_timeout')), word('save_as', t('flows.save_as'))]
    case 'branch': return [area(t('flows.cases'), linesOf(step.cases), value => { step.cases = casesOf(value) }, t('flows.cases_hint')), word('otherwise', t('flows.otherwise')), word('variable', t('flows.variable'))]
    case 'set_status': return [choice('status', t('flows.status'), STATUSES.map(each => [each, named('status', each)]), value => value), span('snooze_seconds', t('flows.snooze'))]
    case 'assign': return [choice('user_id', t('flows.user'), [['', t('flows.nobody')], ...users.map(each => /** @type {[string, string]} */ ([String(each.id), each.full_name]))], value => (value ? Number(value) : null))]
    case 'go_to': return [input(t('flows.to_step'), step.step ?? '', value => { step.step = value.trim() })]
    default: return []
  }
}

/** @param {string} words @param {string} value @param {(value: string) => void} set @param {{hint?: string, wrong?: (value: string) => boolean}} [how] */
function input(words, value, set, { hint, wrong } = {}) {
  const box = field(words, { name: '', value, hint, autocomplete: 'off' }), inner = /** @type {HTMLInputElement} */ (box.querySelector('input'))
  inner.addEventListener('input', () => { inner.setCustomValidity(wrong?.(inner.value) ? t('flows.span_wrong') : ''); set(inner.value) })
  return box
}

/** @param {string} words @param {string} value @param {(value: string) => void} set @param {string} hint */
function area(words, value, set, hint) {
  const box = field(words, { name: '', value, hint, rows: 3 })
  box.addEventListener('input', (/** @type {any} */ event) => set(event.target.value))
  return box
}

/** What a flow did, the newest first. @param {any} it */
function runs(it) {
  const items = signal(/** @type {any[] | null} */ (null))
  const load = () => get(`/flows/${it.id}/runs`, { limit: 50 }).then(answer => items.set(answer.items)).catch(troubled)
  load()
  dialog(t('flows.runs_title', { name: it.name }), () => [
    h('p.note-line', { hidden: () => items()?.length !== 0 }, t('flows.no_runs')),
    h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('flows.runs_title', { name: it.name }) }, h('table',
      h('thead', h('tr', ...['begun', 'conversation', 'run_state', 'did'].map(name => h('th', { scope: 'col' }, t(`flows.${name}`))), h('th', { scope: 'col' }, h('span.hidden-text', t('common.more'))))),
      show(h('tbody'), () => (items() ?? []).map(run => runRow(run, load))))),
    h('footer', h('button.button', { type: 'button', onclick: load }, icon('retry'), t('flows.again'))),
  ], 'wide')
}

/** @param {any} run @param {() => void} again */
function runRow(run, again) {
  const stop = async () => { try { await post(`/flow-runs/${run.id}/stop`); again() } catch (problem) { troubled(problem) } }
  const did = (run.steps ?? []).map((/** @type {any} */ step) => `${step.step + 1}${step.outcome ? ` (${step.outcome})` : ''}`).join(' → ')
  return h('tr', h('td', h('time', { datetime: run.created_at, title: full(run.created_at) }, ago(run.created_at))),
    h('td', h('a', { href: `/?view=all&status=any&c=${run.conversation_id}` }, `#${run.conversation_id}`)),
    h('td', h('span', { class: `state-mark ${run.status === 'failed' ? 'bad' : run.status === 'done' ? 'good' : ''}` }, named('flow_run', run.status))),
    h('td.wrap', { dir: 'auto' }, run.error?.message ?? did),
    h('td', GOES_ON.includes(run.status) && h('button.button.small', { type: 'button', onclick: stop }, t('flows.stop'))))
}
