// @ts-check
// Where a person says how they want to be told. Fetched when it is opened.
import { dialog } from './dialog.js'
import { h } from './dom.js'
import { alerts, ask, canAsk, mayNotify, ring } from './notifications.js'
import { moreWords, t } from './words.js'

await moreWords()

/** Sound, volume, quiet hours, and the leave to notify. */
export const openNotificationSettings = () =>
  dialog(t('alert.title'), close =>
    h(
      'div.form.alerts',
      h('label', check('sound'), ' ', t('alert.sound')),
      h('label', t('alert.volume'), ' ', volume()),
      h('label', check('quiet'), ' ', t('alert.quiet')),
      h('p', t('alert.from'), ' ', hour('from'), ' ', t('alert.to'), ' ', hour('to')),
      h('p.hint', permission()),
      h(
        'footer',
        canAsk() &&
          h('button.button', { type: 'button', onclick: () => ask().then(() => close()) }, t('rail.notify')),
        h('button.button.primary', { type: 'button', onclick: () => close() }, t('common.close')),
      ),
    ),
  )

/** @param {'sound' | 'quiet'} name @returns {HTMLInputElement} */
function check(name) {
  const box = h('input', {
    type: 'checkbox',
    checked: alerts.all[name],
    onchange: () => alerts.keep({ [name]: box.checked }),
  })
  return box
}

function volume() {
  const box = h('input', {
    type: 'range',
    min: '0.1',
    max: '1',
    step: '0.1',
    value: String(alerts.all.volume),
    'aria-label': t('alert.volume'),
    onchange: () => {
      alerts.keep({ volume: Number(box.value) })
      ring()
    },
  })
  return box
}

/** @param {'from' | 'to'} name */
function hour(name) {
  const box = h('input', {
    type: 'time',
    value: alerts.all[name],
    'aria-label': t(`alert.${name}`),
    onchange: () => alerts.keep({ [name]: box.value }),
  })
  return box
}

function permission() {
  if (mayNotify()) return t('alert.allowed')
  return t(canAsk() ? 'alert.may_ask' : 'alert.denied')
}
