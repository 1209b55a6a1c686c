// @ts-check
// An agent's tools beside the reply box: canned replies, emoji, recording, a place or a card, sending later,
// templates, and what is offered while one types. Visitors never get these.
import { post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { openMenu } from '../core/menu_button.js'
import { onCleanup, owned } from '../core/signal.js'
import { moment } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { fill, valuesOf } from '../core/variables.js'
import { t } from '../core/words.js'

/** @typedef {import('../chat/composer_box.js').Box} Box */
/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('./session.js').Session} Session */

/**
 * @param {Session} session
 * @param {number} id
 * @param {Box} box
 * @param {(sent: Message | null) => void} sent
 */
export function tools(session, id, box, sent) {
  offerWhileTyping(session, id, box)
  const first = session.store.peekConversation(id)
  const { pile } = box
  return [
    tool('composer.emoji', 'smile', button =>
      import('../chat/emoji.js')
        .then(each => each.openEmoji(button, emoji => box.insert(emoji)))
        .catch(showError),
    ),
    tool('composer.canned', 'book', () =>
      import('./canned_replies.js').then(each => each.chooseCanned(session, id, box)).catch(showError),
    ),
    pile &&
      tool('composer.voice', 'mic', () =>
        import('../chat/voice.js')
          .then(each => each.record(file => pile.add([file], 'voice')))
          .catch(showError),
      ),
    // A conversation that was begun a moment ago may not be here yet: it is no colleague's.
    ...(first?.kind === 'direct' ? [] : ofCustomers(session, id, box, sent)),
  ]
}

/**
 * What goes to customers only. What the channel can do may be known only after the box stands.
 * @param {Session} session
 * @param {number} id
 * @param {Box} box
 * @param {(sent: Message | null) => void} sent
 */
const ofCustomers = (session, id, box, sent) => [
  tool(
    'enclose.title',
    'pin',
    button =>
      openMenu(
        button,
        ['location', 'contact'].map(what => enclosing(what, id, sent)),
      ),
    () => !can(session, id, 'location'),
  ),
  tool('later.title', 'clock', button => later(id, box, button, sent).catch(showError)),
  tool(
    'template.title',
    'file',
    () =>
      import('./template_picker.js').then(each => each.chooseTemplate(session, id, sent)).catch(showError),
    () => !can(session, id, 'template'),
  ),
]

/** @param {Session} session @param {number} id @param {string} ability */
const can = (session, id, ability) => session.book.can(session.store.conversation(id)?.channel_kind, ability)

/** @param {string} what @param {number} id @param {(sent: Message | null) => void} sent */
const enclosing = (what, id, sent) => ({
  label: t(`kind.${what}`),
  icon: what === 'location' ? 'pin' : 'person',
  run: () => import('./location_contact.js').then(each => each.enclose(what, id, sent)).catch(showError),
})

/**
 * @param {string} name
 * @param {string} sign
 * @param {(button: HTMLElement) => unknown} run
 * @param {() => boolean} [hidden]
 */
const tool = (name, sign, run, hidden = () => false) =>
  h(
    'button.button.quiet',
    {
      type: 'button',
      hidden,
      'aria-label': t(name),
      title: t(name),
      onclick: (/** @type {{currentTarget: HTMLElement}} */ event) => run(event.currentTarget),
    },
    icon(sign),
  )

/**
 * What is offered while one types comes with its code at the first letter.
 * @param {Session} session
 * @param {number} id
 * @param {Box} box
 */
function offerWhileTyping(session, id, box) {
  let end = () => {},
    left = false
  onCleanup(() => {
    left = true
    end()
  })
  box.area.addEventListener(
    'input',
    () => {
      import('./composer_offers.js')
        .then(each => {
          if (left) return
          const [list, stop] = owned(() => each.offering(session, id, box))
          box.area.before(list)
          end = stop
        })
        .catch(() => {})
    },
    { once: true },
  )
}

/**
 * A canned reply's fields, filled with who writes to whom.
 * @param {string} text
 * @param {Conversation | undefined} it
 * @param {import('../core/types.js').User} me
 */
export const filled = (text, it, me) => fill(text, valuesOf(it, me))

/**
 * @param {number} id
 * @param {Box} box
 * @param {HTMLElement} button
 * @param {(sent: Message | null) => void} sent
 */
async function later(id, box, button, sent) {
  if (!box.ready()) return toast(t('later.empty'))
  const { isMeant } = await import('./sending_checks.js')
  if (!(await isMeant(box.area.value))) return
  import('./when_picker.js')
    .then(each => each.pickWhen(button, t('later.title'), at => sendAt(id, box, at, sent)))
    .catch(showError)
}

/** @param {number} id @param {Box} box @param {Date} at @param {(sent: Message | null) => void} sent */
async function sendAt(id, box, at, sent) {
  const { content, attachment_ids, quoted } = box.take()
  try {
    sent(
      await post(`/conversations/${id}/messages`, {
        content,
        attachment_ids,
        reply_to: quoted?.id ?? null,
        client_id: crypto.randomUUID(),
        send_at: at.toISOString(),
      }),
    )
    toast(t('later.goes', { when: moment(+at) }))
  } catch (problem) {
    box.put(content)
    showError(problem)
  }
}
