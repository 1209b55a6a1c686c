// @ts-check
// One thing done with several conversations at once. Fetched when somebody begins to choose.
import { post } from '../core/api.js'
import { h } from '../core/dom.js'
import { openMenu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'
import { assignees } from './acts.js'
import { labelMenu } from './care.js'
import { place, PRIORITIES } from './place.js'
import { chooseTime } from './writing.js'

await moreWords()

/** What one request takes. */
const MOST = 100

/**
 * Does one thing with several conversations; those that are refused are said, the others are changed all the same.
 * @param {import('./session.js').Session} session @param {number[]} ids @param {any} sent
 */
export async function bulk({ store }, ids, sent) {
  try {
    let refused = /** @type {any} */ (null),
      done = 0
    for (let from = 0; from < ids.length; from += MOST) {
      const asked = store.moment
      const { items } = await post('/conversations/bulk', { ids: ids.slice(from, from + MOST), ...sent })
      store.applyConversations(items.map((/** @type {any} */ each) => each.conversation).filter(Boolean), {
        asked,
      })
      done += items.filter((/** @type {any} */ each) => !each.error).length
      refused ??= items.find((/** @type {any} */ each) => each.error)?.error
    }
    if (done) toast(t('bulk.done', { count: done }))
    if (refused) showError(refused)
    return !refused
  } catch (problem) {
    showError(problem)
    return false
  }
}

/** Puts a label beside those that each conversation has: the server takes whole lists, so those with the same ones go together. @param {import('./session.js').Session} session @param {number[]} ids @param {number} label */
async function addLabel(session, ids, label) {
  /** @type {Map<string, number[]>} */
  const alike = new Map()
  for (const id of ids) {
    const key = [
      ...new Set([...(session.store.peekConversation(id)?.labels ?? []).map(each => each.id), label]),
    ]
      .sort((a, b) => a - b)
      .join()
    alike.set(key, [...(alike.get(key) ?? []), id])
  }
  let well = true
  for (const [key, these] of alike)
    well = (await bulk(session, these, { label_ids: key.split(',').map(Number) })) && well
  return well
}

/** The bar above the list while several are chosen. @param {import('./session.js').Session} session @param {() => number[]} chosen @param {() => void} done */
export function bulkBar(session, chosen, done) {
  const act = async (/** @type {any} */ sent) => {
    if (await bulk(session, chosen(), sent)) done()
  }
  const button = (/** @type {string} */ name, /** @type {(button: HTMLElement) => any} */ run) =>
    h(
      'button.button.small',
      { type: 'button', onclick: (/** @type {any} */ event) => run(event.currentTarget) },
      t(name),
    )
  return h(
    'div.bulk',
    { role: 'group', 'aria-label': t('bulk.label') },
    h('b', { role: 'status' }, () => t('bulk.chosen', { count: chosen().length })),
    button('status_act.close', () => act({ status: 'closed' })),
    button('assign.action', async from => {
      try {
        openMenu(from, await assignees(session, undefined, who => act({ assignee_id: who?.id ?? null })))
      } catch (problem) {
        showError(problem)
      }
    }),
    button('snooze.action', from =>
      chooseTime(from, t('snooze.title'), at => act({ status: 'snoozed', snoozed_until: at.toISOString() })),
    ),
    button('label.action', from =>
      labelMenu(session, from, each => ({
        label: each.name,
        run: async () => {
          if (await addLabel(session, chosen(), each.id)) done()
        },
      })).catch(showError),
    ),
    button('priority.action', from =>
      openMenu(
        from,
        [...PRIORITIES.slice(1), null].map(each => ({
          label: t(`priority.${each ?? 'none'}`),
          run: () => act({ priority: each }),
        })),
      ),
    ),
    button(place.peek().status === 'spam' ? 'spam.not' : 'spam.mark', () =>
      act({ status: place.peek().status === 'spam' ? 'open' : 'spam' }),
    ),
    button('common.cancel', done),
  )
}
