// @ts-check
// A person's own menu at the foot of the rail. Fetched when it is opened.
import { canAsk, ask as askToNotify } from './alert.js'
import { post, put } from './api.js'
import { h } from './dom.js'
import { troubled } from './float.js'
import { onward, WAYS } from './onward.js'
import { theme } from './theme.js'
import { keepLanguage, language, LANGUAGES, t } from './words.js'

/** How the pages look, what tells and who one is: what one sets for oneself. @param {import('./types.js').User} me @returns {import('./float.js').Item[]} */
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
        import('./alerting.js').then(each => each.alertSettings()).catch(troubled)
      },
    },
    ...(canAsk() ? [{ label: t('rail.notify'), icon: 'alert', run: askToNotify }] : []),
    { label: t('rail.picture'), icon: 'image', run: changePicture },
    {
      label: t('rail.password'),
      icon: 'key',
      run: () => {
        import('./password.js').then(each => each.changePassword()).catch(troubled)
      },
    },
    { label: '', line: true },
    { label: t('rail.sign_out'), icon: 'back', run: signOut },
  ]
}

/** @returns {import('./float.js').Item[]} */
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
    if (problem.status !== 401) return troubled(problem)
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
        troubled(problem)
      }
    },
  })
  input.click()
}
