// @ts-check
// How a channel is: its state in words, and what a real question to its platform finds.
import { get, messageOf, post } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { clock, full, moment } from '../core/time.js'
import { named, t } from '../core/words.js'
import { kindOf } from './channel_kinds.js'
import { labelOf } from './kinds.js'
import { stateMark } from './state_mark.js'

/** @typedef {import('../core/types.js').Channel} Channel */

/** @param {string} at */
const when = at => (new Date(at).toDateString() === new Date().toDateString() ? clock(at) : moment(at))

/**
 * How a channel stands, by what really happened: turned off or paused, tested without success, never heard,
 * or at work.
 * @param {Channel} it
 * @returns {{is: string, tone: string, words: string, why: string}}
 */
export function standing(it) {
  if (it.state !== 'active')
    return {
      is: it.state,
      tone: it.state === 'paused' ? 'bad' : '',
      words: named('channel_state', it.state),
      why: it.state_reason ?? '',
    }
  if (it.last_test && !it.last_test.ok)
    return {
      is: 'failed',
      tone: 'bad',
      words: t('standing.failed', { when: when(it.last_test.at) }),
      why: it.last_test.fault ?? '',
    }
  if (!it.last_event_at) return { is: 'unheard', tone: '', words: t('standing.unheard'), why: '' }
  return { is: 'active', tone: 'good', words: named('channel_state', 'active'), why: '' }
}

/** @param {Channel} it */
export function stateWords(it) {
  const { tone, words } = standing(it)
  return stateMark(words, tone, it.state_reason ?? '')
}

/**
 * What a real question to the platform found: what is missing by its name in the form, then each thing that
 * was asked.
 * @param {Channel} it
 */
export const test = it => dialog(t('channels.test_of', { name: it.name }), () => testing(it))

/**
 * What a test of a channel found.
 * @typedef {{ok: boolean, state: string, missing: string[], checks: {ok: boolean, what: string, text:
 *   string}[]}} Found
 */
/**
 * How it did lately.
 * @typedef {{state_reason?: string, signature_failures?: number, last_signature_failure_at?: string |
 *   null}} Health
 */

/** The same, where one stands already. @param {Channel} it @param {() => unknown} [done] */
export function testing(it, done = () => {}) {
  const asked = asking(it, done)
  const { found, health, trouble } = asked
  asked.look()
  return h(
    'div.form',
    { 'aria-live': 'polite' },
    h('p.note-line.late', { hidden: () => !!found() || !!trouble() }, t('form.busy')),
    show(h('div.form'), () => {
      const now = found()
      return now && findings(it, now, health())
    }),
    h(
      'p.trouble',
      { role: 'alert', hidden: () => !trouble() },
      icon('alert'),
      h('span', { dir: 'auto' }, () => trouble()),
    ),
    h(
      'footer',
      { hidden: () => !found() && !trouble() },
      kindOf(it.kind).webhook &&
        h(
          'button.button',
          { type: 'button', onclick: asked.subscribe },
          icon('plug'),
          t('channels.subscribe'),
        ),
      h('button.button', { type: 'button', onclick: asked.look }, icon('retry'), t('channels.test_again')),
    ),
  )
}

/** Asks the platform, and keeps what it said. @param {Channel} it @param {() => unknown} done */
function asking(it, done) {
  const found = signal(/** @type {Found | null} */ (null))
  const health = signal(/** @type {Health | null} */ (null))
  const trouble = signal('')
  async function look() {
    found.set(null)
    trouble.set('')
    try {
      const [answer, doing] = await Promise.all([
        post(`/channels/${it.id}/test`),
        get(`/channels/${it.id}/health`).catch(() => null),
      ])
      health.set(doing)
      found.set(answer)
      done()
    } catch (problem) {
      trouble.set(messageOf(problem))
    }
  }
  async function subscribe() {
    try {
      const check = await post(`/channels/${it.id}/subscribe`)
      if (check.ok) await look()
      else trouble.set(check.text)
    } catch (problem) {
      trouble.set(messageOf(problem))
    }
  }
  return { found, health, trouble, look, subscribe }
}

/** @param {Channel} it @param {Found} found @param {Health | null} health */
function findings(it, found, health) {
  const step = (/** @type {boolean} */ ok, /** @type {string} */ title, /** @type {string} */ words) =>
    h(
      `li.${ok ? 'good' : 'bad'}`,
      icon(ok ? 'check' : 'alert', t(ok ? 'channels.test_well' : 'channels.test_bad')),
      h('div', h('b', title), h('p', { dir: 'auto' }, words)),
    )
  const refused = health?.signature_failures ?? 0
  return [
    found.ok
      ? h('p.lead.good', icon('check'), t('channels.all_there'))
      : h('p.lead.bad', icon('alert'), t('channels.not_all_there')),
    h(
      'ul.steps',
      ...found.missing.map(name =>
        step(false, t('channels.missing', { name: labelOf(it.kind, name) }), t('channels.missing_next')),
      ),
      ...found.checks.map(check => step(check.ok, named('check', check.what), check.text)),
      found.state !== 'active' &&
        step(false, named('channel_state', found.state), health?.state_reason ?? t('channels.not_active')),
      refused > 0 &&
        step(
          false,
          t('channels.forged', { count: refused }),
          t('channels.forged_next', {
            when: health?.last_signature_failure_at ? full(health.last_signature_failure_at) : '–',
          }),
        ),
    ),
  ]
}
