// @ts-check
// One thing done with several conversations at once. Fetched when somebody begins to choose.
import { post } from '../core/api.js'
import { h } from '../core/dom.js'
import { openMenu, toast, troubled } from '../core/float.js'
import { t } from '../core/words.js'
import { assignees } from './acts.js'
import { PRIORITIES } from './place.js'
import { chooseTime } from './writing.js'

/** Does one thing with several conversations, in one request. @param {import('./session.js').Session} session @param {number[]} ids @param {any} sent */
export async function bulk({ store }, ids, sent) {
  try {
    const asked = store.moment
    const answer = await post('/conversations/bulk', { ids, ...sent })
    if (answer?.items) store.applyConversations(answer.items, { asked })
    toast(t('bulk.done', { count: ids.length }))
    return true
  } catch (problem) { troubled(problem); return false }
}

/** The bar above the list while several are chosen. @param {import('./session.js').Session} session @param {() => number[]} chosen @param {() => void} done */
export function bulkBar(session, chosen, done) {
  const act = async (/** @type {any} */ sent) => { if (await bulk(session, chosen(), sent)) done() }
  const button = (/** @type {string} */ name, /** @type {(button: HTMLElement) => any} */ run) => h('button.button.small', { type: 'button', onclick: (/** @type {any} */ event) => run(event.currentTarget) }, t(name))
  return h('div.bulk', { role: 'group', 'aria-label': t('bulk.label') },
    h('b', { role: 'status' }, () => t('bulk.chosen', { count: chosen().length })),
    button('status_act.close', () => act({ status: 'closed' })),
    button('assign.action', async from => { try { openMenu(from, await assignees(session, undefined, who => act({ assignee_id: who?.id ?? null }))) } catch (problem) { troubled(problem) } }),
    button('snooze.action', from => chooseTime(from, t('snooze.title'), at => act({ status: 'snoozed', snoozed_until: at.toISOString() }))),
    button('label.action', from => openMenu(from, session.book.labels.peek().map(each => ({ label: each.name, run: () => act({ label_ids: [each.id] }) })))),
    button('priority.action', from => openMenu(from, [...PRIORITIES.slice(1), null].map(each => ({ label: t(`priority.${each ?? 'none'}`), run: () => act({ priority: each }) })))),
    button('common.cancel', done))
}
