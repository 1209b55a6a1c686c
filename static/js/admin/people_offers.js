// @ts-check
// Whom the workspace asked to be a member and who has not answered yet: people with an account of their own.
// Whether anybody has such a name the page is not told.
import { get, post, remove } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { paged } from '../core/paged.js'
import { showError, toast } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { listTable } from './list_table.js'

/** @typedef {{id: number, username: string, role: string, created_at: string}} Offer */

export function offersCard() {
  /** @type {import('../core/paged.js').Paged<Offer>} */
  const list = paged(cursor => get('/membership-offers', { limit: 100, cursor }))
  list.begin()
  return h(
    'section.card',
    h(
      'header.top',
      h('h2', t('people.asked')),
      h(
        'button.button',
        { type: 'button', onclick: () => askSomebody(list.load) },
        icon('plus'),
        t('people.ask'),
      ),
    ),
    listTable({
      label: t('people.asked'),
      list,
      none: h('p', t('people.asked_none')),
      columns: columns(list.load),
    }),
  )
}

/** @param {() => unknown} again @returns {import('./table.js').Column<Offer>[]} */
const columns = again => [
  { words: t('people.username'), of: it => h('bdi', it.username), head: true },
  { words: t('people.role'), of: it => named('role', it.role) },
  {
    words: '',
    kind: 'acts',
    of: it =>
      h('button.button.quiet', { type: 'button', onclick: () => withdraw(it, again) }, t('people.withdraw')),
  },
]

/** @param {Offer} it @param {() => unknown} again */
const withdraw = (it, again) => remove(`/membership-offers/${it.id}`).then(again).catch(showError)

/** @param {() => unknown} again */
const askSomebody = again =>
  dialog(t('people.ask'), close =>
    form(
      [
        field(t('people.username'), {
          name: 'username',
          required: true,
          hint: t('people.ask_hint'),
          autocomplete: 'off',
          autofocus: true,
          mono: true,
        }),
        field(t('people.role'), {
          name: 'role',
          options: [
            ['agent', t('role.agent')],
            ['admin', t('role.admin')],
          ],
        }),
      ],
      t('people.ask'),
      async ({ username, role }) => {
        await post('/membership-offers', { username: username.trim(), role })
        toast(t('people.ask_done'), { tone: 'good' })
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )
