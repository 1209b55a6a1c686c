// @ts-check
// The runs of a flow: what each did, as it does it, the newest first; and stopping one.
import { get, post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { paged } from '../core/paged.js'
import { effect, signal, untracked } from '../core/signal.js'
import { moment, since } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { filters } from './address.js'
import { conversationPath } from './conversation_link.js'
import { filterBar } from './filters.js'
import { flowStarter } from './flow_starter.js'
import { listTable } from './list_table.js'
import { stateMark } from './state_mark.js'
import { whileOpen } from './watch.js'

/** @typedef {import('./types.js').FlowRun} FlowRun */

export const GOES_ON = ['running', 'waiting', 'waiting_for_answer']
const STATUSES = [...GOES_ON, 'done', 'failed', 'stopped', 'taken_over']
/** @type {Record<string, string>} */
const TONE = { failed: 'bad', done: 'good' }

/** @param {number} id of the flow */
export function flowRuns(id) {
  const wanted = filters(['status'])
  const name = signal(`#${id}`)
  /** @type {import('../core/paged.js').Paged<FlowRun>} */
  const list = paged(cursor => get(`/flows/${id}/runs`, { status: untracked(wanted)[0], limit: 100, cursor }))
  effect(() => {
    wanted()
    untracked(list.begin)
  })
  get(`/flows/${id}`).then(it => name.set(it.name), showError)
  whileOpen(list, run => GOES_ON.includes(run.status))
  return [
    h('a.back', { href: '#flows' }, icon('back'), t('admin.flows')),
    h(
      'header.top',
      h('h1', () => t('flows.runs_title', { name: name() })),
    ),
    h('section.card.narrow', flowStarter(id, list.load)),
    filterBar(t('flows.run_state'), [{ name: 'status', label: t('flows.run_state'), options: statuses }]),
    h(
      'section.card',
      listTable({
        label: t('flows.runs'),
        list,
        none: h('p', t('flows.no_runs')),
        columns: columns(list.load),
      }),
    ),
  ]
}

/** @returns {[string, string][]} */
const statuses = () => [
  ['', t('deliveries.all')],
  ...STATUSES.map(each => /** @type {[string, string]} */ ([each, named('flow_run', each)])),
]

/** @param {() => unknown} again @returns {import('./table.js').Column<FlowRun>[]} */
const columns = again => [
  { words: t('flows.begun'), of: run => since(run.created_at), name: 'when', sort: run => run.created_at },
  {
    words: t('flows.conversation'),
    of: run => h('a', { href: conversationPath(run.conversation_id) }, `#${run.conversation_id}`),
    name: 'conversation',
    sort: run => run.conversation_id,
  },
  {
    words: t('flows.run_state'),
    of: run => stateMark(named('flow_run', run.status), TONE[run.status]),
    name: 'state',
    sort: run => named('flow_run', run.status),
  },
  { words: t('flows.did'), of: did, kind: 'wrap' },
  {
    words: '',
    kind: 'acts',
    of: run =>
      GOES_ON.includes(run.status) &&
      h('button.button.small', { type: 'button', onclick: () => stop(run, again) }, t('flows.stop')),
  },
]

/**
 * The steps it took, with what came of them; where it waits, until when; why it failed.
 * @param {FlowRun} run
 */
function did(run) {
  const steps = (run.steps ?? []).map(step => {
    const words = `${step.step + 1}. ${named('flow_step', step.kind)}`
    return step.outcome ? `${words} (${named('flow_outcome', step.outcome)})` : words
  })
  const isWaiting = GOES_ON.includes(run.status) && run.status !== 'running'
  return [
    h('bdi', steps.join(' → ') || '–'),
    run.error?.message && h('p.bad', { dir: 'auto' }, run.error.message),
    isWaiting && run.due_at && h('p.note-line', t('flows.until', { when: moment(run.due_at) })),
  ]
}

/** @param {FlowRun} run @param {() => unknown} again */
async function stop(run, again) {
  try {
    await post(`/flow-runs/${run.id}/stop`)
    toast(t('flows.stopped'), { tone: 'good' })
    again()
  } catch (problem) {
    showError(problem)
  }
}
