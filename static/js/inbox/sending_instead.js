// @ts-check
// What can be done instead of what the gate warns of or refuses. Fetched when somebody does it.
import { get, patch } from '../core/api.js'
import { openMenu } from '../core/menu.js'
import { named, t } from '../core/words.js'
import { inWorkspace } from '../core/workspace.js'
import { setStatus } from './conversation_actions.js'
import { go } from './url_state.js'

/** @typedef {import('./sending_gate.js').Around} Around */
/** @typedef {import('../core/types.js').Conversation} Conversation */

/** @type {Record<string, (around: Around, it: Conversation, button: HTMLElement) => unknown>} */
const DOES = {
  send_template: ({ session, id, sent }) =>
    import('./template_picker.js').then(each => each.chooseTemplate(session, id, sent)),
  unblock: (_, it) => it.customer && patch(`/customers/${it.customer.id}`, { blocked: false }),
  not_spam: ({ session, id }) => setStatus(session, id, 'open'),
  reconnect_channel: () => location.assign(inWorkspace('/admin#channels')),
  open_merged: (_, it) => it.merged_into && go({ c: it.merged_into }),
  choose_other_channel: ({ session }, it, button) => elsewhere(session, it, button),
  note_instead: ({ takeNote }) => takeNote(),
}

/** @param {string} what @param {Around} around @param {HTMLElement} button */
export async function instead(what, around, button) {
  const it = around.session.store.peekConversation(around.id)
  if (it) await DOES[what]?.(around, it, button)
}

/**
 * Where else the customer can be written to.
 * @param {import('./session.js').Session} session @param {Conversation} it @param {HTMLElement} button
 */
async function elsewhere(session, it, button) {
  if (!it.customer) return
  /** @type {{conversations: Conversation[]}} */
  const { conversations } = await get(`/customers/${it.customer.id}`)
  const others = conversations.filter(each => each.channel_id !== it.channel_id && !each.merged_into)
  openMenu(
    button,
    others.map(each => ({
      label: each.channel_name ?? named('channel', each.channel_kind),
      icon: 'send',
      run: () => {
        session.store.applyConversations([each])
        go({ c: each.id })
      },
    })),
  )
  if (!others.length) throw new Error(t('gate.nowhere_else'))
}
