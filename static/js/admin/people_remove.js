// @ts-check
// Taking a colleague away, and to whom goes what they hold.
import { all, call, get } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'

/** @typedef {import('../core/types.js').User} User */

/** @param {User} it @param {() => unknown} again */
export async function removePerson(it, again) {
  try {
    const [held, people] = await Promise.all([
      get('/conversations/counts', { assignee: it.id, status: 'open,pending,snoozed' }),
      all('/users'),
    ])
    const others = people.filter(each => each.id !== it.id)
    await dialog(t('people.remove'), close => leaving(it, held.total, others, close, again))
  } catch (problem) {
    showError(problem)
  }
}

/**
 * What they hold goes to somebody, or to nobody: it is never left with who is gone.
 * @param {User} it
 * @param {number} held
 * @param {User[]} others
 * @param {() => void} close
 * @param {() => unknown} again
 */
function leaving(it, held, others, close, again) {
  const to =
    held > 0 &&
    field(t('leaving.to'), {
      name: 'successor_id',
      options: [
        ['', t('leaving.nobody')],
        ...others.map(each => /** @type {[string, string]} */ ([String(each.id), each.full_name])),
      ],
    })
  return form(
    [
      h('p', t('people.remove_sure', { name: it.full_name })),
      h('p', { role: 'status' }, t(held ? 'leaving.holds' : 'leaving.holds_none', { count: held })),
      to,
    ],
    t('people.remove'),
    async values => {
      const successor = values.successor_id ? `?successor_id=${values.successor_id}` : ''
      await call('DELETE', `/users/${it.id}${successor}`)
      again()
      close()
    },
    { cancel: close, danger: true },
  )
}
