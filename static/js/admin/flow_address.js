// @ts-check
// The secret address of a flow; whoever knows it starts the flow.
import { post } from '../core/api.js'
import { confirm, dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { copyable } from '../core/form.js'
import { showError, toast } from '../core/toast.js'
import { t } from '../core/words.js'

/** @typedef {import('./types.js').Flow} Flow */

/** @param {Flow} it @param {() => unknown} again */
export const showFlowAddress = (it, again) =>
  dialog(
    t('flows.address'),
    close => {
      const done = () => {
        again()
        close()
      }
      return h(
        'div.form',
        h('p', t('flows.address_about')),
        copyable(t('flows.address'), it.hook_url ?? ''),
        copyable(t('tokens.example'), example(it)),
        h(
          'footer',
          h('button.button', { type: 'button', onclick: () => renew(it, done) }, t('flows.new_address')),
        ),
      )
    },
    'wide',
  )

/** @param {Flow} it */
const example = it =>
  `curl -X POST ${it.hook_url} -H 'content-type: application/json' ` +
  `-d '{"channel_id": 1, "customer": {"external_id": "15557700421"}, "key": "order-1"}'`

/** @param {Flow} it @param {() => void} done */
async function renew(it, done) {
  const words = t('flows.new_address')
  if (!(await confirm(words, t('flows.new_address_sure'), words))) return
  try {
    await post(`/flows/${it.id}/hook`)
    toast(t('deliveries.done'), { tone: 'good' })
    done()
  } catch (problem) {
    showError(problem)
  }
}
