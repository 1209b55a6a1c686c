// @ts-check
// What a call takes and answers, as the API's own description says it.
import { h } from '../core/dom.js'
import { t } from '../core/words.js'
import { prose } from './prose.js'
import { exampleOfContent, resolve, typeOf } from './schema.js'
import { tryCall } from './try_call.js'

/** @typedef {import('./types.js').Api} Api */
/** @typedef {import('./types.js').Body} Body */
/** @typedef {import('./types.js').Call} Call */
/** @typedef {import('./types.js').Content} Content */
/**
 * One row of a table of fields.
 * @typedef {{name: string, type: string, words: string, isRequired: boolean}} Field
 */

/** @param {Api} api @param {Call} call */
export function callOf(api, call) {
  const { it, method, path, parameters } = call
  const body = resolve(api, it.requestBody)
  return h(
    'article.call',
    { id: call.id },
    h('h3', h(`b.method.${method}`, method.toUpperCase()), ' ', h('code', path)),
    it.summary && h('p', h('b', it.summary)),
    it.description && h('p', ...prose(it.description)),
    parameters.length > 0 &&
      table(
        t('docs.parameters'),
        parameters.map(each => parameterOf(api, each)),
      ),
    ...Object.entries(body?.content ?? {}).map(([type, content]) =>
      contentOf(api, t('docs.body', { type }), content),
    ),
    h('h4', t('docs.answers')),
    h(
      'dl.answers',
      ...Object.entries(it.responses ?? {}).flatMap(([status, said]) => answer(api, status, said)),
    ),
    tryCall(api, call),
  )
}

/** @param {Api} api @param {import('./types.js').Parameter} it @returns {Field} */
const parameterOf = (api, it) => ({
  name: it.name,
  type: `${typeOf(api, it.schema)} · ${it.in}`,
  words: it.description ?? '',
  isRequired: !!it.required,
})

/** @param {Api} api @param {string} status @param {Body} given */
function answer(api, status, given) {
  const said = resolve(api, given)
  const contents = Object.values(said?.content ?? {})
  return [
    h('dt', h(`code.s${status[0]}`, status)),
    h('dd', ...prose(said?.description ?? ''), ...contents.map(content => contentOf(api, '', content))),
  ]
}

/** @param {Api} api @param {string} title @param {Content} content */
function contentOf(api, title, content) {
  if (!content.schema) return null
  const it = resolve(api, content.schema)
  const fields = Object.entries(it?.properties ?? {}).map(([name, field]) => ({
    name,
    type: typeOf(api, field),
    words: resolve(api, field)?.description ?? field.description ?? '',
    isRequired: !!it?.required?.includes(name),
  }))
  return h(
    'details',
    { open: !!title },
    h('summary', title || t('docs.shape', { type: typeOf(api, content.schema) })),
    fields.length > 0 && table('', fields),
    h('pre', { tabindex: '0' }, JSON.stringify(exampleOfContent(api, content), null, 2)),
  )
}

/** @param {string} title @param {Field[]} fields */
const table = (title, fields) =>
  h(
    'div.scroll-x',
    { tabindex: '0', role: 'group', 'aria-label': title || t('docs.fields') },
    h('table', title && h('caption', title), h('tbody', ...fields.map(row))),
  )

/** @param {Field} field */
const row = ({ name, type, words, isRequired }) =>
  h(
    'tr',
    h('td', h('code', name), isRequired && h('span.required', ` ${t('docs.required')}`)),
    h('td', h('span.type', type)),
    h('td', ...prose(words)),
  )
