// @ts-check
// The API page: shows /openapi.json as text, without anything from outside, and lets one try each call. It
// needs no signing in.
import '../core/theme.js'
import { h, icon, show } from '../core/dom.js'
import { flush, signal } from '../core/signal.js'
import { loadWords, t } from '../core/words.js'
import { callsOf, fits } from './calls.js'
import { prose } from './prose.js'
import { callOf } from './reference.js'
import { tokenField } from './token.js'

/** @typedef {import('./types.js').Api} Api */
/** @typedef {import('./types.js').Call} Call */

await loadWords('docs')
document.title = t('title.page', { page: t('docs.title') })
const root = h('div.docs')
document.getElementById('app')?.replaceWith(root)

/** @type {Api | null} */
const api = await fetch('/openapi.json')
  .then(answer => {
    if (!answer.ok) throw new Error(String(answer.status))
    return answer.json()
  })
  .catch(() => null)
if (api) draw(api)
else root.append(notLoaded())

function notLoaded() {
  return h(
    'main.empty',
    icon('off'),
    h('h1', t('docs.not_loaded')),
    h('button.button', { type: 'button', onclick: () => location.reload() }, t('common.retry')),
  )
}

/** @param {Api} described */
function draw(described) {
  const words = signal('')
  const calls = callsOf(described, t('docs.other'))
  const tags = [...new Set(calls.map(each => each.tag))]
  const isShown = (/** @type {Call} */ call) => !words() || fits(call, words())
  const shown = (/** @type {string} */ tag) => calls.filter(each => each.tag === tag && isShown(each))
  root.append(contents(tags, shown, words), text(described, calls, tags, isShown))
  flush()
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView()
}

/**
 * @param {string[]} tags
 * @param {(tag: string) => Call[]} shown
 * @param {import('../core/signal.js').Signal<string>} words
 */
function contents(tags, shown, words) {
  const find = h('input', {
    type: 'search',
    placeholder: t('docs.find'),
    'aria-label': t('docs.find'),
    oninput: () => words.set(find.value.trim()),
  })
  return h(
    'nav.toc',
    { 'aria-label': t('docs.contents') },
    h('a.home', { href: '/' }, h('span.logo', icon('chat')), t('rail.inbox')),
    h('div.field', find),
    show(h('div'), () =>
      tags.filter(tag => shown(tag).length).flatMap(tag => [h('h2', tag), h('ul', ...shown(tag).map(link))]),
    ),
  )
}

/** @param {Call} call */
function link({ id, method, path }) {
  return h(
    'li',
    h(
      'a',
      { href: `#${id}` },
      h(`b.method.${method}`, method.toUpperCase()),
      ' ',
      h('span', path.replace('/api/v1', '')),
    ),
  )
}

/**
 * Drawn once, so that what was filled in stays while one looks for something.
 * @param {Api} described
 * @param {Call[]} calls
 * @param {string[]} tags
 * @param {(call: Call) => boolean} isShown
 */
function text(described, calls, tags, isShown) {
  const about = (/** @type {string} */ tag) => described.tags?.find(each => each.name === tag)?.description
  const section = (/** @type {string} */ tag) => {
    const mine = calls.filter(each => each.tag === tag)
    return h(
      'section',
      { hidden: () => !mine.some(isShown) },
      h('h2', tag),
      about(tag) && h('p', about(tag)),
      ...mine.map(each => h('div', { hidden: () => !isShown(each) }, callOf(described, each))),
    )
  }
  return h(
    'main',
    { tabindex: '-1' },
    h('h1', described.info?.title ?? t('docs.title'), ' ', h('small', described.info?.version ?? '')),
    described.info?.description && h('p.lead', ...prose(described.info.description)),
    h('p', h('a', { href: '/openapi.json' }, 'openapi.json'), ' · ', t('docs.signing_in')),
    tokenField(),
    ...tags.map(section),
  )
}
document.documentElement.dataset.ready = ''
