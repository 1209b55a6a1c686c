// @ts-check
// Who a tried call is sent as: whoever is signed in here, or a program by its token. The token is kept in
// this page's memory alone and is gone with it.
import { h } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'

export const token = signal('')

export function tokenField() {
  const input = h('input.mono', {
    id: 'token',
    type: 'password',
    autocomplete: 'off',
    spellcheck: false,
    placeholder: t('try.token_none'),
    oninput: () => token.set(input.value.trim()),
  })
  return h(
    'div.field.token',
    h('label', { htmlFor: 'token' }, t('try.token')),
    input,
    h('p.hint', t('try.token_hint')),
  )
}
