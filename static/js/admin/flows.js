// @ts-check
// Flows: what is said by itself. The list, and what can be done with each. `#flows/3` is the editor of one,
// `#flows/new` that of a new one, `#flows/3/runs` what one did.
import { call, get, patch } from '../core/api.js'
import { confirm } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { menu } from '../core/menu.js'
import { paged } from '../core/paged.js'
import { computed, effect, untracked } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { deleted } from '../core/undo.js'
import { named, number, t } from '../core/words.js'
import { part } from './address.js'
import { showFlowAddress } from './flow_address.js'
import { editFlow } from './flow_editor.js'
import { GOES_ON, flowRuns } from './flow_runs.js'
import { listTable } from './list_table.js'
import { stateMark } from './state_mark.js'

/** @typedef {import('./types.js').Flow} Flow */
/** @typedef {import('../core/paged.js').Paged<import('../core/types.js').Channel>} Channels */

/** @param {Channels} channels */
export function flowsPage(channels) {
  const runsOf = computed(() => Number(/^(\d+)\/runs$/.exec(part())?.[1] ?? 0))
  return show(h('div'), () => {
    const id = runsOf()
    return untracked(() => (id ? flowRuns(id) : everyFlow(channels)))
  })
}

/** @param {Channels} channels */
function everyFlow(channels) {
  /** @type {import('../core/paged.js').Paged<Flow>} */
  const list = paged(cursor => get('/flows', { limit: 100, cursor }))
  const edit = editing(channels, list.load)
  list.load()
  effect(() => {
    const name = part()
    untracked(() => edit(name))
  })
  return [
    h(
      'header.top',
      h('h1', t('admin.flows')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => edit('new') },
        icon('plus'),
        t('flows.new'),
      ),
    ),
    h(
      'section.card',
      h('p.note-line', t('flows.about')),
      listTable({
        label: t('admin.flows'),
        list,
        none: h('p', t('flows.none')),
        textOf: it => `${it.name} ${it.trigger.keywords?.join(' ') ?? ''}`,
        columns: columns(edit, list.load),
      }),
    ),
  ]
}

/**
 * Opens the editor of `new` or of a flow's number, one at a time.
 * @param {Channels} channels
 * @param {() => unknown} again
 */
function editing(channels, again) {
  let isOpen = false
  return async (/** @type {string} */ name) => {
    if (isOpen || !/^(new|\d+)$/.test(name)) return
    isOpen = true
    try {
      const it = name === 'new' ? null : await get(`/flows/${name}`)
      await editFlow(it, channels.rows.peek() ?? [], again, name)
    } catch (problem) {
      showError(problem)
    } finally {
      isOpen = false
    }
  }
}

/** @typedef {(name: string) => unknown} Edit */

/** @param {Edit} edit @param {() => unknown} again @returns {import('./table.js').Column<Flow>[]} */
const columns = (edit, again) => [
  { words: t('flows.name'), of: it => h('bdi', it.name), head: true, name: 'name', sort: it => it.name },
  {
    words: t('flows.starts'),
    of: starts,
    name: 'trigger',
    sort: it => named('flow_trigger', it.trigger.kind),
  },
  {
    words: t('flows.state'),
    of: it => stateMark(t(it.is_on ? 'flows.on' : 'flows.off'), it.is_on ? 'good' : ''),
    name: 'state',
    sort: it => Number(it.is_on),
  },
  {
    words: t('flows.runs'),
    of: it => t('flows.runs_of', { live: number(liveRuns(it)), done: number(it.runs?.done ?? 0) }),
    name: 'runs',
    sort: it => it.runs?.done ?? 0,
  },
  { words: '', kind: 'acts', of: it => acts(it, edit, again) },
]

/** @param {Flow} it */
const starts = it => [
  named('flow_trigger', it.trigger.kind),
  it.trigger.keywords?.length ? h('bdi.note-line', ` ${it.trigger.keywords.join(', ')}`) : null,
]

/** @param {Flow} it */
const liveRuns = it => GOES_ON.reduce((sum, name) => sum + (it.runs?.[name] ?? 0), 0)

/** @param {Flow} it @param {Edit} edit @param {() => unknown} again */
function acts(it, edit, again) {
  const turn = () => patch(`/flows/${it.id}`, { is_on: !it.is_on }).then(again, showError)
  const labelled = (/** @type {string} */ act) => t('admin.act', { act, name: it.name })
  return h(
    'span.row',
    h(
      'a.button.small',
      { href: `#flows/${it.id}/runs`, 'aria-label': labelled(t('flows.watch')) },
      t('flows.watch'),
    ),
    menu(
      h(
        'button.button.quiet',
        { type: 'button', 'aria-label': t('flows.acts', { name: it.name }) },
        icon('more'),
      ),
      () => [
        { label: t('flows.edit'), icon: 'pen', run: () => edit(String(it.id)) },
        {
          label: t(it.is_on ? 'flows.turn_off' : 'flows.turn_on'),
          icon: it.is_on ? 'off' : 'check',
          run: turn,
        },
        { label: t('flows.address'), icon: 'code', run: () => showFlowAddress(it, again) },
        { label: t('common.delete'), icon: 'trash', danger: true, run: () => erase(it, again) },
      ],
    ),
  )
}

/** @param {Flow} it @param {() => unknown} again */
async function erase(it, again) {
  if (!(await confirm(t('flows.delete', { name: it.name }), t('flows.delete_sure'), t('common.delete'))))
    return
  try {
    await call('DELETE', `/flows/${it.id}`)
    again()
    deleted(`/flows/${it.id}`, it.name, again)
  } catch (problem) {
    showError(problem)
  }
}
