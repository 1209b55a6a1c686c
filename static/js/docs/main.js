// @ts-check
// The API page: shows /openapi.json as text, without anything from outside. It needs no signing in.
import '../core/theme.js'
import { h, icon, show } from '../core/dom.js'
import { flush, signal } from '../core/signal.js'
import { loadWords, t } from '../core/words.js'
import { exampleOf, resolve, typeOf } from './schema.js'

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

await loadWords('docs')
document.title = t('title.page', { page: t('docs.title') })
const root = h('div.docs')
document.getElementById('app')?.replaceWith(root)

/** @type {any} */
const api = await fetch('/openapi.json')
  .then(answer => {
    if (!answer.ok) throw new Error(String(answer.status))
    return answer.json()
  })
  .catch(() => null)
if (!api)
  root.append(
    h(
      'main.empty',
      icon('off'),
      h('h1', t('docs.not_loaded')),
      h('button.button', { type: 'button', onclick: () => location.reload() }, t('common.retry')),
    ),
  )
else draw()

function draw() {
  const q = signal('')
  /** @type {{method: string, path: string, it: any, tag: string}[]} */
  const calls = Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter(method => item[method]).map(method => ({
      method,
      path,
      it: { ...item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])] },
      tag: item[method].tags?.[0] ?? t('docs.other'),
    })),
  )
  const tags = [...new Set(calls.map(each => each.tag))]
  const about = (/** @type {string} */ tag) =>
    api.tags?.find((/** @type {any} */ each) => each.name === tag)?.description
  const fits = (/** @type {any} */ call) =>
    !q() ||
    `${call.method} ${call.path} ${call.it.summary ?? ''} ${call.tag}`
      .toLowerCase()
      .includes(q().toLowerCase())
  const find = h('input', {
    type: 'search',
    placeholder: t('docs.find'),
    'aria-label': t('docs.find'),
    oninput: () => q.set(find.value.trim()),
  })
  const idOf = (/** @type {any} */ call) => `${call.method}${call.path.replace(/[^a-z0-9]+/gi, '-')}`
  root.append(
    h(
      'nav.toc',
      { 'aria-label': t('docs.contents') },
      h('a.home', { href: '/' }, h('span.logo', icon('chat')), t('rail.inbox')),
      h('div.field', find),
      show(h('div'), () =>
        tags
          .map(tag => {
            const mine = calls.filter(each => each.tag === tag && fits(each))
            return (
              mine.length && [
                h('h2', tag),
                h(
                  'ul',
                  ...mine.map(each =>
                    h(
                      'li',
                      h(
                        'a',
                        { href: `#${idOf(each)}` },
                        h(`b.method.${each.method}`, each.method.toUpperCase()),
                        ' ',
                        h('span', each.path.replace('/api/v1', '')),
                      ),
                    ),
                  ),
                ),
              ]
            )
          })
          .flat()
          .filter(Boolean),
      ),
    ),
    h(
      'main',
      { tabindex: '-1' },
      h('h1', api.info?.title ?? t('docs.title'), ' ', h('small', api.info?.version ?? '')),
      api.info?.description && h('p.lead', ...paragraphs(api.info.description)),
      h('p', h('a', { href: '/openapi.json' }, 'openapi.json'), ' · ', t('docs.signing_in')),
      show(h('div'), () =>
        tags.flatMap(tag => {
          const mine = calls.filter(each => each.tag === tag && fits(each))
          return mine.length
            ? [
                h(
                  'section',
                  h('h2', tag),
                  about(tag) && h('p', about(tag)),
                  ...mine.map(each => callOf(each, idOf(each))),
                ),
              ]
            : []
        }),
      ),
    ),
  )
  flush()
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView()
}

/** @param {string} text */
function paragraphs(text) {
  return text.split(/\x60([^\x60]+)\x60/).map((part, i) => (i % 2 ? h('code', part) : part))
}

/** @param {{method: string, path: string, it: any}} call @param {string} id */
function callOf({ method, path, it }, id) {
  const body = resolve(api, it.requestBody)
  const parameters = it.parameters.map((/** @type {any} */ each) => resolve(api, each))
  return h(
    'article.call',
    { id },
    h('h3', h(`b.method.${method}`, method.toUpperCase()), ' ', h('code', path)),
    it.summary && h('p', h('b', it.summary)),
    it.description && h('p', ...paragraphs(it.description)),
    parameters.length > 0 &&
      table(
        t('docs.parameters'),
        parameters.map((/** @type {any} */ each) => [
          each.name,
          `${typeOf(api, each.schema)} · ${each.in}`,
          each.description ?? '',
          each.required,
        ]),
      ),
    body &&
      Object.entries(body.content ?? {}).map(([type, content]) =>
        schemaOf(t('docs.body', { type }), content.schema),
      ),
    h('h4', t('docs.answers')),
    h(
      'dl.answers',
      ...Object.entries(it.responses ?? {}).flatMap(([status, answer]) => {
        const said = resolve(api, answer)
        return [
          h('dt', h(`code.s${status[0]}`, status)),
          h(
            'dd',
            ...paragraphs(said.description ?? ''),
            ...Object.values(said.content ?? {}).map(content =>
              schemaOf('', /** @type {any} */ (content).schema),
            ),
          ),
        ]
      }),
    ),
  )
}

/** @param {string} title @param {any} schema */
function schemaOf(title, schema) {
  if (!schema) return null
  const it = resolve(api, schema)
  const fields = Object.entries(it.properties ?? {}).map(([name, field]) => [
    name,
    typeOf(api, field),
    resolve(api, field)?.description ?? field.description ?? '',
    it.required?.includes(name),
  ])
  return h(
    'details',
    { open: !!title },
    h('summary', title || t('docs.shape', { type: typeOf(api, schema) })),
    fields.length > 0 && table('', fields),
    h('pre', { tabindex: '0' }, JSON.stringify(exampleOf(api, schema), null, 2)),
  )
}

/** @param {string} title @param {any[][]} rows name, type, words, required */
function table(title, rows) {
  return h(
    'div.scroll-x',
    { tabindex: '0', role: 'region', 'aria-label': title || t('docs.fields') },
    h(
      'table',
      title && h('caption', title),
      h(
        'tbody',
        ...rows.map(([name, type, words, required]) =>
          h(
            'tr',
            h('td', h('code', name), required && h('span.required', ` ${t('docs.required')}`)),
            h('td', h('span.type', type)),
            h('td', ...paragraphs(words)),
          ),
        ),
      ),
    ),
  )
}
document.documentElement.dataset.ready = ''
