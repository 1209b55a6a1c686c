// @ts-check
// A button with a menu: arrow keys move, a letter goes to the next entry that begins with it, Enter takes,
// Escape leaves and gives the focus back. What has more entries than one looks through is chosen in a picker.
import { h, icon } from './dom.js'
import { openPopover } from './popover.js'
import { fold } from './text_match.js'
import { showError } from './toast.js'

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} [icon]
 * @property {() => unknown} [run]
 * @property {boolean} [checked] one of several, and whether it is the one
 * @property {boolean} [danger]
 * @property {boolean} [line] a line between others, and nothing else
 * @property {string} [hint] the key that does the same
 * @property {string} [value] what is set now
 */

/** More entries than these are looked through by typing. */
const MANY = 15

/**
 * @template {HTMLElement} B
 * @param {B} button
 * @param {() => MenuItem[] | Promise<MenuItem[]>} items asked anew each time it opens; a promise where their
 *   code comes first
 * @returns {B}
 */
export function menu(button, items) {
  button.setAttribute('aria-haspopup', 'menu')
  button.setAttribute('aria-expanded', 'false')
  button.addEventListener('click', () => {
    const asked = items()
    if (asked instanceof Promise) asked.then(come => openMenu(button, come)).catch(showError)
    else openMenu(button, asked)
  })
  return button
}

/** @param {HTMLElement} button @param {MenuItem[]} items */
export function openMenu(button, items) {
  if (items.filter(item => !item.line).length > MANY) return pickFrom(button, items)
  const box = h('div.menu', { role: 'menu' })
  box.append(...items.map(item => (item.line ? h('hr') : entry(item, box))))
  box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => step(box, event))
  openPopover(box, button)
  const first = /** @type {HTMLElement | null} */ (
    box.querySelector('[aria-checked=true]') ?? box.querySelector('button')
  )
  first?.focus()
}

/** @param {MenuItem} item @param {HTMLElement} box */
function entry(item, box) {
  const isChoice = item.checked != null
  return h(
    `button${item.danger ? '.danger' : ''}`,
    {
      type: 'button',
      role: isChoice ? 'menuitemradio' : 'menuitem',
      tabindex: '-1',
      'aria-checked': isChoice ? String(item.checked) : null,
      onclick: () => {
        box.hidePopover()
        item.run?.()
      },
    },
    item.icon && icon(item.icon),
    h('span', item.label),
    item.checked && icon('check'),
    item.value && h('span.value', h('bdi', item.value)),
    // The key is for eyes, and no part of what the entry is called.
    item.hint && h('kbd', { 'aria-hidden': 'true', 'data-key': item.hint }),
  )
}

/** @param {HTMLElement} button @param {MenuItem[]} items */
function pickFrom(button, items) {
  const entries = items
    .filter(item => !item.line)
    .map((item, id) => ({
      id,
      name: item.label,
      icon: item.icon,
      hint: item.value,
      keys: item.hint,
      danger: item.danger,
      item,
    }))
  // Its code comes with the first long menu.
  import('./picker.js')
    .then(picker =>
      picker.openPicker({
        anchor: button,
        label: button.getAttribute('aria-label') ?? button.textContent ?? '',
        items: entries,
        chosen: entries.filter(each => each.item.checked).map(each => each.id),
        onPick: each => each.item.run?.(),
      }),
    )
    .catch(showError)
}

/** @param {HTMLElement} box @param {KeyboardEvent} event */
function step(box, event) {
  const all = /** @type {HTMLElement[]} */ ([...box.querySelectorAll('button')])
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement))
  if (isLetter(event)) {
    event.stopPropagation() // a letter in a menu is no shortcut
    const from = [...all.slice(at + 1), ...all.slice(0, at + 1)]
    return from.find(each => fold(each.textContent).startsWith(fold(event.key)))?.focus()
  }
  const to = { ArrowDown: at + 1, ArrowUp: Math.max(0, at) - 1 + all.length, Home: 0, End: all.length - 1 }[
    event.key
  ]
  if (to == null || !all.length) return
  event.preventDefault()
  all[to % all.length].focus()
}

/** @param {KeyboardEvent} event */
const isLetter = event =>
  event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey
