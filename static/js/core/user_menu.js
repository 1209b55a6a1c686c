// @ts-check
// A person's own menu at the foot of the rail. Fetched when it is opened.
import { afterClose, WAYS } from './after_close.js'
import { post, put, statusOf } from './api.js'
import { h } from './dom.js'
import { openPicker } from './picker.js'
import { shortcuts } from './shortcuts.js'
import { theme } from './theme.js'
import { showError } from './toast.js'
import { keepLanguage, language, LANGUAGES, t } from './words.js'

/** @typedef {import('./menu.js').MenuItem} MenuItem */

/**
 * Where one works, and what one sets for oneself.
 * @param {HTMLElement} anchor what the choices open beside
 * @param {import('./types.js').User} me
 * @returns {Promise<MenuItem[]>}
 */
export async function userMenu(anchor, me) {
  const { workspaceItems } = await import('./workspace_menu.js')
  return [...(await workspaceItems(me)), ...userMenuItems(anchor)]
}

/**
 * How the pages look, what is told and who one is: what one sets for oneself.
 * @param {HTMLElement} anchor what the choices open beside
 * @returns {MenuItem[]}
 */
export function userMenuItems(anchor) {
  return [
    choice(
      anchor,
      t('user_menu.theme'),
      'contrast',
      ['system', 'light', 'dark'],
      value => t(`theme.${value}`),
      theme,
    ),
    languageItem(anchor),
    choice(anchor, t('user_menu.after_close'), 'check', WAYS, value => t(`after_close.${value}`), afterClose),
    { label: '', line: true },
    { label: t('alert.title'), icon: 'bell', run: openNotificationSettings },
    ...(shortcuts.length ? [{ label: t('user_menu.keys'), icon: 'bolt', run: openShortcuts }] : []),
    { label: t('rail.picture'), icon: 'image', run: changePicture },
    { label: t('rail.password'), icon: 'key', run: openPassword },
    { label: '', line: true },
    { label: t('rail.sign_out'), icon: 'back', run: signOut },
  ]
}

/**
 * What is set to one of a few: says what it is, and opens the others.
 * @param {HTMLElement} anchor
 * @param {string} label
 * @param {string} icon
 * @param {string[]} values
 * @param {(value: string) => string} wordsOf
 * @param {{value: string}} setting
 * @returns {MenuItem}
 */
const choice = (anchor, label, icon, values, wordsOf, setting) => ({
  label,
  value: wordsOf(setting.value),
  icon,
  run: () =>
    openPicker({
      anchor,
      label,
      items: values.map(value => ({ id: value, name: wordsOf(value) })),
      chosen: [setting.value],
      onPick: ({ id }) => {
        setting.value = id
      },
    }),
})

/** @param {HTMLElement} anchor @returns {MenuItem} */
const languageItem = anchor => ({
  label: t('user_menu.language'),
  value: LANGUAGES[language],
  icon: 'globe',
  run: () =>
    openPicker({
      anchor,
      label: t('user_menu.language'),
      items: Object.entries(LANGUAGES).map(([id, name]) => ({ id, name, keywords: id })),
      chosen: [language],
      onPick: ({ id }) => {
        keepLanguage(id)
        location.reload()
      },
    }),
})

const openNotificationSettings = () =>
  import('./notification_settings.js').then(it => it.openNotificationSettings()).catch(showError)

const openShortcuts = () => import('./shortcut_sheet.js').then(it => it.openShortcutSheet()).catch(showError)

const openPassword = () => import('./change_password.js').then(it => it.changePassword()).catch(showError)

async function signOut() {
  try {
    await post('/logout')
  } catch (problem) {
    if (statusOf(problem) !== 401) return showError(problem)
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
