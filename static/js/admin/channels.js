// @ts-check
// The connected channels: how each is, what to hand to its platform, and what can be done with it.
import { call, patch, post } from '../core/api.js'
import { CHANNEL_ICON } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog, menu, toast, troubled } from '../core/float.js'
import { field, form } from '../core/form.js'
import { ago } from '../core/time.js'
import { named, t } from '../core/words.js'
import { stateWords } from './board.js'
import { NEEDS, wordsOf } from './kinds.js'
import { handOver, wizard } from './wizard.js'

/** @typedef {import('../core/types.js').Channel} Channel */

/** @param {import('../core/signal.js').Signal<Channel[]>} channels @param {() => Promise<void>} again */
export function channelsPage(channels, again) {
  return h('div',
    h('header.top', h('h1', t('admin.channels')), h('button.button.primary', { type: 'button', onclick: () => wizard(channels, again) }, icon('plus'), t('channels.connect'))),
    show(h('div.cards'), () => (channels().length ? channels().map(it => card(it, again)) : [h('section.card.empty', icon('plug'), h('h2', t('empty.no_channel')), h('p', t('empty.no_channel_next')), h('button.button.primary', { type: 'button', onclick: () => wizard(channels, again) }, t('channels.connect')))])))
}

/** @param {Channel} it @param {() => Promise<void>} again */
function card(it, again) {
  const set = async (/** @type {string} */ state) => { try { await patch(`/channels/${it.id}`, { state }); await again() } catch (problem) { troubled(problem) } }
  return h('section.card.channel', { 'aria-label': it.name },
    h('header', h(`span.kind.${it.kind}`, icon(CHANNEL_ICON[it.kind] ?? 'chat')),
      h('div', h('h2', { dir: 'auto' }, it.name), h('p.note-line', named('channel', it.kind), it.kind !== 'webchat' && it.external_id ? h('span.mono', { dir: 'ltr' }, ` ${it.external_id}`) : null)),
      stateWords(it)),
    it.state_reason && h('p.trouble', icon('alert'), h('span', it.state_reason)),
    h('p.note-line', it.last_event_at ? t('channels.last_heard', { when: ago(it.last_event_at) }) : t('channels.never_heard')),
    h('footer',
      it.kind === 'webchat' && h('a.button', { href: `/chat/${it.id}`, target: '_blank', rel: 'noopener' }, t('channels.try')),
      h('button.button', { type: 'button', onclick: (/** @type {any} */ event) => test(it, event.currentTarget) }, t('channels.test')),
      h('button.button', { type: 'button', onclick: () => dialog(t('channels.how', { name: it.name }), () => handOver(it, null), 'wide') }, t(it.kind === 'webchat' ? 'channels.embed' : 'channels.webhook')),
      menu(h('button.button.quiet', { type: 'button', 'aria-label': t('common.more') }, icon('more')), () => [
        { label: t('channels.edit'), icon: 'pen', run: () => edit(it, again) },
        it.state === 'active' ? { label: t('channels.turn_off'), icon: 'off', run: () => set('off') } : { label: t('channels.turn_on'), icon: 'check', run: () => set('active') },
        { label: t('common.delete'), icon: 'trash', danger: true, run: () => erase(it, again) },
      ])))
}

/** A real question to the platform; its answer in words, each step by itself. @param {Channel} it @param {any} button */
export async function test(it, button) {
  button.disabled = true
  try {
    const answer = await post(`/channels/${it.id}/test`)
    const steps = answer?.checks ?? answer?.steps ?? []
    const well = answer?.ok ?? answer?.success ?? steps.every((/** @type {any} */ step) => step.ok)
    if (!steps.length) toast(answer?.detail ?? answer?.message ?? t(well ? 'channels.test_well' : 'channels.test_bad'), { tone: well ? 'good' : 'bad' })
    else dialog(t('channels.test_of', { name: it.name }), () => h('ul.steps', ...steps.map((/** @type {any} */ step) => h(`li.${step.ok ? 'good' : 'bad'}`, icon(step.ok ? 'check' : 'alert', t(step.ok ? 'channels.test_well' : 'channels.test_bad')), h('div', h('b', named('check', step.name)), h('p', { dir: 'auto' }, step.message ?? step.detail ?? ''))))))
  } catch (problem) { troubled(problem) } finally { button.disabled = false }
}

/** What is left empty stays as it is: credentials are written, never shown. @param {Channel} it @param {() => Promise<void>} again */
const edit = (it, again) => dialog(t('channels.edit'), close => form([
  field(t('need.any.name'), { name: 'name', required: true, value: it.name }),
  ...NEEDS[it.kind].filter(need => need.credential || need.name === 'allowed_sites').map(need => field(wordsOf(it.kind, need.name).label, {
    name: need.name, type: need.secret ? 'password' : 'text', autocomplete: 'off', mono: true,
    value: need.name === 'allowed_sites' ? [it.options?.allowed_sites ?? []].flat().join(' ') : '',
    hint: need.credential ? t(it.has_credentials?.[need.name] ? 'channels.kept' : 'channels.not_set') : wordsOf(it.kind, need.name).hint,
  })),
  field(t('ai.mode'), { name: 'ai_mode', value: it.options?.ai?.mode ?? 'off', options: ['off', 'draft', 'auto'].map(mode => [mode, t(`ai.${mode}`)]), hint: t('ai.hint') }),
  field(t('ai.instructions'), { name: 'ai_instructions', value: it.options?.ai?.instructions ?? '', rows: 4 }),
], t('common.save'), async values => {
  /** @type {any} */
  const change = { name: values.name.trim() }
  for (const need of NEEDS[it.kind]) {
    const value = values[need.name]?.trim()
    if (need.credential && value) change.credentials = { ...change.credentials, [need.name]: value }
    if (need.name === 'allowed_sites') change.options = { ...it.options, allowed_sites: (value ?? '').split(/[\s,]+/).filter(Boolean) }
  }
  change.options = { ...change.options, ai: { ...it.options?.ai, mode: values.ai_mode, instructions: values.ai_instructions.trim() || null } }
  await patch(`/channels/${it.id}`, change)
  await again()
  close()
}, { cancel: () => close() }))

/** @param {Channel} it @param {() => Promise<void>} again */
async function erase(it, again) {
  if (!await confirm(t('channels.delete', { name: it.name }), t('channels.delete_sure'), t('common.delete'))) return
  try { await call('DELETE', `/channels/${it.id}`); await again() } catch (problem) { troubled(problem) }
}

