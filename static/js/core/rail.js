// @ts-check
// The narrow bar every page of the product shares: where one can go, and the person's own menu.
import { canAsk, ask as askToNotify } from './alert.js'
import { post, put, session } from './api.js'
import { avatar } from './avatar.js'
import { h, icon } from './dom.js'
import { menu, troubled } from './float.js'
import { theme } from './theme.js'
import { keepLanguage, language, LANGUAGES, number, t } from './words.js'

/** Sends a page whose session has ended to the sign-in, and back here afterwards. */
export function leaveWhenSignedOut() {
  let leaving = false
  session.signedOut = () => {
    if (leaving) return
    leaving = true
    location.replace(signIn())
  }
}

/** Where something may be half written one is told instead of led away. @param {() => void} tell */
export function tellWhenSignedOut(tell) { session.signedOut = tell }

/** @returns {string} where to sign in, and come back */
export const signIn = () => `/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`

/**
 * @param {import('./types.js').User} me @param {'inbox' | 'admin' | 'docs'} here
 * @param {() => number} [unread] @param {() => boolean} [online]
 */
export function rail(me, here, unread = () => 0, online) {
  const link = (/** @type {string} */ name, /** @type {string} */ href, /** @type {string} */ sign, /** @type {any} */ more = null) =>
    h('a', { href, 'aria-label': () => (more && unread() ? `${t(`rail.${name}`)}, ${t('list.unread', { count: unread() })}` : t(`rail.${name}`)), title: t(`rail.${name}`), 'aria-current': here === name ? 'page' : null }, icon(sign), more)
  return h('nav.rail', { 'aria-label': t('rail.label') },
    h('span.logo', icon('chat')),
    link('inbox', '/', 'inbox', h('span.badge.letters', { 'aria-hidden': 'true', hidden: () => !unread(), 'data-letters': () => (unread() > 99 ? '99+' : number(unread())) })),
    me.role === 'admin' && link('admin', '/admin', 'chart'),
    link('docs', '/docs', 'code'),
    menu(h('button.last.me', { type: 'button', 'aria-label': t('rail.me', { name: me.full_name }), title: me.full_name }, avatar({ name: me.full_name, avatar_url: me.avatar_url }, { online })), () => items(me)))
}

/** @param {import('./types.js').User} me @returns {import('./float.js').Item[]} */
function items(me) {
  const now = theme.value
  return [
    ...['system', 'light', 'dark'].map(value => ({ label: t(`theme.${value}`), checked: now === value, run: () => { theme.value = value } })),
    { label: '', line: true },
    ...languageItems(),
    { label: '', line: true },
    { label: t('alert.title'), icon: 'alert', run: () => { import('./alerting.js').then(each => each.alertSettings()).catch(troubled) } },
    ...(canAsk() ? [{ label: t('rail.notify'), icon: 'alert', run: askToNotify }] : []),
    { label: t('rail.picture'), icon: 'image', run: changePicture },
    { label: t('rail.password'), icon: 'key', run: () => { import('./password.js').then(each => each.changePassword()).catch(troubled) } },
    { label: '', line: true },
    { label: t('rail.sign_out'), icon: 'back', run: signOut },
  ]
}

/** @returns {import('./float.js').Item[]} */
const languageItems = () => Object.entries(LANGUAGES).map(([name, own]) => ({ label: own, checked: language === name, run: () => { keepLanguage(name); location.reload() } }))

async function signOut() {
  try { await post('/logout') } catch (/** @type {any} */ problem) { if (problem.status !== 401) return troubled(problem) }
  location.replace('/login')
}

function changePicture() {
  const input = h('input', { type: 'file', accept: 'image/png,image/jpeg,image/webp', onchange: async () => {
    const body = new FormData()
    body.append('file', input.files[0])
    try { await put('/me/avatar', body); location.reload() } catch (problem) { troubled(problem) }
  } })
  input.click()
}
