// @ts-check
// A button with a menu whose code comes with the first click: the first look at a page pays nothing for what
// opens later.
import { showError } from './toast.js'

/** @typedef {import('./menu.js').MenuItem} MenuItem */

/** Opens a menu beside a button. @param {HTMLElement} button @param {MenuItem[] | Promise<MenuItem[]>} items */
export const openMenu = (button, items) =>
  Promise.all([import('./menu.js'), items])
    .then(([each, all]) => each.openMenu(button, all))
    .catch(showError)

/**
 * @template {HTMLElement} B
 * @param {B} button
 * @param {() => MenuItem[] | Promise<MenuItem[]>} items asked anew each time it opens
 * @returns {B}
 */
export function menuButton(button, items) {
  button.setAttribute('aria-haspopup', 'menu')
  button.setAttribute('aria-expanded', 'false')
  button.addEventListener('click', () => openMenu(button, items()))
  return button
}
