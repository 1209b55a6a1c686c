// @ts-check
// Webhooks out: programs that are told what happens here, with every try and a way to tell them again.
import { call, get, patch, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog, toast, troubled } from '../core/float.js'
import { copyable, field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { ago, full } from '../core/time.js'
import { named, t } from '../core/words.js'

const EVENTS = ['message_created', 'conversation_updated', 'delivery_failed']

export function hooksPage() {
  const hooks = signal(/** @type {any[] | null} */ (null)), trouble = signal('')
  const load = () => get('/hooks', { limit: 100 }).then(answer => { hooks.set(answer.items); trouble.set('') }).catch(problem => trouble.set(problem.message))
  load()
  return h('div',
    h('header.top', h('h1', t('admin.hooks')), h('button.button.primary', { type: 'button', onclick: () => add(load) }, icon('plus'), t('hooks.new'))),
    h('section.card', h('p.note-line', t('hooks.about')), h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', () => trouble())),
      h('p.note-line', { hidden: () => hooks()?.length !== 0 }, t('hooks.none')),
      h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('admin.hooks'), hidden: () => !hooks()?.length }, h('table',
        h('thead', h('tr', ...['name', 'url', 'events', 'state'].map(name => h('th', { scope: 'col' }, t(`hooks.${name}`))), h('th', { scope: 'col' }, h('span.hidden-text', t('common.more'))))),
        show(h('tbody'), () => (hooks() ?? []).map(it => row(it, load)))))))
}

/** @param {any} it @param {() => void} again */
function row(it, again) {
  const isOn = it.is_on ?? true
  const turn = async () => { try { await patch(`/hooks/${it.id}`, { is_on: !isOn }); again() } catch (problem) { troubled(problem) } }
  return h('tr', h('td', h('b', { dir: 'auto' }, it.name)), h('td.mono.wrap', it.url), h('td', it.events.map((/** @type {string} */ event) => named('hook_event', event)).join(', ')),
    h('td', h('span', { class: `state-mark ${isOn ? 'good' : ''}` }, t(isOn ? 'flows.on' : 'flows.off'))),
    h('td', h('span.row', h('button.button.small', { type: 'button', onclick: () => told(it) }, t('hooks.told')),
      h('button.button.small', { type: 'button', onclick: turn }, t(isOn ? 'flows.turn_off' : 'flows.turn_on')),
      h('button.button.small', { type: 'button', 'aria-label': t('hooks.delete', { name: it.name }), onclick: () => erase(it, again) }, icon('trash')))))
}

/** The secret is shown once. @param {() => void} again */
const add = again => dialog(t('hooks.new'), close => {
  const secret = signal('')
  return [h('div', { hidden: () => !!secret() }, form([
    field(t('hooks.name'), { name: 'name', required: true, autofocus: true, autocomplete: 'off' }),
    field(t('hooks.url'), { name: 'url', type: 'url', required: true, autocomplete: 'off', mono: true, placeholder: 'https://' }),
    h('fieldset.checks', h('legend', t('hooks.events')), ...EVENTS.map(event => h('label', h('input', { type: 'checkbox', name: event, checked: true }), named('hook_event', event)))),
  ], t('common.save'), async values => {
    const events = EVENTS.filter(event => values[event])
    const made = await post('/hooks', { name: values.name.trim(), url: values.url.trim(), events })
    secret.set(made.secret ?? '')
    again()
    if (!made.secret) close()
  }, { cancel: () => close() })),
  show(h('div.form', { hidden: () => !secret() }), () => secret() && [h('p.warning', icon('alert'), h('span', t('hooks.once'))), copyable(t('hooks.secret'), secret())])]
})

/** @param {any} it @param {() => void} again */
async function erase(it, again) {
  if (!await confirm(t('hooks.delete', { name: it.name }), t('hooks.delete_sure'), t('common.delete'))) return
  try { await call('DELETE', `/hooks/${it.id}`); again() } catch (problem) { troubled(problem) }
}

/** What a program was told, the newest first. @param {any} it */
function told(it) {
  const items = signal(/** @type {any[] | null} */ (null))
  const load = () => get(`/hooks/${it.id}/deliveries`, { limit: 50 }).then(answer => items.set(answer.items)).catch(troubled)
  load()
  const replay = async (/** @type {any} */ delivery) => { try { await post(`/hook-deliveries/${delivery.id}/replay`); toast(t('deliveries.done'), { tone: 'good' }); load() } catch (problem) { troubled(problem) } }
  dialog(t('hooks.told_title', { name: it.name }), () => [
    h('p.note-line', { hidden: () => items()?.length !== 0 }, t('hooks.nothing_told')),
    h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('hooks.told_title', { name: it.name }) }, h('table', show(h('tbody'), () => (items() ?? []).map(delivery => h('tr',
      h('td', h('time', { datetime: delivery.created_at, title: full(delivery.created_at) }, ago(delivery.created_at))), h('td', named('hook_event', delivery.event)),
      h('td', h('span', { class: `state-mark ${delivery.state === 'delivered' ? 'good' : delivery.state === 'failed' ? 'bad' : ''}` }, named('hook_state', delivery.state))),
      h('td', h('button.button.small', { type: 'button', onclick: () => replay(delivery) }, icon('retry'), t('hooks.tell_again')))))))),
  ], 'wide')
}
