// @ts-check
// What covers the page until it is answered. What was typed in it is not lost to Escape, to the ×, to a click
// beside it or to Back without a question; what destroys never has the focus.
import { h, icon } from './dom.js'
import { form } from './form.js'
import { asStep, stays } from './history_steps.js'
import { owned } from './signal.js'
import { stylesheet } from './stylesheet.js'
import { t } from './words.js'

await stylesheet('dialog')

/**
 * @typedef {object} DialogManner
 * @property {boolean} [guards]   false where what is typed only looks for something
 * @property {boolean} [isStep]   false where it leads to other pages
 */

/** @typedef {import('./dom.js').Child | import('./dom.js').Child[]} Made */

/**
 * A dialog with a title; resolves with what it was closed with, and with nothing where somebody left it.
 * @template [Answer=void]
 * @param {string} title
 * @param {(close: (value?: Answer) => void) => Made} make what stands in it
 * @param {string} [kind] a class of its own
 * @param {DialogManner} [manner]
 * @returns {Promise<Answer | undefined>}
 */
export function dialog(title, make, kind = '', { guards = true, isStep = true } = {}) {
  return new Promise(done => {
    const typed = whatWasTyped()
    /** @type {Answer | undefined} */
    let answer
    /** @param {Answer} [value] */
    const close = value => {
      answer = value
      box.close()
      left() // its event comes later than what may be opened next
    }
    const leave = asking(() => guards && typed.isThere(box), isStep, close)
    const [made, stop] = owned(() => make(close))
    const box = frame(title, kind, leave, made)
    box.addEventListener('focusin', typed.note)
    box.addEventListener('close', event => {
      if (event.target !== box) return
      stop()
      box.remove()
      left()
      done(answer)
    })
    const left = isStep ? asStep(leave) : () => {}
    document.body.append(box)
    box.showModal()
    const first = /** @type {HTMLElement | null} */ (box.querySelector('[autofocus]'))
    first?.focus()
  })
}

/**
 * What stood in each field when somebody came to it: what was sent is no longer there, and a search loses
 * nothing.
 */
function whatWasTyped() {
  /** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */
  /** @type {Map<Field, string | boolean>} */
  const before = new Map()
  const held = (/** @type {Field} */ field) =>
    field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type) ? field.checked : field.value
  const isFixed = (/** @type {Field} */ field) => 'readOnly' in field && field.readOnly
  return {
    /** @param {Event} event */
    note: event => {
      const field = /** @type {Field} */ (event.target)
      if (field.matches('form input:not([type=search]), form select, textarea') && !before.has(field))
        before.set(field, held(field))
    },
    /** @param {HTMLElement} box */
    isThere: box =>
      !!box.querySelector('[data-changed]') ||
      [...before].some(([field, was]) => box.contains(field) && !isFixed(field) && held(field) !== was),
  }
}

/**
 * Leaves, after a question where something would be lost; while it is asked, nothing else is.
 * @param {() => boolean} wouldLose
 * @param {boolean} isStep
 * @param {() => void} close
 */
function asking(wouldLose, isStep, close) {
  let isAsking = false
  return async () => {
    if (isAsking) return
    if (wouldLose()) {
      if (isStep) stays()
      isAsking = true
      const isSure = await confirm(t('discard.title'), t('discard.sure'), t('discard.it'))
      isAsking = false
      if (!isSure) return
    }
    close()
  }
}

/**
 * @param {string} title @param {string} kind @param {() => void} leave @param {Made} made
 * @returns {HTMLDialogElement}
 */
function frame(title, kind, leave, made) {
  const cross = h(
    'button.button.quiet',
    { type: 'button', 'aria-label': t('common.close'), onclick: leave },
    icon('close'),
  )
  /** @type {HTMLDialogElement} */
  const box = h(
    'dialog',
    { class: `dialog ${kind}`, 'aria-label': title },
    h('header', h('h2', title), cross),
    made,
  )
  box.addEventListener('click', event => {
    if (event.target === box) leave()
  })
  // A browser lets a page hold off only the first Escape by `cancel`: so the key itself is heard.
  box.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return
    if (box.querySelector(':popover-open')) return
    event.preventDefault()
    event.stopPropagation()
    leave()
  })
  box.addEventListener('cancel', event => {
    if (event.target !== box) return
    event.preventDefault()
    leave()
  })
  return box
}

/**
 * Asks before something that cannot be undone.
 * @param {string} title
 * @param {string} text
 * @param {string} action
 * @param {boolean} [danger]
 * @returns {Promise<boolean | undefined>}
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

/**
 * A form in a dialog: closes with what `send` answered (or true), and stays with what was typed where it was
 * refused.
 * @param {string} title
 * @template Answer
 * @param {Made[]} fields
 * @param {string} action the button's words
 * @param {(values: Record<string, string>) => Promise<Answer>} send
 * @param {DialogManner & {kind?: string, danger?: boolean}} [how]
 * @returns {Promise<Answer | true | undefined>}
 */
export function formDialog(title, fields, action, send, { kind = '', danger = false, ...manner } = {}) {
  return dialog(
    title,
    close =>
      form(fields, action, async values => close((await send(values)) ?? true), {
        cancel: () => close(),
        danger,
      }),
    kind,
    manner,
  )
}
