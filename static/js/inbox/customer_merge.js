// @ts-check
// Making one customer of two: the other one goes into this.
import { get, post } from '../core/api.js'
import { confirm, dialog } from '../core/dialog.js'
import { h, icon } from '../core/dom.js'
import { may } from '../core/may.js'
import { signal } from '../core/signal.js'
import { toast } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'
import { conversationFinder } from './choose_conversation.js'

await moreWords()

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./customer_details.js').Customer} Customer */
/**
 * @typedef {NonNullable<import('../core/types.js').Conversation['customer']>} Found a customer as a
 *   conversation names them
 */

/**
 * Who of the web chat's visitors a customer is: proved by a site, or nobody known.
 * @param {Pick<Customer, 'identities'>} it
 */
function proofs(it) {
  const ids = (it.identities ?? []).filter(each => each.kind === 'visitor').map(each => each.external_id)
  return {
    proved: ids.some(each => each.startsWith('user:')),
    unproved: ids.some(each => !each.startsWith('user:')),
  }
}

/**
 * Whoever proved who they are and who did not: whoever holds the other browser would be taken for them.
 * @param {Customer} it
 * @param {Found} other
 */
async function isMixed(it, other) {
  const [mine, theirs] = await Promise.all(
    [it.id, other.id].map(id => get(`/customers/${id}`).then(proofs, () => proofs({ identities: [] }))),
  )
  return (mine.proved && theirs.unproved) || (mine.unproved && theirs.proved)
}

/** @param {Session} session @param {Customer} it @param {() => unknown} again */
export const merge = (session, it, again) =>
  dialog(t('customer.merge'), close => {
    const trouble = signal('')
    async function take(/** @type {Found} */ other) {
      try {
        const mixed = await isMixed(it, other)
        if (mixed && !may(session.me, 'customers.merge_unproved'))
          return trouble.set(t('customer.merge_admins'))
        if (!(await isSure(it, other, mixed))) return
        await post(`/customers/${it.id}/merge`, { customer_id: other.id })
        close()
        toast(t('customer.merged'))
        again()
      } catch (problem) {
        trouble.set(problem instanceof Error ? problem.message : t('error.server'))
      }
    }
    return h(
      'div.form',
      h('p.hint', t('customer.merge_about')),
      ...conversationFinder({
        me: session.me.id,
        label: t('customer.merge_find'),
        only: found => othersOnce(found, it.id),
        take: each => each.customer && take(each.customer),
      }),
      h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', trouble)),
    )
  })

/**
 * One conversation a customer, and none of this one.
 * @param {import('../core/types.js').Conversation[]} found
 * @param {number} id
 */
function othersOnce(found, id) {
  const seen = new Set([id])
  return found.filter(each => each.customer && !seen.has(each.customer.id) && seen.add(each.customer.id))
}

/** @param {Customer} it @param {Found} other @param {boolean} mixed */
function isSure(it, other, mixed) {
  const words = t('customer.merge_sure', {
    name: other.name ?? other.external_id,
    into: it.name ?? it.external_id ?? '',
  })
  const more = mixed ? ` ${t('customer.merge_proved')}` : ''
  return confirm(t('customer.merge'), words + more, t('customer.merge_action'))
}
