// @ts-check
// What a program was told, the newest first, and telling it again.
import { all, get, post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { paged } from '../core/paged.js'
import { signal } from '../core/signal.js'
import { moment, since } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { named, number, t } from '../core/words.js'
import { listTable } from './list_table.js'
import { stateMark } from './state_mark.js'
import { whileOpen } from './watch.js'

/** @typedef {import('./types.js').HookDelivery} HookDelivery */

const OPEN = ['waiting', 'running']
/** @type {Record<string, string>} */
const TONE = { delivered: 'good', failed: 'bad' }

/** @param {number} id of the webhook */
export function hookDeliveries(id) {
  /** @type {import('../core/paged.js').Paged<HookDelivery>} */
  const list = paged(cursor => get(`/hooks/${id}/deliveries`, { limit: 100, cursor }))
  const name = signal('')
  list.load()
  all('/hooks').then(
    hooks => name.set(hooks.find(each => each.id === id)?.name ?? `#${id}`),
    () => name.set(`#${id}`),
  )
  whileOpen(list, row => OPEN.includes(row.state))
  const title = () => t('hooks.told_title', { name: name() })
  return [
    h('a.back', { href: '#hooks' }, icon('back'), t('admin.hooks')),
    h(
      'header.top',
      h('h1', title),
      h('button.button', { type: 'button', onclick: list.load }, icon('retry'), t('common.look_again')),
    ),
    h(
      'section.card',
      listTable({
        label: t('hooks.told'),
        list,
        none: h('p', t('hooks.nothing_told')),
        columns: columns(list.load),
      }),
    ),
  ]
}

/** @param {() => unknown} again @returns {import('./table.js').Column<HookDelivery>[]} */
const columns = again => [
  {
    words: t('deliveries.when'),
    of: row => since(row.created_at),
    name: 'when',
    sort: row => row.created_at,
  },
  {
    words: t('hooks.events'),
    of: row => named('hook_event', row.event),
    kind: 'wrap',
    name: 'event',
    sort: row => named('hook_event', row.event),
  },
  {
    words: t('hooks.state'),
    of: row => stateMark(named('hook_state', row.state), TONE[row.state]),
    name: 'state',
    sort: row => row.state,
  },
  {
    words: t('deliveries.attempts'),
    of: row => number(row.attempts.length),
    name: 'attempts',
    sort: row => row.attempts.length,
  },
  { words: t('hooks.answer'), of: answer, kind: 'wrap' },
  {
    words: '',
    kind: 'acts',
    of: row =>
      h(
        'button.button.small',
        { type: 'button', onclick: () => replay(row, again) },
        icon('retry'),
        t('hooks.tell_again'),
      ),
  },
]

/** @param {HookDelivery} row @param {() => unknown} again */
async function replay(row, again) {
  try {
    await post(`/hook-deliveries/${row.id}/replay`)
    toast(t('hooks.told_again'), { tone: 'good' })
    again()
  } catch (problem) {
    showError(problem)
  }
}

/** What the program said to the last try, and when it is tried again. @param {HookDelivery} row */
function answer(row) {
  const last = row.attempts.at(-1)
  const said = last?.error || (last?.status_code ? `HTTP ${last.status_code}` : '')
  return [
    h('bdi', said || '–'),
    row.next_attempt_at && row.attempts.length
      ? h('span.note-line', ` ${t('deliveries.next', { when: moment(row.next_attempt_at) })}`)
      : null,
  ]
}
