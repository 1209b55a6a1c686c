// @ts-check
// The forms an agent meets now and then: fetched when one of them is opened.
import { patch, post } from '../core/api.js'
import { h } from '../core/dom.js'
import { dialog, formDialog } from '../core/dialog.js'
import { showError } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { stylesheet } from '../core/stylesheet.js'
import { moreWords, t } from '../core/words.js'
import { filterOf } from './saved_query.js'
import { place } from './url_state.js'

await Promise.all([moreWords(), stylesheet('inbox_dialogs')])

/** @typedef {import('../core/types.js').Message} Message */

/** @param {import('../core/store.js').Store} store @param {Message} message */
export const editMessage = (store, message) =>
  dialog(t('message.edit'), close => {
    const box = form(
      [
        field(t('message.text'), {
          name: 'content',
          required: true,
          value: message.content ?? '',
          autofocus: true,
        }),
      ],
      t('common.save'),
      async ({ content }) => {
        const changed = await patch(`/messages/${message.id}`, { content })
        if (changed?.id) store.apply([changed])
        close()
      },
      { cancel: () => close() },
    )
    return box
  })

/**
 * A bad answer is worth a word about why.
 * @param {Message} message
 * @param {(comment: string | null) => Promise<unknown>} say
 */
export const whyBad = (message, say) =>
  dialog(t('feedback.why'), close =>
    form(
      [
        field(t('feedback.comment'), {
          name: 'comment',
          value: message.feedback?.comment ?? '',
          autofocus: true,
        }),
      ],
      t('common.save'),
      async ({ comment }) => {
        await say(comment.trim() || null)
        close()
      },
      { cancel: () => close() },
    ),
  )

/**
 * Keeps what the list shows now as a view: for oneself, or for the team.
 * @param {import('./team_data.js').TeamData} book
 */
export function saveView(book) {
  const folders = [...new Set(book.views.peek().map(each => each.folder ?? ''))].filter(Boolean)
  const folder = field(t('views.folder'), { name: 'folder', hint: t('views.folder_hint') })
  folder.querySelector('input')?.setAttribute('list', 'view-folders')
  const fields = [
    field(t('views.name'), { name: 'name', required: true, autofocus: true }),
    folder,
    h('datalist', { id: 'view-folders' }, ...folders.map(value => h('option', { value }))),
    h('label', h('input', { type: 'checkbox', name: 'is_shared', value: 'true' }), ' ', t('views.share')),
  ]
  return formDialog(t('views.save'), fields, t('common.save'), async values => {
    await post('/views', {
      name: values.name,
      filter: filterOf(place.peek()),
      ...(values.folder.trim() ? { folder: values.folder.trim() } : {}),
      ...(values.is_shared ? { is_shared: true } : {}),
    })
    book.again('views', '/views').catch(showError) // it is saved, whatever becomes of the look
  })
}

/** @param {string} title @param {(at: Date) => unknown} take */
export const otherTime = (title, take) =>
  dialog(title, close => {
    const local = new Date(Date.now() + 3_600_000 - new Date().getTimezoneOffset() * 60_000)
      .toISOString()
      .slice(0, 16)
    return form(
      [
        field(t('later.when'), {
          name: 'at',
          type: 'datetime-local',
          required: true,
          value: local,
          autofocus: true,
        }),
      ],
      t('later.take'),
      async ({ at }) => {
        if (+new Date(at) <= Date.now()) throw new Error(t('later.past'))
        close()
        await take(new Date(at))
      },
      { cancel: () => close() },
    )
  })
