// @ts-check
// Webhooks out: programs that are told what happens here. `#hooks/3` is what one of them was told.
import { call, get, patch } from '../core/api.js'
import { confirm } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { menu } from '../core/menu.js'
import { paged } from '../core/paged.js'
import { computed, untracked } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { part } from './address.js'
import { hookDeliveries } from './hook_deliveries.js'
import { addHook, editHook } from './hook_forms.js'
import { listTable } from './list_table.js'
import { stateMark } from './state_mark.js'

/** @typedef {import('./types.js').Hook} Hook */

export function hooksPage() {
  const id = computed(() => (/^\d+$/.test(part()) ? Number(part()) : 0))
  return show(h('div'), () => {
    const one = id()
    return untracked(() => (one ? hookDeliveries(one) : everyHook()))
  })
}

function everyHook() {
  /** @type {import('../core/paged.js').Paged<Hook>} */
  const list = paged(cursor => get('/hooks', { limit: 100, cursor }))
  list.load()
  return [
    h(
      'header.top',
      h('h1', t('admin.hooks')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => addHook(list.load) },
        icon('plus'),
        t('hooks.new'),
      ),
    ),
    h(
      'section.card',
      h('p.note-line', t('hooks.about')),
      listTable({
        label: t('admin.hooks'),
        list,
        none: h('p', t('hooks.none')),
        textOf: it => `${it.name} ${it.url}`,
        columns: columns(list.load),
      }),
    ),
  ]
}

/** @param {() => unknown} again @returns {import('./table.js').Column<Hook>[]} */
const columns = again => [
  { words: t('hooks.name'), of: it => h('bdi', it.name), head: true, name: 'name', sort: it => it.name },
  { words: t('hooks.url'), of: it => h('bdi.mono', it.url), kind: 'wrap', name: 'url', sort: it => it.url },
  {
    words: t('hooks.events'),
    of: it => it.events.map(event => named('hook_event', event)).join(', '),
    kind: 'wrap',
  },
  {
    words: t('hooks.state'),
    of: it => stateMark(t(it.is_on ? 'flows.on' : 'flows.off'), it.is_on ? 'good' : ''),
    name: 'state',
    sort: it => Number(it.is_on),
  },
  { words: '', kind: 'acts', of: it => acts(it, again) },
]

/** @param {Hook} it @param {() => unknown} again */
function acts(it, again) {
  const turn = () => patch(`/hooks/${it.id}`, { is_on: !it.is_on }).then(again, showError)
  return h(
    'span.row',
    h(
      'a.button.small',
      { href: `#hooks/${it.id}`, 'aria-label': t('admin.act', { act: t('hooks.told'), name: it.name }) },
      t('hooks.told'),
    ),
    menu(
      h(
        'button.button.quiet',
        { type: 'button', 'aria-label': t('flows.acts', { name: it.name }) },
        icon('more'),
      ),
      () => [
        { label: t('hooks.edit'), icon: 'pen', run: () => editHook(it, again) },
        {
          label: t(it.is_on ? 'flows.turn_off' : 'flows.turn_on'),
          icon: it.is_on ? 'off' : 'check',
          run: turn,
        },
        { label: t('common.delete'), icon: 'trash', danger: true, run: () => erase(it, again) },
      ],
    ),
  )
}

/** @param {Hook} it @param {() => unknown} again */
async function erase(it, again) {
  if (!(await confirm(t('hooks.delete', { name: it.name }), t('hooks.delete_sure'), t('common.delete'))))
    return
  try {
    await call('DELETE', `/hooks/${it.id}`)
    again()
  } catch (problem) {
    showError(problem)
  }
}
