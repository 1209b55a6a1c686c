// @ts-check
// A person's own menu at the foot of the rail. Fetched when it is opened.
import { canAsk, ask as askToNotify } from './notifications.js'
import { post, put } from './api.js'
import { h } from './dom.js'
import { showError } from './toast.js'
import { onward, WAYS } from './after_close.js'
import { theme } from './theme.js'
import { keepLanguage, language, LANGUAGES, t } from './words.js'

/** How the pages look, what tells and who one is: what one sets for oneself. @param {import('./types.js').User} me @returns {import('./menu.js').MenuItem[]} */
export function ownItems(me) {
  const now = theme.value
  return [
    ...['system', 'light', 'dark'].map(value => ({
      label: t(`theme.${value}`),
      checked: now === value,
      run: () => {
        theme.value = value
      },
    })),
    { label: '', line: true },
    ...languageItems(),
    { label: '', line: true },
    ...WAYS.map(way => ({
      label: t(`onward.${way}`),
      checked: onward.value === way,
      run: () => {
        onward.value = way
      },
    })),
    { label: '', line: true },
    {
      label: t('alert.title'),
      icon: 'alert',
      run: () => {
        import('./notification_settings.js').then(each => each.alertSettings()).catch(showError)
      },
    },
    ...(canAsk() ? [{ label: t('rail.notify'), icon: 'alert', run: askToNotify }] : []),
    { label: t('rail.picture'), icon: 'image', run: changePicture },
    {
      label: t('rail.password'),
      icon: 'key',
      run: () => {
        import('./password.js').then(each => each.changePassword()).catch(showError)
      },
    },
    { label: '', line: true },
    { label: t('rail.sign_out'), icon: 'back', run: signOut },
  ]
}

/** @returns {import('./menu.js').MenuItem[]} */
const languageItems = () =>
  Object.entries(LANGUAGES).map(([name, own]) => ({
    label: own,
    checked: language === name,
    run: () => {
      keepLanguage(name)
      location.reload()
    },
  }))

async function signOut() {
  try {
    await post('/logout')
  } catch (/** @type {any} */ problem) {
    if (problem.status !== 401) return showError(problem)
  }
  location.replace('/login')
}

function changePicture() {
  const input = h('input', {
    type: 'file',
    accept: 'image/png,image/jpeg,image/webp',
    onchange: async () => {
      const body = new FormData()
      body.append('file', input.files[0])
      try {
        await put('/me/avatar', body)
        location.reload()
      } catch (problem) {
        showError(problem)
      }
    },
  })
  input.click()
}
