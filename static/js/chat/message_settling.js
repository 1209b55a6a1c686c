// @ts-check
// What a person decides where a message went no further, or waits to go. Fetched when one does.
import { h, icon } from '../core/dom.js'
import { moment, now } from '../core/time.js'
import { moreWords, t } from '../core/words.js'
import { waits } from './message_state.js'

await moreWords()

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('./message.js').Actions} Actions */

/** The longest time a workspace gives to think an answer over; what waits longer was meant for later. */
const THINKING = 150_000

/**
 * @param {Message} m @param {Actions} actions
 * @param {number} proof how many milliseconds a lost answer may still be proved before a person is asked
 */
export function settling(m, actions, proof) {
  if (waits(m)) return waiting(m, actions)
  if (m.status === 'failed') return failed(m, actions)
  return m.status === 'unconfirmed' && actions.decide ? unconfirmed(m, actions.decide, proof) : []
}

/** @param {string} words @param {() => void} run @param {string} [sign] */
const choice = (words, run, sign) =>
  h('button.button.small', { type: 'button', onclick: run }, sign && icon(sign), words)

/** @param {Message} m @param {Actions} actions */
function waiting(m, { cancel }) {
  const soon = +new Date(m.send_at ?? 0) - now() < THINKING
  const words = soon ? t('later.soon') : t('later.goes', { when: moment(m.send_at ?? '') })
  return h(
    'div.settle.later',
    h('span', icon('clock'), ' ', words),
    cancel && choice(t(soon ? 'common.undo' : 'later.cancel'), () => cancel(m)),
  )
}

/** @param {Message} m @param {Actions} actions */
function failed(m, { retry, erase, giveUp }) {
  return h(
    'div.settle',
    h('span', { dir: 'auto' }, m.error?.message || t('failed.no_reason')),
    h(
      'div.row',
      retry && choice(t('common.retry'), () => retry(m), 'retry'),
      m.version > 0 && erase && choice(t('failed.give_up'), () => erase(m), 'trash'),
      m.version === 0 && giveUp && choice(t('failed.give_up'), () => giveUp(m)),
    ),
  )
}

/** @param {Message} m @param {NonNullable<Actions['decide']>} decide @param {number} proof */
function unconfirmed(m, decide, proof) {
  const left = proof && +new Date(m.created_at) + proof - now()
  if (left > 0) return h('div.settle.warn', t('unconfirmed.waiting'))
  return h(
    'div.settle.warn',
    h('span', t('unconfirmed.ask')),
    h(
      'div.row',
      choice(t('unconfirmed.resend'), () => decide(m, 'resend'), 'retry'),
      choice(t('unconfirmed.mark_sent'), () => decide(m, 'mark_sent'), 'check'),
    ),
  )
}
