// @ts-check
// The forms an agent meets now and then: fetched when one of them is opened.
import { get, patch, post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { showError } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { moreWords, t } from '../core/words.js'
import { filterOf } from './asked.js'
import { place } from './place.js'

await moreWords()

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

/** A bad answer is worth a word about why. @param {Message} message @param {(comment: string | null) => Promise<any>} say */
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

/** @param {import('./book.js').Book} book */
export const saveView = book =>
  dialog(t('views.save'), close =>
    form(
      [field(t('views.name'), { name: 'name', required: true, autofocus: true })],
      t('common.save'),
      async ({ name }) => {
        await post('/views', { name, filter: filterOf(place.peek()) })
        book.again('views', '/views').catch(showError) // it is saved, whatever becomes of the look
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {string} title @param {(at: Date) => any} take */
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

/** WhatsApp's approved texts, for when its window is closed. @param {import('./session.js').Session} session @param {number} id @param {(sent: any) => void} sent */
export function template({ store }, id, sent) {
  const it = store.peekConversation(id)
  return dialog(t('template.title'), close => {
    const box = h('div.form', h('p.hint', t('template.loading')))
    get(`/channels/${it?.channel_id}/templates`)
      .then(answer => {
        const all = answer.items.filter((/** @type {any} */ each) => each.status === 'APPROVED')
        if (!all.length) return box.replaceChildren(h('p.hint', t('template.none')))
        box.replaceChildren(
          h(
            'ul.choices',
            ...all.map((/** @type {any} */ each) =>
              h(
                'li',
                h(
                  'button',
                  {
                    type: 'button',
                    onclick: () =>
                      box.replaceChildren(
                        parameters(
                          id,
                          each,
                          made => {
                            sent(made)
                            close()
                          },
                          () => close(),
                        ),
                      ),
                  },
                  h(
                    'span',
                    h('b', each.name),
                    h('small', { dir: 'auto' }, `${each.language} · ${each.body ?? ''}`),
                  ),
                ),
              ),
            ),
          ),
        )
      })
      .catch(problem =>
        box.replaceChildren(h('p.trouble', { role: 'alert' }, icon('alert'), h('span', problem.message))),
      )
    return box
  })
}

/** @param {number} id @param {{name: string, language: string, body: string | null, parameters: string[]}} each @param {(made: any) => void} done @param {() => void} cancel */
function parameters(id, each, done, cancel) {
  const body = each.body ?? each.name,
    names = each.parameters
  return form(
    [
      h('p.preview', { dir: 'auto' }, body),
      ...names.map((name, i) =>
        field(t('template.field', { name }), { name, required: true, autofocus: i === 0 }),
      ),
    ],
    t('template.send'),
    async values => {
      done(
        await post(`/conversations/${id}/messages`, {
          client_id: crypto.randomUUID(),
          content: body.replace(
            /\{\{\s*(\w+)\s*\}\}/g,
            (/** @type {string} */ whole, /** @type {string} */ name) => values[name] ?? whole,
          ),
          template: { name: each.name, language: each.language, parameters: names.map(name => values[name]) },
        }),
      )
    },
    { cancel },
  )
}

/** The list of shortcuts, from the same table that acts on them. @param {import('../core/shortcuts.js').Shortcut[]} table @param {{on: boolean}} single */
export function shortcutSheet(table, single) {
  const words = (/** @type {string} */ key) =>
    key.replace('Arrow', '').replace('Mod', /Mac|iP/.test(navigator.platform) ? '⌘' : 'Ctrl')
  const box = h('input', {
    type: 'checkbox',
    checked: single.on,
    onchange: () => {
      single.on = box.checked
    },
  })
  return [
    h(
      'dl.shortcuts',
      ...table.flatMap(each => [
        h('dt', t(`keys.${each.name}`)),
        h('dd', ...each.keys.map(key => h('kbd', words(key)))),
      ]),
    ),
    h('label', box, ' ', t('keys.single')),
  ]
}
