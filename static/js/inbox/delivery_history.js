// @ts-check
// Why a message is here once: every delivery, attempt, echo and receipt behind it, for who asks.
import { get } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { full } from '../core/time.js'
import { moreWords, named, t } from '../core/words.js'

await moreWords()

/** @param {import('../core/types.js').Message} message */
export const whyOnce = message =>
  dialog(t('history.title'), () => {
    const list = h('ol.history', h('li', t('history.loading')))
    get(`/messages/${message.id}/history`)
      .then(answer => {
        const items = answer.items ?? answer
        list.replaceChildren(...(items.length ? items.map(line) : [h('li', t('history.nothing'))]))
      })
      .catch(problem => list.replaceChildren(h('li.bad', icon('alert'), problem.message)))
    return h('div', h('p.hint', t('history.about')), list)
  })

/**
 * @typedef {{kind: string, at: string, text?: string, details?: string | Record<string, unknown> | null}} Step
 */

/** @param {unknown} value */
const spelled = value => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** @param {Step} it */
function wordsOf({ text, details }) {
  if (typeof text === 'string') return text
  if (typeof details === 'string') return details
  return Object.entries(details ?? {})
    .filter(([, value]) => value != null && value !== '')
    .map(([name, value]) => `${name}: ${spelled(value)}`)
    .join(' · ')
}

/** @param {Step} it */
function line(it) {
  const words = wordsOf(it)
  return h(
    'li',
    h('b', named('history_kind', it.kind)),
    h('time', { datetime: it.at }, it.at ? full(it.at) : ''),
    words && h('p', { dir: 'auto' }, words),
  )
}
