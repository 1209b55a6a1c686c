// @ts-check
// Following a conversation one is not in charge of, and being reminded of one: mine alone, nobody else sees
// it. Left out where the server does not know of them.
import { put, remove } from '../core/api.js'
import { moment } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { t } from '../core/words.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {Partial<import('../core/types.js').Conversation>} Shown */

/** @param {Session} session @param {number} id @param {HTMLElement} button @returns {import('../core/menu.js').MenuItem[]} */
export function followItems(session, id, button) {
  const it = session.store.peekConversation(id)
  const items = []
  if (it?.is_following !== undefined)
    items.push({
      label: t(it.is_following ? 'follow.stop' : 'follow.start'),
      icon: 'eye',
      run: () => follow(session, id, !it.is_following),
    })
  if (it?.reminder_at === undefined) return items
  const offer = (/** @type {boolean} */ onlyIfUnanswered) => () => {
    const label = t(onlyIfUnanswered ? 'remind.unanswered' : 'remind.action')
    import('./when_picker.js')
      .then(each => each.pickWhen(button, label, at => remind(session, id, at, onlyIfUnanswered)))
      .catch(showError)
  }
  items.push(
    { label: t('remind.action'), icon: 'bell', run: offer(false) },
    { label: t('remind.unanswered'), icon: 'bell', run: offer(true) },
  )
  if (it.reminder_at)
    items.push({
      label: t('remind.cancel', { when: moment(it.reminder_at) }),
      icon: 'close',
      run: () =>
        change(
          session,
          id,
          { reminder_at: null },
          remove(`/conversations/${id}/reminder`),
          t('remind.cancelled'),
        ),
    })
  return items
}

/** @param {Session} session @param {number} id @param {boolean} is_following */
function follow(session, id, is_following) {
  const path = `/conversations/${id}/follow`
  return change(
    session,
    id,
    { is_following },
    is_following ? put(path, {}) : remove(path),
    t(is_following ? 'follow.started' : 'follow.stopped'),
  )
}

/** @param {Session} session @param {number} id @param {Date} at @param {boolean} only_if_unanswered */
const remind = (session, id, at, only_if_unanswered) =>
  change(
    session,
    id,
    { reminder_at: at.toISOString() },
    put(`/conversations/${id}/reminder`, { at: at.toISOString(), only_if_unanswered }),
    t('remind.done', { when: moment(+at) }),
  )

/** Shown at once, put back if it is refused. @param {Session} session @param {number} id @param {Shown} shown @param {Promise<unknown>} asked @param {string} said */
async function change({ store }, id, shown, asked, said) {
  const before = store.peekConversation(id)
  if (!before) return
  const was = Object.fromEntries(Object.keys(shown).map(key => [key, Reflect.get(before, key)]))
  store.applyConversations([{ ...before, ...shown }])
  try {
    await asked
    toast(said)
  } catch (problem) {
    const now = store.peekConversation(id)
    if (now) store.applyConversations([{ ...now, ...was }])
    showError(problem)
  }
}
