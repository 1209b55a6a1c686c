// @ts-check
// Changing and deleting what was said, where that can be.
import { remove } from '../core/api.js'
import { confirm } from '../core/dialog.js'
import { showError, toast } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'

await moreWords()

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/store.js').Store} Store */
/**
 * Where a message stands, and whether the kind of channel can do something.
 * @typedef {{isDirect: boolean, can: (ability: string) => boolean}} Place
 */

/** @param {Message} message @param {Place} place */
export const mayChange = (message, { isDirect, can }) =>
  isDirect || !!message.is_private || can('edit') || message.status === 'queued'

/** @param {Store} store @param {Message} message */
export const edit = (store, message) =>
  import('./dialogs.js').then(each => each.editMessage(store, message)).catch(showError)

/** @param {Store} store @param {Message} message */
export async function erase(store, message) {
  if (!(await confirm(t('message.delete'), t('message.delete_sure'), t('message.delete')))) return
  try {
    const changed = await remove(`/messages/${message.id}`)
    if (changed?.id) store.apply([changed])
  } catch (problem) {
    showError(problem)
  }
}

/**
 * Arrow up in an empty box: the newest of my own that can still be changed.
 * @param {Store} store
 * @param {number} id
 * @param {number} me
 * @param {Place} place
 */
export function editLast(store, id, me, place) {
  const isMine = (/** @type {Message} */ each) =>
    each.sender_type === 'support' && each.sender?.id === me && each.version > 0
  const own = store
    .thread(id)
    .keys.peek()
    .map(key => store.peek(key))
    .findLast(each => each && isMine(each) && !each.deleted_at && each.content)
  if (own && mayChange(own, place)) edit(store, own)
  else if (own) toast(t('message.not_changeable'))
}
