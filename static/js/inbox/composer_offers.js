// @ts-check
// What is offered while one types: canned replies after `/`, labels after `#`, colleagues after `@`. In an
// answer only at its very beginning, so that «and/or», a number with `#` and an address stay what they are;
// in a note a mention anywhere.
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { suggest } from '../chat/suggest.js'
import { assignTo } from './conversation_actions.js'
import { useCanned } from './canned_replies.js'
import { filled } from './composer_tools.js'

/** @typedef {import('../chat/composer_box.js').Box} Box */
/** @typedef {import('../chat/suggest.js').Offer} Offer */
/** @typedef {import('./session.js').Session} Session */

/** @param {Session} session @param {number} id @param {Box} box */
export const offering = (session, id, box) =>
  suggest(box, '/@#', (sign, rest) => offers(session, id, box, sign, rest), t('composer.offers'))

/** @param {Session} session @param {number} id @param {Box} box @param {string} sign @param {string} rest @returns {Offer[]} */
function offers(session, id, box, sign, rest) {
  const wanted = rest.toLocaleLowerCase()
  const isNote = !!box.note?.peek()
  if (sign === '@' && isNote) return mentions(session, wanted)
  if (!box.area.value.startsWith(sign)) return []
  if (sign === '/') return canned(session, id, box, wanted)
  if (!box.note || isNote) return [] // among colleagues there is nothing to assign and no label
  return sign === '#' ? labels(session, id, wanted) : assignees(session, id, wanted)
}

/** @param {Session} session @param {string} wanted */
const colleagues = ({ book }, wanted) =>
  book.people().filter(each => `${each.username} ${each.full_name}`.toLocaleLowerCase().includes(wanted))

/** @param {Session} session @param {string} wanted @returns {Offer[]} */
const mentions = (session, wanted) =>
  colleagues(session, wanted)
    .filter(each => each.id !== session.me.id)
    .map(each => ({ label: each.full_name, hint: `@${each.username}`, text: `@${each.username} ` }))

/** @param {Session} session @param {number} id @param {string} wanted @returns {Offer[]} */
const assignees = (session, id, wanted) =>
  colleagues(session, wanted).map(({ id: who, full_name, username, avatar_url }) => ({
    label: t('assign.offer', { name: full_name }),
    hint: `@${username}`,
    text: '',
    run: () => assignTo(session, id, { id: who, name: full_name, avatar_url }),
  }))

/** @param {Session} session @param {number} id @param {string} wanted @returns {Offer[]} */
function labels(session, id, wanted) {
  const has = session.store.peekConversation(id)?.labels ?? []
  return session.book
    .labels()
    .filter(each => each.name.toLocaleLowerCase().includes(wanted))
    .map(each => ({
      label: each.name,
      hint: t(has.some(one => one.id === each.id) ? 'label.offer_remove' : 'label.offer_add'),
      text: '',
      run: () => {
        import('./conversation_menus.js').then(care => care.toggleLabel(session, id, each)).catch(showError)
      },
    }))
}

/** @param {Session} session @param {number} id @param {Box} box @param {string} wanted @returns {Offer[]} */
function canned(session, id, box, wanted) {
  const first = (/** @type {{shortcut: string}} */ each) => Number(each.shortcut.startsWith(wanted))
  return session.book
    .canned()
    .filter(each => `${each.shortcut} ${each.content}`.toLocaleLowerCase().includes(wanted))
    .sort((a, b) => first(b) - first(a))
    .map(each => ({
      label: `/${each.shortcut}`,
      hint: each.content,
      text: filled(each.content, session.store.peekConversation(id), session.me),
      run: () => useCanned(each, box),
    }))
}
