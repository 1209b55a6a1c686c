// @ts-check
// Who works here: adding, changing, taking away.
import { all, call, get, patch, post } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, icon } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { menu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { effect, signal, untracked } from '../core/signal.js'
import { named, t } from '../core/words.js'
import { listed, listing } from './listing.js'
import { table } from './table.js'

/** @typedef {import('../core/types.js').User} User */

/** @param {User} me */
export function peoplePage(me) {
  const q = signal(''),
    gone = signal(false)
  const users = listing(cursor =>
    get('/users', { q: q.peek(), deactivated: gone.peek() || null, limit: 100, cursor }),
  )
  effect(() => {
    q()
    gone()
    untracked(users.load)
  })
  const find = h('input', {
    type: 'search',
    placeholder: t('people.find'),
    'aria-label': t('people.find'),
    oninput: () => q.set(find.value.trim()),
  })
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.people')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => add(users.load) },
        icon('plus'),
        t('people.add'),
      ),
    ),
    h(
      'div.views',
      { role: 'group', 'aria-label': t('people.which') },
      ...[false, true].map(each =>
        h(
          'button',
          { type: 'button', 'aria-pressed': () => String(gone() === each), onclick: () => gone.set(each) },
          t(each ? 'people.gone' : 'people.here'),
        ),
      ),
    ),
    h(
      'section.card',
      h('div.field', find),
      listed(
        users,
        h('p', () => t(q() ? 'people.none_found' : gone() ? 'people.none_gone' : 'people.none')),
        table(
          t('admin.people'),
          [
            { words: t('people.name'), of: it => who(it, me), head: true },
            { words: t('people.username'), of: it => h('bdi', it.username) },
            { words: t('people.email'), of: it => h('bdi', it.email ?? '–') },
            { words: t('people.role'), of: it => named('role', it.role) },
            { words: '', kind: 'acts', of: it => h('span.row', acts(it, me, users.load)) },
          ],
          users.rows,
        ),
      ),
    ),
  )
}

/** @param {User} it @param {User} me */
const who = (it, me) =>
  h(
    'span.who',
    avatar({ name: it.full_name, avatar_url: it.avatar_url }, { size: 'small' }),
    h('bdi', it.full_name),
    it.id === me.id && h('span.note-line', t('people.you')),
  )

/** @param {any} it @param {User} me @param {() => void} again */
function acts(it, me, again) {
  const change = async (/** @type {any} */ what, done = '') => {
    try {
      await patch(`/users/${it.id}`, what)
      if (done) toast(done, { tone: 'good' })
      again()
    } catch (problem) {
      showError(problem)
    }
  }
  return menu(
    h(
      'button.button.quiet',
      { type: 'button', 'aria-label': t('people.acts', { name: it.full_name }) },
      icon('more'),
    ),
    () =>
      it.is_active === false
        ? [
            {
              label: t('people.let_in'),
              icon: 'check',
              run: () => change({ is_active: true }, t('people.added', { name: it.full_name })),
            },
          ]
        : [
            { label: t('people.edit'), icon: 'pen', run: () => edit(it, again) },
            { label: t('people.new_password'), icon: 'key', run: () => newPassword(it) },
            {
              label: t('people.unlock'),
              icon: 'check',
              run: () => change({ is_unlocked: true }, t('people.unlocked', { name: it.full_name })),
            },
            ...(it.id === me.id
              ? []
              : [
                  {
                    label: t(it.role === 'admin' ? 'people.make_agent' : 'people.make_admin'),
                    icon: 'shield',
                    run: () => change({ role: it.role === 'admin' ? 'agent' : 'admin' }),
                  },
                  { label: t('people.remove'), icon: 'trash', danger: true, run: () => remove(it, again) },
                ]),
          ],
  )
}

/** @param {User | null} it */
const fields = it => [
  field(t('people.name'), {
    name: 'full_name',
    required: true,
    value: it?.full_name ?? '',
    autofocus: true,
    autocomplete: 'off',
  }),
  field(t('people.email'), { name: 'email', type: 'email', value: it?.email ?? '', autocomplete: 'off' }),
]

/** @param {() => void} again */
const add = again =>
  dialog(t('people.add'), close =>
    form(
      [
        ...fields(null),
        field(t('people.username'), { name: 'username', required: true, autocomplete: 'off', mono: true }),
        field(t('login.password'), {
          name: 'password',
          type: 'password',
          required: true,
          minlength: 12,
          autocomplete: 'new-password',
          hint: t('people.password_hint'),
        }),
        field(t('people.role'), {
          name: 'role',
          options: [
            ['agent', t('role.agent')],
            ['admin', t('role.admin')],
          ],
        }),
      ],
      t('people.add'),
      async values => {
        await post('/users', {
          ...values,
          username: values.username.trim(),
          email: values.email.trim() || null,
        })
        toast(t('people.added', { name: values.full_name }), { tone: 'good' })
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {User} it @param {() => void} again */
const edit = (it, again) =>
  dialog(t('people.edit'), close =>
    form(
      fields(it),
      t('common.save'),
      async values => {
        await patch(`/users/${it.id}`, { full_name: values.full_name, email: values.email.trim() || null })
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {User} it */
const newPassword = it =>
  dialog(t('people.new_password'), close =>
    form(
      [
        field(t('password.new'), {
          name: 'password',
          type: 'password',
          required: true,
          minlength: 12,
          autocomplete: 'new-password',
          hint: t('people.password_hint'),
          autofocus: true,
        }),
      ],
      t('common.save'),
      async values => {
        await patch(`/users/${it.id}`, values)
        toast(t('people.password_set', { name: it.full_name }), { tone: 'good' })
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {User} it @param {() => void} again */
async function remove(it, again) {
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
 * @param {any[]} others
 * @param {() => void} close
 * @param {() => void} again
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
  const box = form(
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
  return box
}
