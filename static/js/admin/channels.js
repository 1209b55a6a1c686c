// @ts-check
// The connected channels: how each is, what to hand to its platform, and what can be done with it.
import { call, patch } from '../core/api.js'
import { CHANNEL_ICON } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog } from '../core/dialog.js'
import { menu } from '../core/menu.js'
import { showError } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { ago } from '../core/time.js'
import { named, t } from '../core/words.js'
import { standing, stateWords, test } from './check.js'
import { NEEDS, optionOf, shownOption, sitesFault, wordsOf } from './kinds.js'
import { listed } from './listing.js'
import { handOver, wizard } from './wizard.js'

/** @typedef {import('../core/types.js').Channel} Channel */

/** @param {import('./listing.js').Listing} channels */
export function channelsPage(channels) {
  const connect = () => wizard(channels)
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.channels')),
      h('button.button.primary', { type: 'button', onclick: connect }, icon('plus'), t('channels.connect')),
    ),
    listed(
      channels,
      h(
        'section.card.empty',
        icon('plug'),
        h('h2', t('empty.no_channel')),
        h('p', t('empty.no_channel_next')),
      ),
      show(h('div.cards', { hidden: () => !channels.rows()?.length }), () =>
        (channels.rows() ?? []).map(it => card(it, channels.load)),
      ),
    ),
  )
}

/** @param {Channel} it @param {() => Promise<void>} again */
function card(it, again) {
  const set = async (/** @type {string} */ state) => {
    try {
      await patch(`/channels/${it.id}`, { state })
      await again()
    } catch (problem) {
      showError(problem)
    }
  }
  const heard = it.last_event_at
  const given = t(it.kind === 'webchat' ? 'channels.embed' : 'channels.webhook')
  return h(
    'section.card.channel',
    { 'aria-label': it.name },
    h(
      'header',
      h(`span.kind.${it.kind}`, icon(CHANNEL_ICON[it.kind] ?? 'chat')),
      h(
        'div',
        h('h2', { dir: 'auto' }, it.name),
        h(
          'p.note-line',
          named('channel', it.kind),
          ' ',
          it.kind !== 'webchat' && it.external_id ? h('bdi.mono', it.external_id) : null,
        ),
      ),
      stateWords(it),
    ),
    standing(it).why && h('p.trouble', icon('alert'), h('span', { dir: 'auto' }, standing(it).why)),
    h(
      'p.note-line',
      heard ? () => t('channels.last_heard', { when: ago(heard) }) : t('channels.never_heard'),
    ),
    h(
      'footer',
      it.kind === 'webchat' &&
        h('a.button', { href: `/chat/${it.id}`, target: '_blank', rel: 'noopener' }, t('channels.try')),
      h(
        'button.button',
        {
          type: 'button',
          'aria-label': t('admin.act', { act: t('channels.test'), name: it.name }),
          onclick: () => test(it).then(again),
        },
        t('channels.test'),
      ),
      h(
        'button.button',
        {
          type: 'button',
          'aria-label': t('admin.act', { act: given, name: it.name }),
          onclick: () =>
            dialog(t('channels.how', { name: it.name }), () => handOver(it, {}), 'wide').then(again),
        },
        given,
      ),
      menu(
        h(
          'button.button.quiet',
          { type: 'button', 'aria-label': t('flows.acts', { name: it.name }) },
          icon('more'),
        ),
        () => [
          { label: t('channels.edit'), icon: 'pen', run: () => edit(it, again) },
          it.state === 'active'
            ? { label: t('channels.turn_off'), icon: 'off', run: () => set('off') }
            : { label: t('channels.turn_on'), icon: 'check', run: () => set('active') },
          { label: t('common.delete'), icon: 'trash', danger: true, run: () => erase(it, again) },
        ],
      ),
    ),
  )
}

/** What is left empty stays as it is: credentials are written, never shown. @param {Channel} it @param {() => Promise<void>} again */
const edit = (it, again) =>
  dialog(t('channels.edit'), close =>
    form(
      [
        field(t('need.any.name'), { name: 'name', required: true, value: it.name }),
        ...NEEDS[it.kind]
          .filter(need => need.credential || need.option)
          .map(need =>
            sitesFault(
              need,
              field(wordsOf(it.kind, need.name).label, {
                name: need.name,
                type: need.secret ? 'password' : 'text',
                autocomplete: 'off',
                mono: !need.choices,
                value: need.credential ? '' : shownOption(need, it.options),
                options: need.choices?.map(
                  choice => /** @type {[string, string]} */ ([choice, t(`need.choice.${choice}`)]),
                ),
                hint: need.credential
                  ? t(it.has_credentials?.[need.name] ? 'channels.kept' : 'channels.not_set')
                  : wordsOf(it.kind, need.name).hint,
              }),
            ),
          ),
        ['whatsapp', 'instagram', 'messenger'].includes(it.kind) &&
          field(t('wizard.verify_token'), {
            name: 'verify_token',
            autocomplete: 'off',
            mono: true,
            value: '',
            hint: t(it.has_credentials?.verify_token ? 'channels.kept' : 'channels.not_set'),
          }),
        field(t('ai.mode'), {
          name: 'ai_mode',
          value: it.options?.ai?.mode ?? 'off',
          options: ['off', 'draft', 'auto'].map(mode => [mode, t(`ai.${mode}`)]),
          hint: t('ai.hint'),
        }),
        field(t('ai.instructions'), {
          name: 'ai_instructions',
          value: it.options?.ai?.instructions ?? '',
          rows: 4,
        }),
      ],
      t('common.save'),
      async values => {
        /** @type {any} */
        const change = {
          name: values.name.trim(),
          options: {
            ...it.options,
            ai: {
              ...it.options?.ai,
              mode: values.ai_mode,
              instructions: values.ai_instructions.trim() || null,
            },
          },
        }
        for (const name of [
          ...NEEDS[it.kind].filter(need => need.credential).map(need => need.name),
          'verify_token',
        ]) {
          const value = values[name]?.trim()
          if (value) change.credentials = { ...change.credentials, [name]: value }
        }
        for (const need of NEEDS[it.kind])
          if (need.option)
            change.options[need.name] = values[need.name].trim()
              ? optionOf(need, values[need.name].trim())
              : null
        await patch(`/channels/${it.id}`, change)
        await again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {Channel} it @param {() => Promise<void>} again */
async function erase(it, again) {
  if (
    !(await confirm(t('channels.delete', { name: it.name }), t('channels.delete_sure'), t('common.delete')))
  )
    return
  try {
    await call('DELETE', `/channels/${it.id}`)
    await again()
  } catch (problem) {
    showError(problem)
  }
}
