// @ts-check
// What came back from a tried call: its status, its headers, its body.
import { h } from '../core/dom.js'
import { number, t } from '../core/words.js'
import { spread } from './request.js'
import { MOST } from './send.js'

/** @param {import('./send.js').Answer} answer */
export const tryResult = answer =>
  h(
    'section.result',
    { 'aria-label': t('try.result') },
    h(
      'p.status',
      answer.status
        ? h(`code.s${String(answer.status)[0]}`, `${answer.status} ${answer.words}`)
        : h('span', t('error.offline')),
      ' ',
      h('span.note-line', t('try.took', { ms: answer.took })),
    ),
    answer.headers.length > 0 &&
      h(
        'details',
        h('summary', t('try.headers', { count: answer.headers.length })),
        h('pre', { tabindex: '0' }, answer.headers.map(([name, value]) => `${name}: ${value}`).join('\n')),
      ),
    answer.body && h('pre.body', { tabindex: '0', dir: 'ltr' }, spread(answer.body)),
    answer.bytes > MOST && answer.body && h('p.note-line', t('try.cut', { most: number(MOST) })),
    !answer.body && answer.bytes > 0 && h('p.note-line', t('try.no_text')),
  )
