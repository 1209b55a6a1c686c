// @ts-check
// What floats above the page: menus, dialogs, short messages, and the voice of a screen reader.
import { h, icon } from './dom.js'
import { owned } from './signal.js'
import { back, closed, opened, stays } from './history_steps.js'
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
    if (asked instanceof Promise) asked.then(come => openMenu(button, come)).catch(showError)
    else openMenu(button, asked)
  })
  return button
}

/** More entries than these are looked through by typing. */
const MANY = 15
/** As one compares words: without accents and capitals. @param {string | null} text */
const plain = text => (text ?? '').normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** @param {any} button @param {Item[]} items */
export function openMenu(button, items) {
  const many = items.length > MANY
  const box = h('div.menu', { role: many ? null : 'menu', popover: 'auto' }),
    list = many ? h('div', { role: 'menu' }) : box
  const find =
    many &&
    h('input', {
      type: 'search',
      placeholder: t('menu.find'),
      'aria-label': t('menu.find'),
      autocomplete: 'off',
      spellcheck: false,
      oninput: () => {
        const words = plain(find.value).trim()
        for (const each of list.children)
          each.hidden = words && (each.localName === 'hr' || !plain(each.textContent).includes(words))
        none.hidden = [...list.children].some(each => !each.hidden)
        place(box, button)
      },
    })
  const none = h('p.none', { role: 'status', hidden: true }, t('menu.none'))
  if (find) box.append(find, list, none)
  for (const item of items) {
    if (item.line) {
      list.append(h('hr'))
      continue
    }
    const role = item.checked == null ? 'menuitem' : 'menuitemradio'
    list.append(
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
  const first = box.querySelector('[aria-checked=true]') ?? box.querySelector('button')
  if (find) first?.scrollIntoView({ block: 'nearest' })
  // Where there is no keyboard, one of the screen would cover the list.
  ;(find && matchMedia('(hover: hover)').matches ? find : first)?.focus()
}

/** @param {HTMLElement} box @param {KeyboardEvent} event */
function step(box, event) {
  const all = /** @type {HTMLElement[]} */ ([...box.querySelectorAll('button:not([hidden])')])
  const find = /** @type {HTMLInputElement | null} */ (box.querySelector('input'))
  const here = /** @type {any} */ (document.activeElement),
    at = all.indexOf(here)
  if (here === find && event.key === 'Enter') {
    event.preventDefault()
    return all[0]?.click()
  }
  const letter =
    event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey
  if (letter) event.stopPropagation() // a letter in a menu is no shortcut
  if (letter && here !== find) {
    if (find) return find.focus()
    const from = [...all.slice(at + 1), ...all.slice(0, at + 1)]
    return from.find(each => plain(each.textContent).startsWith(plain(event.key)))?.focus()
  }
  if (here === find && (event.key === 'Home' || event.key === 'End')) return
  const to = { ArrowDown: at + 1, ArrowUp: (at < 0 ? 0 : at) - 1 + all.length, Home: 0, End: all.length - 1 }[
    event.key
  ]
  if (to == null || !all.length) return
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
 * How to leave what is open, the uppermost last: Back does it, and leaves the page beneath as it is.
 * @type {(() => any)[]}
 */
const open = []
back.leave = () => open.at(-1)?.()

/**
 * What covers the page is a step of its history.
 * @param {() => any} leave
 * @returns {() => void} to be called when it has closed
 */
export function asStep(leave) {
  open.push(leave)
  opened()
  return () => {
    if (!open.includes(leave)) return
    open.splice(open.indexOf(leave), 1)
    closed()
  }
}

/**
 * A dialog with a title; resolves with what it was closed with (nothing for Escape). What was typed in it
 * is not lost
 * to Escape, to the ×, to a click beside it or to Back without a question.
 * @param {string} title @param {(close: (value?: any) => void) => any} make @param {string} [kind]
 * @param {{guards?: boolean, isStep?: boolean}} [how] guards: false where what is typed only looks for
 * something; isStep: false where it leads to other pages
 * @returns {Promise<any>}
 */
export function dialog(title, make, kind = '', { guards = true, isStep = true } = {}) {
  return new Promise(done => {
    /** @type {any} */
    let answer
    /** @type {any} */
    let box
    /** What stood in each field when somebody came to it. @type {Map<any, any>} */
    const before = new Map()
    const held = (/** @type {any} */ field) =>
      /^(checkbox|radio)$/.test(field.type) ? field.checked : field.value
    /** Whether something would be lost: what was sent is no longer there. A search only looks for something. */
    const isTyped = () =>
      !!box.querySelector('[data-changed]') ||
      [...before].some(([field, was]) => box.contains(field) && !field.readOnly && held(field) !== was)
    let asking = false
    /** @param {any} [value] */
    const close = value => {
      answer = value
      box.close()
      left() // its event comes later than what may be opened next
    }
    async function leave() {
      if (asking) return
      if (guards && isTyped()) {
        if (isStep) stays()
        asking = true
        const sure = await confirm(t('discard.title'), t('discard.sure'), t('discard.it'))
        asking = false
        if (!sure) return
      }
      close()
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
          { type: 'button', 'aria-label': t('common.close'), onclick: leave },
          icon('close'),
        ),
      ),
      made,
    )
    box.addEventListener('close', (/** @type {Event} */ event) => {
      if (event.target !== box) return
      stop()
      box.remove()
      left()
      done(answer)
    })
    box.addEventListener('click', (/** @type {MouseEvent} */ event) => {
      if (event.target === box) leave()
    })
    // A browser lets a page hold off only the first Escape by `cancel`: so the key itself is heard.
    box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return
      if (box.querySelector(':popover-open')) return
      event.preventDefault()
      event.stopPropagation()
      leave()
    })
    box.addEventListener('cancel', (/** @type {Event} */ event) => {
      if (event.target !== box) return
      event.preventDefault()
      leave()
    })
    box.addEventListener('focusin', (/** @type {any} */ event) => {
      const field = event.target
      if (field.matches('form input:not([type=search]), form select, textarea') && !before.has(field))
        before.set(field, held(field))
    })
    const left = isStep ? asStep(leave) : () => {}
    document.body.append(box)
    box.showModal()
    box.querySelector('[autofocus]')?.focus()
  })
}

/**
 * Asks before something that cannot be undone; what destroys never has the focus.
 * @param {string} title
 * @param {string} text
 * @param {string} action
 */
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
/** @type {any} */
let fading = null

/**
 * A short message at the edge, one at a time; with an action it stays longer. The page makes room for it: nothing lies beneath.
 * @param {string} text
 * @param {{tone?: 'bad' | 'good', action?: string, run?: () => void, lasts?: number}} [how]
 */
export function toast(text, { tone, action, run, lasts } = {}) {
  if (!shelf) {
    shelf = h('div.toasts', { role: 'status', 'aria-live': 'polite' })
    document.body.append(shelf)
  }
  const gone = () => {
    shelf.replaceChildren()
    document.documentElement.style.removeProperty('--toast')
  }
  shelf.replaceChildren(
    h(
      'div',
      { class: `toast ${tone ?? ''}` },
      tone === 'bad' && icon('alert'),
      h('span', { dir: 'auto' }, text),
      action &&
        h(
          'button.button.quiet',
          {
            type: 'button',
            onclick: () => {
              gone()
              run?.()
            },
          },
          action,
        ),
    ),
  )
  document.documentElement.style.setProperty('--toast', `${shelf.offsetHeight}px`)
  clearTimeout(fading)
  fading = setTimeout(gone, lasts ?? (action || tone === 'bad' ? 8_000 : 4_000))
}

/** Shows why something did not work. @param {any} problem */
export const showError = problem =>
  // A part of the page that did not come: a browser's own words for that are no words for a person.
  toast(
    problem instanceof TypeError && /import|module|fetch/i.test(problem.message)
      ? t('error.offline')
      : problem?.message || t('error.server'),
    { tone: 'bad' },
  )

/** Says a new message aloud to those who listen instead of look. @param {string} text */
export function announce(text) {
  if (!voice) {
    voice = h('div.hidden-text', { 'aria-live': 'polite' })
    document.body.append(voice)
  }
  voice.textContent = text
}
