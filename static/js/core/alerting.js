// @ts-check
// Where a person says how they want to be told. Fetched when it is opened.
import { alerts, ask, canAsk, mayNotify, ring } from './notifications.js'
import { h } from './dom.js'
import { dialog } from './dialog.js'
import { moreWords, t } from './words.js'

await moreWords()

/** Sound, volume, quiet hours, and the leave to notify. */
export const alertSettings = () =>
  dialog(t('alert.title'), close => {
    const now = alerts.all
    const sound = h('input', {
      type: 'checkbox',
      checked: now.sound,
      onchange: () => alerts.keep({ sound: sound.checked }),
    })
    const volume = h('input', {
      type: 'range',
      min: '0.1',
      max: '1',
      step: '0.1',
      value: String(now.volume),
      'aria-label': t('alert.volume'),
      onchange: () => {
        alerts.keep({ volume: Number(volume.value) })
        ring()
      },
    })
    const quiet = h('input', {
      type: 'checkbox',
      checked: now.quiet,
      onchange: () => alerts.keep({ quiet: quiet.checked }),
    })
    const hour = (/** @type {'from' | 'to'} */ name) => {
      const box = h('input', {
        type: 'time',
        value: now[name],
        'aria-label': t(`alert.${name}`),
        onchange: () => alerts.keep({ [name]: box.value }),
      })
      return box
    }
    return h(
      'div.form.alerts',
      h('label', sound, ' ', t('alert.sound')),
      h('label', t('alert.volume'), ' ', volume),
      h('label', quiet, ' ', t('alert.quiet')),
      h('p', t('alert.from'), ' ', hour('from'), ' ', t('alert.to'), ' ', hour('to')),
      h('p.hint', t(mayNotify() ? 'alert.allowed' : canAsk() ? 'alert.may_ask' : 'alert.denied')),
      h(
        'footer',
        canAsk() &&
          h('button.button', { type: 'button', onclick: () => ask().then(() => close()) }, t('rail.notify')),
        h('button.button.primary', { type: 'button', onclick: () => close() }, t('common.close')),
      ),
    )
  })
