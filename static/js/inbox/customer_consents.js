// @ts-check
// What a customer agreed to and withdrew, beside their conversation: seen, and changed where colleagues may.
import { get, put } from '../core/api.js'
import { h, show } from '../core/dom.js'
import { computed, effect, signal } from '../core/signal.js'
import { moment } from '../core/time.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'

/** @typedef {import('./session.js').Session} Session */
/**
 * @typedef {object} Consent
 * @property {string} purpose @property {'granted' | 'withdrawn'} state
 * @property {'user' | 'customer' | 'platform'} source @property {string} at
 * @property {string | null} expires_at
 */

/** @param {Session} session @param {number} customer @param {number} conversation the one that is open */
export function consentsOf(session, customer, conversation) {
  const { store, book } = session
  const items = signal(/** @type {Consent[] | null} */ (null))
  const path = `/customers/${customer}/consents`
  const take = (/** @type {{items: Consent[]}} */ { items: all }) => items.set(all)
  // A word of the customer may change it, and so may what they tell their platform.
  const revision = computed(() => store.conversation(conversation)?.revision)
  effect(() => {
    revision()
    get(path).then(take, () => {})
  })
  const change = (/** @type {string} */ state) =>
    put(path, { items: state ? [{ purpose: 'marketing', state }] : [] })
      .then(take)
      .catch(problem => {
        items.set([...(items.peek() ?? [])]) // as it was
        showError(problem)
      })
  const isOffered = () => book.can(store.peekConversation(conversation)?.channel_kind, 'template')
  return show(h('section.consents', { hidden: () => !items() }), () => {
    const all = items() ?? []
    const of = (/** @type {string} */ purpose) => all.find(each => each.purpose === purpose)
    const onCalls = of('calls')
    return [
      ...(isOffered() || of('marketing') ? offers(of('marketing'), change) : []),
      ...(onCalls ? calls(onCalls) : []),
    ]
  })
}

/** @param {Consent | undefined} known @param {(state: string) => unknown} change */
function offers(known, change) {
  const option = (/** @type {string} */ value) =>
    h('option', { value, selected: (known?.state ?? '') === value }, t(`consent.${value || 'unknown'}`))
  return [
    h('h3', t('consent.marketing')),
    h(
      'div.field',
      h(
        'select',
        {
          'aria-label': t('consent.marketing'),
          onchange: (/** @type {{target: HTMLSelectElement}} */ { target }) => change(target.value),
        },
        option(''),
        option('granted'),
        option('withdrawn'),
      ),
    ),
    known && h('small', t(`consent.by_${known.source}`, { when: moment(known.at) })),
  ]
}

/** Whether we may call them: only they say so. @param {Consent} known */
function calls({ state, at, expires_at }) {
  const isOver = !!expires_at && +new Date(expires_at) <= Date.now()
  const words = () => {
    if (state === 'withdrawn') return t('consent.calls_declined', { when: moment(at) })
    if (isOver) return t('consent.calls_over', { when: moment(expires_at ?? at) })
    return expires_at
      ? t('consent.calls_until', { when: moment(expires_at) })
      : t('consent.calls_allowed', { when: moment(at) })
  }
  return [h('h3', t('consent.calls')), h('p', words())]
}
