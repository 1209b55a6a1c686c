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
import { kindOf } from './channel_kinds.js'
import { insertButton } from './insert.js'
import { choicesOf, optionOf, shownOption, sitesFault, wordsOf } from './kinds.js'

/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('./channel_kinds.js').Field} Field */

const SIGNATURES = ['none', 'name', 'text']

/** @param {Channel} it @param {() => Promise<void>} again */
export const editChannel = (it, again) =>
  dialog(t('channels.edit'), close =>
    form(
      [
        field(t('need.any.name'), { name: 'name', required: true, value: it.name }),
        ...given(it.kind).map(each => needed(it, each)),
        kindOf(it.kind).webhook?.has_handshake && verifyToken(it),
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
const given = kind => kindOf(kind).fields.filter(each => each.place !== 'account')

/** @param {Channel} it @param {Field} asked */
function needed(it, asked) {
  const words = wordsOf(it.kind, asked.name)
  const isCredential = asked.place === 'credential'
  const box = field(words.label, {
    name: asked.name,
    type: asked.form === 'secret' ? 'password' : 'text',
    autocomplete: 'off',
    mono: !choicesOf(asked),
    value: isCredential ? '' : shownOption(asked, it.options),
    options: choicesOf(asked),
    hint: isCredential ? keptOrNot(it.has_credentials?.[asked.name]) : words.hint,
  })
  return sitesFault(asked, box)
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
  const credentials = kindOf(it.kind).fields.filter(each => each.place === 'credential')
  const names = [...credentials.map(each => each.name), 'verify_token']
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
  for (const asked of kindOf(it.kind).fields.filter(each => each.place === 'option')) {
    const value = values[asked.name]?.trim()
    options[asked.name] = value ? optionOf(asked, value) : null
  }
  // A server that knows no signatures would refuse one; none is what it has.
  if (values.signature !== (it.options?.signature ?? 'none') || it.options?.signature_text) {
    options.signature = values.signature
    options.signature_text = values.signature_text.trim() || null
  }
  if (values.signature === 'text') options.signature_text = values.signature_text.trim() || null
  return options
}
