// @ts-check
// What floats above the page: menus, dialogs, short messages, and the voice of a screen reader.
import { h, icon } from './dom.js'
import { owned } from './signal.js'
import { t } from './words.js'

/** @typedef {{label: string, icon?: string, run?: () => any, checked?: boolean, danger?: boolean, line?: boolean, hint?: string}} Item */

/**
 * A button with a menu: arrow keys move, Enter takes, Escape leaves and gives the focus back.
 * @param {any} button @param {() => Item[] | Promise<Item[]>} items asked anew each time it opens; a promise where their code comes first
 */
export function menu(button, items) {
  button.setAttribute('aria-haspopup', 'menu')
  button.setAttribute('aria-expanded', 'false')
  button.addEventListener('click', () => {
    const asked = items()
    if (asked instanceof Promise) asked.then(come => openMenu(button, come)).catch(troubled)
    else openMenu(button, asked)
  })
  return button
}

/** @param {any} button @param {Item[]} items */
export function openMenu(button, items) {
  const box = h('div.menu', { role: 'menu', popover: 'auto' })
  for (const item of items) {
    if (item.line) {
      box.append(h('hr'))
      continue
    }
    const role = item.checked == null ? 'menuitem' : 'menuitemradio'
    box.append(
      h(
        `button${item.danger ? '.danger' : ''}`,
        {
          type: 'button',
          role,
          tabindex: '-1',
          'aria-checked': item.checked == null ? null : String(item.checked),
          onclick: () => {
            box.hidePopover()
            item.run?.()
          },
        },
        item.icon && icon(item.icon),
        h('span', item.label),
        item.checked && icon('check'),
        item.hint && h('kbd', item.hint),
      ),
    )
  }
  box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => step(box, event))
  box.addEventListener('toggle', (/** @type {any} */ event) => {
    button.setAttribute('aria-expanded', String(event.newState === 'open'))
    if (event.newState !== 'closed') return
    if (box.contains(document.activeElement) || document.activeElement === document.body) button.focus()
    box.remove()
  })
  // Inside the nearest dialog, else it would lie behind it; on a page inside its main part.
  ;(button.closest('dialog') ?? document.querySelector('main') ?? document.body).append(box)
  box.showPopover()
  place(box, button)
  ;(box.querySelector('[aria-checked=true]') ?? box.querySelector('button'))?.focus()
}

/** @param {HTMLElement} box @param {KeyboardEvent} event */
function step(box, event) {
  const all = /** @type {HTMLElement[]} */ ([...box.querySelectorAll('button')])
  const at = all.indexOf(/** @type {any} */ (document.activeElement))
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key]
  if (to == null) return
  event.preventDefault()
  all[to % all.length].focus()
}

/** Below its button, or above where there is no room; inside the window always. @param {HTMLElement} box @param {HTMLElement} button */
function place(box, button) {
  const at = button.getBoundingClientRect(),
    size = box.getBoundingClientRect(),
    gap = 6
  const below = at.bottom + gap + size.height < innerHeight
  const rtl = document.documentElement.dir === 'rtl'
  const wantsEnd = at.left + size.width > innerWidth - gap || (rtl && at.right - size.width > gap)
  const left = wantsEnd ? at.right - size.width : at.left
  box.style.setProperty('left', `${Math.max(gap, Math.min(left, innerWidth - size.width - gap))}px`)
  box.style.setProperty('top', `${below ? at.bottom + gap : Math.max(gap, at.top - gap - size.height)}px`)
}

/**
 * A dialog with a title; resolves with what it was closed with (nothing for Escape).
 * @param {string} title @param {(close: (value?: any) => void) => any} make @param {string} [kind]
 * @returns {Promise<any>}
 */
export function dialog(title, make, kind = '') {
  return new Promise(done => {
    /** @type {any} */
    let answer
    /** @type {any} */
    let box
    /** @param {any} [value] */
    const close = value => {
      answer = value
      box.close()
    }
    const [made, stop] = owned(() => make(close))
    box = h(
      'dialog',
      { class: `dialog ${kind}`, 'aria-label': title },
      h(
        'header',
        h('h2', title),
        h(
          'button.button.quiet',
          { type: 'button', 'aria-label': t('common.close'), onclick: () => close() },
          icon('close'),
        ),
      ),
      made,
    )
    box.addEventListener('close', () => {
      stop()
      box.remove()
      done(answer)
    })
    box.addEventListener('click', (/** @type {MouseEvent} */ event) => {
      if (event.target === box) close()
    })
    document.body.append(box)
    box.showModal()
    box.querySelector('[autofocus]')?.focus()
  })
}

/** Asks before something that cannot be undone; what destroys never has the focus. @param {string} title @param {string} text @param {string} action */
export function confirm(title, text, action, danger = true) {
  return dialog(title, close => [
    h('p', text),
    h(
      'footer',
      h(
        'button.button',
        { type: 'button', autofocus: danger, onclick: () => close(false) },
        t('common.cancel'),
      ),
      h(
        `button.button${danger ? '.danger' : '.primary'}`,
        { type: 'button', autofocus: !danger, onclick: () => close(true) },
        action,
      ),
    ),
  ])
}

/** @type {any} */
let shelf = null
/** @type {any} */
let voice = null

/** A short message at the edge; with an action it stays longer. @param {string} text @param {{tone?: 'bad' | 'good', action?: string, run?: () => void, lasts?: number}} [how] */
export function toast(text, { tone, action, run, lasts } = {}) {
  if (!shelf) {
    shelf = h('div.toasts', { role: 'status', 'aria-live': 'polite' })
    document.body.append(shelf)
  }
  const note = h(
    'div',
    { class: `toast ${tone ?? ''}` },
    tone === 'bad' && icon('alert'),
    h('span', text),
    action &&
      h(
        'button.button.quiet',
        {
          type: 'button',
          onclick: () => {
            note.remove()
            run?.()
          },
        },
        action,
      ),
  )
  // What is said already is not said twice, unless each can be undone.
  if (!action) [...shelf.children].find(each => each.textContent === note.textContent)?.remove()
  shelf.append(note)
  setTimeout(() => note.remove(), lasts ?? (action || tone === 'bad' ? 8_000 : 4_000))
}

/** Shows why something did not work. @param {any} problem */
export const troubled = problem => toast(problem?.message || t('error.server'), { tone: 'bad' })

/** Says a new message aloud to those who listen instead of look. @param {string} text */
export function announce(text) {
  if (!voice) {
    voice = h('div.hidden-text', { 'aria-live': 'polite' })
    document.body.append(voice)
  }
  voice.textContent = text
}
