// @ts-check
// Changing a channel: its name, its credentials, what the AI may do, and what signs an agent's replies. What
// is left empty stays as it is: credentials are written, never shown.
import { patch } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { OF_REPLIES } from '../core/variables.js'
import { t } from '../core/words.js'
import { insertButton } from './insert.js'
import { NEEDS, optionOf, shownOption, sitesFault, wordsOf } from './kinds.js'

/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('./kinds.js').Need} Need */

const VERIFIED = ['whatsapp', 'instagram', 'messenger']
const SIGNATURES = ['none', 'name', 'text']

/** @param {Channel} it @param {() => Promise<void>} again */
export const editChannel = (it, again) =>
  dialog(t('channels.edit'), close =>
    form(
      [
        field(t('need.any.name'), { name: 'name', required: true, value: it.name }),
        ...given(it.kind).map(need => needed(it, need)),
        VERIFIED.includes(it.kind) && verifyToken(it),
        ...aboutAi(it),
        ...signature(it),
      ],
      t('common.save'),
      async values => {
        await patch(`/channels/${it.id}`, changeOf(it, values))
        await again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** What of a kind can be changed later. @param {string} kind */
const given = kind => NEEDS[kind].filter(need => need.credential || need.option)

/** @param {Channel} it @param {Need} need */
function needed(it, need) {
  const words = wordsOf(it.kind, need.name)
  const kept = it.has_credentials?.[need.name]
  const box = field(words.label, {
    name: need.name,
    type: need.secret ? 'password' : 'text',
    autocomplete: 'off',
    mono: !need.choices,
    value: need.credential ? '' : shownOption(need, it.options),
    options: need.choices?.map(choice => [choice, t(`need.choice.${choice}`)]),
    hint: need.credential ? keptOrNot(kept) : words.hint,
  })
  return sitesFault(need, box)
}

/** @param {boolean | undefined} kept */
const keptOrNot = kept => t(kept ? 'channels.kept' : 'channels.not_set')

/** @param {Channel} it */
const verifyToken = it =>
  field(t('wizard.verify_token'), {
    name: 'verify_token',
    autocomplete: 'off',
    mono: true,
    value: '',
    hint: keptOrNot(it.has_credentials?.verify_token),
  })

/** @param {Channel} it */
const aboutAi = it => [
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
]

/** What signs what an agent writes to a customer; the server adds it. @param {Channel} it */
function signature(it) {
  const kind = signal(it.options?.signature ?? 'none')
  const choice = field(t('signature.label'), {
    name: 'signature',
    value: kind.peek(),
    options: SIGNATURES.map(each => [each, t(`signature.${each}`)]),
    hint: t('signature.hint'),
  })
  choice.addEventListener('change', event => kind.set(/** @type {HTMLSelectElement} */ (event.target).value))
  const text = field(t('signature.text_label'), {
    name: 'signature_text',
    value: it.options?.signature_text ?? '',
    rows: 2,
    hint: t('insert.hint', { place: '{{customer.first_name|there}}' }),
  })
  return [
    choice,
    h(
      'div.form',
      { hidden: () => kind() !== 'text' },
      text,
      h(
        'div.row.start',
        insertButton(() => text.querySelector('textarea'), OF_REPLIES),
      ),
    ),
  ]
}

/** Only what was written goes to the server. @param {Channel} it @param {Record<string, string>} values */
function changeOf(it, values) {
  /** @type {{name: string, options: Record<string, unknown>, credentials?: Record<string, string>}} */
  const change = { name: values.name.trim(), options: { ...it.options, ...optionsOf(it, values) } }
  const names = [...NEEDS[it.kind].filter(need => need.credential).map(need => need.name), 'verify_token']
  for (const name of names) {
    const value = values[name]?.trim()
    if (value) change.credentials = { ...change.credentials, [name]: value }
  }
  return change
}

/** @param {Channel} it @param {Record<string, string>} values */
function optionsOf(it, values) {
  /** @type {Record<string, unknown>} */
  const options = {
    ai: { ...it.options?.ai, mode: values.ai_mode, instructions: values.ai_instructions.trim() || null },
  }
  for (const need of NEEDS[it.kind]) {
    const value = values[need.name]?.trim()
    if (need.option) options[need.name] = value ? optionOf(need, value) : null
  }
  // A server that knows no signatures would refuse one; none is what it has.
  if (values.signature !== (it.options?.signature ?? 'none') || it.options?.signature_text) {
    options.signature = values.signature
    options.signature_text = values.signature_text.trim() || null
  }
  if (values.signature === 'text') options.signature_text = values.signature_text.trim() || null
  return options
}
