// @ts-check
// The narrow bar every page of the product shares: where one can go, and the person's own menu.
import { session } from './api.js'
import { avatar } from './avatar.js'
import { h, icon } from './dom.js'
import { seesDashboard } from './may.js'
import { menuButton } from './menu_button.js'
import { number, t } from './words.js'
import { remember } from './workspace.js'

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
export function tellWhenSignedOut(tell) {
  session.signedOut = tell
}

/** @returns {string} where to sign in, and come back */
export const signIn = () =>
  `/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`

/**
 * @param {import('./types.js').User} me
 * @param {'inbox' | 'admin' | 'docs'} here
 * @param {() => number} [unread]
 * @param {() => boolean} [online]
 */
export function rail(me, here, unread = () => 0, online) {
  remember(me.workspace?.slug)
  return h(
    'nav.rail',
    { 'aria-label': t('rail.label') },
    h(
      'span.logo',
      { title: (me.memberships?.length ?? 0) > 1 ? (me.workspace?.name ?? null) : null },
      icon('chat'),
    ),
    pageLink({ name: 'inbox', href: '/', sign: 'inbox', isHere: here === 'inbox', unread }),
    seesDashboard(me) && pageLink({ name: 'admin', href: '/admin', sign: 'chart', isHere: here === 'admin' }),
    pageLink({ name: 'docs', href: '/docs', sign: 'code', isHere: here === 'docs' }),
    userButton(me, online),
  )
}

/** @param {{name: string, href: string, sign: string, isHere: boolean, unread?: () => number}} page */
function pageLink({ name, href, sign, isHere, unread = () => 0 }) {
  const words = t(`rail.${name}`)
  const label = () => (unread() ? `${words}, ${t('list.unread', { count: unread() })}` : words)
  return h(
    'a',
    { href, 'aria-label': label, title: words, 'aria-current': isHere ? 'page' : null },
    icon(sign),
    h('span.badge.letters', {
      'aria-hidden': 'true',
      hidden: () => !unread(),
      'data-letters': () => (unread() > 99 ? `${number(99)}+` : number(unread())),
    }),
  )
}

/** @param {import('./types.js').User} me @param {() => boolean} [online] */
function userButton(me, online) {
  /** @type {HTMLElement} */
  const button = h(
    'button.last.me',
    { type: 'button', 'aria-label': t('rail.me', { name: me.full_name }), title: me.full_name },
    avatar({ name: me.full_name, avatar_url: me.avatar_url }, { online }),
  )
  return menuButton(button, () => import('./user_menu.js').then(it => it.userMenu(button, me)))
}
