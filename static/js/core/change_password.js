// @ts-check
// Changing one's own password. Fetched when it is opened.
import { put } from './api.js'
import { dialog } from './dialog.js'
import { toast } from './toast.js'
import { field, form, newPassword } from './form.js'
import { moreWords, t } from './words.js'

await moreWords()

export const changePassword = () =>
  dialog(t('rail.password'), close =>
    form(
      [
        field(t('password.current'), {
          name: 'current_password',
          type: 'password',
          required: true,
          autocomplete: 'current-password',
          autofocus: true,
        }),
        newPassword(t('password.new'), { hint: t('password.hint') }),
      ],
      t('password.action'),
      async values => {
        await put('/me/password', values)
        toast(t('password.done'), { tone: 'good' })
        close()
      },
      { cancel: () => close() },
    ),
  )
