// @ts-check
// Webhooks out: programs that are told what happens here, with every try and a way to tell them again.
import { call, get, patch, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog } from '../core/dialog.js'
import { menu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { copyable, field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { moment, since } from '../core/time.js'
import { named, number, t } from '../core/words.js'
import { listed, listing } from './listing.js'
import { table } from './table.js'
import { whileOpen } from './watch.js'

const EVENTS = ['message_created', 'conversation_updated', 'delivery_failed']

export function hooksPage() {
  const hooks = listing(cursor => get('/hooks', { limit: 100, cursor }))
  hooks.load()
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.hooks')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => add(hooks.load) },
        icon('plus'),
        t('hooks.new'),
      ),
    ),
    h(
      'section.card',
      h('p.note-line', t('hooks.about')),
      listed(
        hooks,
        h('p', t('hooks.none')),
        table(
          t('admin.hooks'),
          [
            { words: t('hooks.name'), of: it => h('bdi', it.name), head: true },
            { words: t('hooks.url'), of: it => h('bdi.mono', it.url), kind: 'wrap' },
            {
              words: t('hooks.events'),
              of: it => it.events.map((/** @type {string} */ event) => named('hook_event', event)).join(', '),
              kind: 'wrap',
            },
            {
              words: t('hooks.state'),
              of: it =>
                h(
                  'span',
                  { class: `state-mark ${it.is_on ? 'good' : ''}` },
                  t(it.is_on ? 'flows.on' : 'flows.off'),
                ),
            },
            { words: '', kind: 'acts', of: it => acts(it, hooks.load) },
          ],
          hooks.rows,
        ),
      ),
    ),
  )
}

/** @param {any} it @param {() => void} again */
function acts(it, again) {
  const turn = async () => {
    try {
      await patch(`/hooks/${it.id}`, { is_on: !it.is_on })
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
        'aria-label': t('admin.act', { act: t('hooks.told'), name: it.name }),
        onclick: () => told(it),
      },
      t('hooks.told'),
    ),
    menu(
      h(
        'button.button.quiet',
        { type: 'button', 'aria-label': t('flows.acts', { name: it.name }) },
        icon('more'),
      ),
      () => [
        { label: t('hooks.edit'), icon: 'pen', run: () => edit(it, again) },
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

/** @param {any} it none: a new one */
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

/** The secret is shown once. @param {() => void} again */
const add = again =>
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

/** @param {any} it @param {() => void} again */
const edit = (it, again) =>
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

/** @param {any} it @param {() => void} again */
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

/** What a program was told, the newest first. @param {any} it */
function told(it) {
  const deliveries = listing(cursor => get(`/hooks/${it.id}/deliveries`, { limit: 50, cursor }))
  const replay = async (/** @type {any} */ delivery) => {
    try {
      await post(`/hook-deliveries/${delivery.id}/replay`)
      toast(t('hooks.told_again'), { tone: 'good' })
      deliveries.load()
    } catch (problem) {
      showError(problem)
    }
  }
  deliveries.load()
  dialog(
    t('hooks.told_title', { name: it.name }),
    () => {
      whileOpen(deliveries, row => ['waiting', 'running'].includes(row.state))
      return h(
        'div',
        listed(
          deliveries,
          h('p', t('hooks.nothing_told')),
          table(
            t('hooks.told_title', { name: it.name }),
            [
              { words: t('deliveries.when'), of: row => since(row.created_at) },
              { words: t('hooks.events'), of: row => named('hook_event', row.event), kind: 'wrap' },
              {
                words: t('hooks.state'),
                of: row =>
                  h(
                    'span',
                    {
                      class: `state-mark ${row.state === 'delivered' ? 'good' : row.state === 'failed' ? 'bad' : ''}`,
                    },
                    named('hook_state', row.state),
                  ),
              },
              { words: t('deliveries.attempts'), of: row => number(row.attempts.length) },
              { words: t('hooks.answer'), of: answer, kind: 'wrap' },
              {
                words: '',
                kind: 'acts',
                of: row =>
                  h(
                    'button.button.small',
                    { type: 'button', onclick: () => replay(row) },
                    icon('retry'),
                    t('hooks.tell_again'),
                  ),
              },
            ],
            deliveries.rows,
          ),
        ),
      )
    },
    'wide',
  )
}

/** What the program said to the last try, and when it is tried again. @param {any} row */
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
