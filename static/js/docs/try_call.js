// @ts-check
// Trying a call: a field for each thing it takes, filled with an example; what changes something asks first.
import { confirm } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { copyable } from '../core/form.js'
import { owned, signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { curlOf, isWriting, jsonFault, keyOf, missing, requestOf } from './request.js'
import { exampleOfContent, resolve, typeOf } from './schema.js'
import { send } from './send.js'
import { token } from './token.js'
import { tryResult } from './try_result.js'

/** @typedef {import('./types.js').Api} Api */
/** @typedef {import('./types.js').Call} Call */
/** @typedef {import('./types.js').Parameter} Parameter */

/** Made when it is opened: there are many calls on the page. @param {Api} api @param {Call} call */
export function tryCall(api, call) {
  const box = h('details.try', h('summary', icon('play'), t('try.title')))
  box.addEventListener('toggle', () => box.append(owned(() => formOf(api, call))[0]), { once: true })
  return box
}

/** @param {Api} api @param {Call} call */
function formOf(api, call) {
  const values = signal(/** @type {Record<string, string>} */ ({}))
  const json = contentOf(api, call)['application/json']
  const body = signal(json ? JSON.stringify(exampleOfContent(api, json), null, 2) : '')
  const answer = signal(/** @type {import('./send.js').Answer | null} */ (null))
  const fault = signal('')
  const isBusy = signal(false)
  const request = () => requestOf(call, values(), body(), token())
  async function run() {
    fault.set(faultOf(call, values.peek(), body.peek()))
    if (fault.peek() || isBusy.peek() || !(await isMeant(call))) return
    isBusy.set(true)
    answer.set(await send(requestOf(call, values.peek(), body.peek(), token.peek())))
    isBusy.set(false)
  }
  return h(
    'form',
    {
      novalidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault()
        run()
      },
    },
    ...fieldsOf(api, call, values, body),
    h('p.trouble', { role: 'alert', hidden: () => !fault() }, icon('alert'), h('span', fault)),
    h(
      'footer',
      h(`button.button${call.method === 'delete' ? '.danger' : '.primary'}`, { disabled: isBusy }, () =>
        t(isBusy() ? 'form.busy' : 'try.send'),
      ),
    ),
    show(h('div.curl'), () => copyable(t('try.curl'), curlOf(request(), location.origin))),
    show(h('div', { 'aria-live': 'polite' }), () => {
      const now = answer()
      return now && tryResult(now)
    }),
  )
}

/** @param {Api} api @param {Call} call */
const contentOf = (api, call) => resolve(api, call.it.requestBody)?.content ?? {}

/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */

/**
 * @param {Api} api
 * @param {Call} call
 * @param {Signal<Record<string, string>>} values
 * @param {Signal<string>} body
 */
function fieldsOf(api, call, values, body) {
  const types = Object.keys(contentOf(api, call))
  const isJson = types.includes('application/json')
  return [
    ...call.parameters.filter(it => it.in !== 'cookie').map(it => parameterField(api, call, it, values)),
    isJson && bodyField(call, body),
    !isJson && types.length > 0 && h('p.note', t('try.no_files')),
  ]
}

/** @param {Call} call @param {Record<string, string>} values @param {string} body */
function faultOf(call, values, body) {
  const [first] = missing(call, values)
  if (first) return t('try.missing', { name: first.name })
  const wrong = jsonFault(body)
  return wrong && t('try.not_json', { reason: wrong })
}

/** @param {Call} call */
function isMeant(call) {
  if (!isWriting(call.method)) return true
  const isGrave = call.method === 'delete'
  return confirm(
    `${call.method.toUpperCase()} ${call.path}`,
    t(isGrave ? 'try.sure_delete' : 'try.sure'),
    t('try.send'),
    isGrave,
  )
}

/**
 * @param {Api} api
 * @param {Call} call
 * @param {Parameter} it
 * @param {import('../core/signal.js').Signal<Record<string, string>>} values
 */
function parameterField(api, call, it, values) {
  const id = `${call.id}-${it.in}-${it.name}`
  const isNeeded = it.required || it.in === 'path'
  const input = h('input.mono', {
    id,
    type: 'text',
    autocomplete: 'off',
    spellcheck: false,
    placeholder: typeOf(api, it.schema),
    'aria-required': String(isNeeded),
    oninput: () => values.set({ ...values.peek(), [keyOf(it)]: input.value.trim() }),
  })
  const label = h(
    'label',
    { htmlFor: id },
    h('code', it.name),
    ` ${it.in}`,
    isNeeded && h('span.required', ` ${t('docs.required')}`),
  )
  return h('div.field', label, input)
}

/** @param {Call} call @param {import('../core/signal.js').Signal<string>} body */
function bodyField(call, body) {
  const id = `${call.id}-body`
  const area = h('textarea.mono', {
    id,
    rows: Math.min(16, body.peek().split('\n').length + 1),
    value: body.peek(),
    spellcheck: false,
    oninput: () => body.set(area.value),
  })
  return h('div.field', h('label', { htmlFor: id }, t('docs.body', { type: 'application/json' })), area)
}
