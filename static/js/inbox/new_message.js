// @ts-check
// Beginning to write: to a colleague, or first to a customer where the platform knows such a thing.
import { post } from '../core/api.js'
import { h } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { openMenu } from '../core/menu.js'
import { signal } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { moreWords, t } from '../core/words.js'
import { writeDirect } from './direct_message.js'
import { go } from './url_state.js'

await moreWords()

export { writeDirect }

/**
 * @param {import('./session.js').Session} session
 * @param {import('../core/types.js').Channel[]} channels
 * @param {HTMLElement} button
 */
export function writeMenu(session, channels, button) {
  // On some channels one can write to somebody who has not written.
  const able = channels.filter(each => session.book.can(each.kind, 'first_contact') && each.state !== 'off')
  if (!able.length) return writeDirect(session)
  openMenu(button, [
    {
      label: t('direct.title'),
      icon: 'people',
      run: () => {
        writeDirect(session)
      },
    },
    {
      label: t('start.customer'),
      icon: 'person',
      run: () => {
        writeFirst(session, able)
      },
    },
  ])
}

/** @param {import('./session.js').Session} session @param {import('../core/types.js').Channel[]} channels */
function writeFirst(session, channels) {
  const kindOf = (/** @type {string} */ id) => channels.find(each => String(each.id) === id)?.kind
  const hasTemplates = (/** @type {string} */ id) => session.book.can(kindOf(id), 'template')
  const chosen = signal(String(channels[0].id))
  const channel = channelField(channels, chosen)
  return dialog(t('start.customer'), close =>
    form(
      [channel, ...personFields(), templateField(() => hasTemplates(chosen()))],
      t('start.action'),
      async ({ channel_id, external_id, name, with_template }) => {
        const isPhone = session.book.kindOf(kindOf(channel_id))?.address === 'phone'
        const conversation = await post('/conversations', {
          channel_id: Number(channel_id),
          customer: {
            external_id: isPhone ? external_id.replace(/[^\d+]/g, '') : external_id.trim(),
            ...(name.trim() ? { name: name.trim() } : {}),
          },
        })
        session.store.applyConversations([conversation])
        close()
        go({ c: conversation.id, q: '' })
        if (with_template && hasTemplates(channel_id)) begin(session, conversation.id)
      },
      { cancel: () => close() },
    ),
  )
}

/**
 * @param {import('../core/types.js').Channel[]} channels
 * @param {import('../core/signal.js').Signal<string>} chosen
 */
function channelField(channels, chosen) {
  const box = field(t('start.channel'), {
    name: 'channel_id',
    options: channels.map(each => [String(each.id), each.name]),
  })
  const select = box.querySelector('select')
  select?.addEventListener('change', () => chosen.set(select.value))
  return box
}

const personFields = () => [
  field(t('start.external_id'), {
    name: 'external_id',
    type: 'tel',
    required: true,
    hint: t('start.external_id_hint'),
    autofocus: true,
    autocomplete: 'off',
  }),
  field(t('start.name'), { name: 'name', autocomplete: 'off' }),
  h('p.hint', t('start.note')),
]

/** Where there are approved messages, a first word must be one. @param {() => boolean} isThere */
const templateField = isThere =>
  h(
    'label',
    { hidden: () => !isThere() },
    h('input', { type: 'checkbox', name: 'with_template', value: 'true', checked: true }),
    ' ',
    t('start.with_template'),
  )

/** @param {import('./session.js').Session} session @param {number} id */
const begin = (session, id) =>
  import('./template_picker.js')
    .then(each => each.chooseTemplate(session, id, made => session.store.apply([made])))
    .catch(showError)
