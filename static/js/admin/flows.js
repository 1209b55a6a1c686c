// @ts-check
// Flows: what is said by itself. The list, and what can be done with each; the editor and the runs are beside it.
import { call, get, patch, post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { confirm, dialog } from '../core/dialog.js'
import { menu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { copyable } from '../core/form.js'
import { deleted } from '../core/undo.js'
import { named, number, t } from '../core/words.js'
import { edit } from './editor.js'
import { listed, listing } from './listing.js'
import { GOES_ON, runs } from './runs.js'
import { table } from './table.js'

/** @param {import('./listing.js').Listing} channels */
export function flowsPage(channels) {
  const flows = listing(cursor => get('/flows', { limit: 100, cursor }))
  const change = (/** @type {any} */ it) => edit(it, channels.rows() ?? [], flows.load)
  flows.load()
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.flows')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => change(null) },
        icon('plus'),
        t('flows.new'),
      ),
    ),
    h(
      'section.card',
      h('p.note-line', t('flows.about')),
      listed(
        flows,
        h('p', t('flows.none')),
        table(
          t('admin.flows'),
          [
            { words: t('flows.name'), of: it => h('bdi', it.name), head: true },
            {
              words: t('flows.starts'),
              of: it => [
                named('flow_trigger', it.trigger.kind),
                it.trigger.keywords?.length ? h('bdi.note-line', ` ${it.trigger.keywords.join(', ')}`) : null,
              ],
            },
            {
              words: t('flows.state'),
              of: it =>
                h(
                  'span',
                  { class: `state-mark ${it.is_on ? 'good' : ''}` },
                  t(it.is_on ? 'flows.on' : 'flows.off'),
                ),
            },
            {
              words: t('flows.runs'),
              of: it =>
                t('flows.runs_of', {
                  live: number(GOES_ON.reduce((sum, name) => sum + (it.runs?.[name] ?? 0), 0)),
                  done: number(it.runs?.done ?? 0),
                }),
            },
            { words: '', kind: 'acts', of: it => acts(it, () => change(it), flows.load) },
          ],
          flows.rows,
        ),
      ),
    ),
  )
}

/** @param {any} it @param {() => void} change @param {() => void} again */
function acts(it, change, again) {
  const turn = async () => {
    try {
      await patch(`/flows/${it.id}`, { is_on: !it.is_on })
      again()
    } catch (problem) {
      showError(problem)
    }
  }
  return h(
    'span.row',
    h(
      'button.button.small',
      {
        type: 'button',
        'aria-label': t('admin.act', { act: t('flows.watch'), name: it.name }),
        onclick: () => runs(it, again),
      },
      t('flows.watch'),
    ),
    menu(
      h(
        'button.button.quiet',
        { type: 'button', 'aria-label': t('flows.acts', { name: it.name }) },
        icon('more'),
      ),
      () => [
        { label: t('flows.edit'), icon: 'pen', run: change },
        {
          label: t(it.is_on ? 'flows.turn_off' : 'flows.turn_on'),
          icon: it.is_on ? 'off' : 'check',
          run: turn,
        },
        { label: t('flows.address'), icon: 'code', run: () => address(it, again) },
        { label: t('common.delete'), icon: 'trash', danger: true, run: () => erase(it, again) },
      ],
    ),
  )
}

/** The secret address; whoever knows it starts the flow. @param {any} it @param {() => void} again */
const address = (it, again) =>
  dialog(
    t('flows.address'),
    close =>
      h(
        'div.form',
        h('p', t('flows.address_about')),
        copyable(t('flows.address'), it.hook_url ?? ''),
        copyable(
          t('tokens.example'),
          `curl -X POST ${it.hook_url} -H 'content-type: application/json' -d '{"channel_id": 1, "customer": {"external_id": "15557700421"}, "key": "order-1"}'`,
        ),
        h(
          'footer',
          h(
            'button.button',
            {
              type: 'button',
              onclick: async () => {
                if (
                  !(await confirm(
                    t('flows.new_address'),
                    t('flows.new_address_sure'),
                    t('flows.new_address'),
                  ))
                )
                  return
                try {
                  await post(`/flows/${it.id}/hook`)
                  toast(t('deliveries.done'), { tone: 'good' })
                  again()
                  close()
                } catch (problem) {
                  showError(problem)
                }
              },
            },
            t('flows.new_address'),
          ),
        ),
      ),
    'wide',
  )

/** @param {any} it @param {() => void} again */
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
