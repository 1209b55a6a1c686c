// @ts-check
// The forms for a colleague: a new one, their name, a new password.
import { patch, post } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { field, form, newPassword } from '../core/form.js'
import { toast } from '../core/toast.js'
import { t } from '../core/words.js'
import { roleOptions } from './role_names.js'

/** @typedef {import('../core/types.js').User} User */

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

/** @param {() => unknown} again */
export const addPerson = again =>
  dialog(t('people.add'), close =>
    form(
      [
        ...fields(null),
        field(t('people.username'), { name: 'username', required: true, autocomplete: 'off', mono: true }),
        newPassword(t('login.password'), { hint: t('people.password_hint') }),
        field(t('people.role'), { name: 'role', value: 'agent', options: roleOptions() }),
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

/** @param {User} it @param {() => unknown} again */
export const editPerson = (it, again) =>
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

/** @param {User} it @param {() => unknown} again */
export const changeRole = (it, again) =>
  dialog(t('people.change_role'), close =>
    form(
      [field(t('people.role'), { name: 'role', value: it.role, options: roleOptions() })],
      t('common.save'),
      async values => {
        await patch(`/users/${it.id}`, values)
        toast(t('people.role_changed', { name: it.full_name }), { tone: 'good' })
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {User} it */
export const setPassword = it =>
  dialog(t('people.new_password'), close =>
    form(
      [newPassword(t('password.new'), { hint: t('people.password_hint'), autofocus: true })],
      t('common.save'),
      async values => {
        await patch(`/users/${it.id}`, values)
        toast(t('people.password_set', { name: it.full_name }), { tone: 'good' })
        close()
      },
      { cancel: () => close() },
    ),
  )
