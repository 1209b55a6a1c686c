// @ts-check
// What a tab says of itself while one looks elsewhere: how much is unread, in its title and its icon.
import { number, t } from './words.js'

export const ICON = new URL('../../icon.svg', import.meta.url).href
const ICON_DOT = new URL('../../icon-dot.svg', import.meta.url).href

/** @param {number} count what is unread and concerns this person @param {string} page */
export function showCount(count, page) {
  const many = count > 999 ? `${number(999)}+` : count
  document.title = count ? t('title.unread', { count: many, page }) : t('title.page', { page })
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=icon]'))
  const href = count ? ICON_DOT : ICON
  if (link && link.href !== href) link.href = href
  if ('setAppBadge' in navigator) {
    const told = count ? navigator.setAppBadge(count) : navigator.clearAppBadge()
    told.catch(() => {})
  }
}
