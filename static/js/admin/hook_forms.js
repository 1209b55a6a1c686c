// @ts-check
// The forms for a webhook: a new one, whose secret is shown once, and changing one.
import { patch, post } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { copyable, field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { named, t } from '../core/words.js'

/** @typedef {import('./types.js').Hook} Hook */

const EVENTS = ['message_created', 'conversation_updated', 'delivery_failed']

/** @param {Hook | null} it nothing: a new one */
function fields(it) {
  const events = h(
    'fieldset.field.events',
    h('legend', t('hooks.events')),
    ...EVENTS.map(event =>
      h(
        'label',
        h('input', { type: 'checkbox', name: event, checked: it ? it.events.includes(event) : true }),
        named('hook_event', event),
      ),
    ),
    h('p.error'),
  )
  events.dataset.field = 'events'
  return [
    field(t('hooks.name'), {
      name: 'name',
      required: true,
      value: it?.name ?? '',
      autofocus: true,
      autocomplete: 'off',
    }),
    field(t('hooks.url'), {
      name: 'url',
      type: 'url',
      required: true,
      value: it?.url ?? '',
      autocomplete: 'off',
      mono: true,
      placeholder: 'https://',
      hint: t('hooks.url_hint'),
    }),
    events,
  ]
}

/** @param {Record<string, string>} values */
const hookOf = values => ({
  name: values.name.trim(),
  url: values.url.trim(),
  events: EVENTS.filter(event => values[event]),
})

/** The secret is shown once. @param {() => unknown} again */
export const addHook = again =>
  dialog(t('hooks.new'), close => {
    const secret = signal('')
    return show(h('div'), () =>
      secret()
        ? h(
            'div.form',
            h('p.warning', icon('alert'), h('span', t('hooks.once'))),
            copyable(t('hooks.secret'), secret()),
            h(
              'footer',
              h('button.button.primary', { type: 'button', onclick: () => close() }, t('wizard.finish')),
            ),
          )
        : form(
            fields(null),
            t('common.save'),
            async values => {
              secret.set((await post('/hooks', hookOf(values))).secret)
              again()
            },
            { cancel: () => close() },
          ),
    )
  })

/** @param {Hook} it @param {() => unknown} again */
export const editHook = (it, again) =>
  dialog(t('hooks.edit'), close =>
    form(
      fields(it),
      t('common.save'),
      async values => {
        await patch(`/hooks/${it.id}`, hookOf(values))
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )
