// @ts-check
// Forms: a field with its label, hint and error, and a form that sends once and says what went wrong where.
import { faultsOf, messageOf } from './api.js'
import { h, icon } from './dom.js'
import { signal } from './signal.js'
import { t } from './words.js'

let count = 0

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */
/**
 * @typedef {object} FieldOptions
 * @property {string} name
 * @property {string} [type]
 * @property {string} [value]
 * @property {string} [hint]
 * @property {boolean} [required]
 * @property {string} [autocomplete]
 * @property {number} [minlength]
 * @property {string} [placeholder]
 * @property {[string, string][]} [options]   value and words: a choice
 * @property {number} [rows]                  of a longer text
 * @property {boolean} [autofocus]
 * @property {boolean} [mono]
 * @property {boolean} [spellcheck]
 */

/** @param {string} label @param {FieldOptions} how @returns {HTMLElement} */
export function field(label, how) {
  const { hint, name, required, options, type } = how
  const id = `field-${++count}`
  const input = control(id, how)
  const box = h(
    'div.field',
    h('label', { htmlFor: id }, label, !required && !options && h('span.optional', t('form.optional'))),
    type === 'password' ? revealing(/** @type {HTMLInputElement} */ (input)) : input,
    hint && h('p.hint', { id: `${id}-hint` }, hint),
    h('p.error', { id: `${id}-error` }),
  )
  box.dataset.field = name
  return box
}

/** @param {string} id @param {FieldOptions} how @returns {Control} */
function control(id, { hint, options, rows, mono, type = 'text', ...props }) {
  const given = {
    id,
    'aria-describedby': [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(' '),
    ...(mono ? { class: 'mono', spellcheck: false, autocapitalize: 'none' } : {}),
    ...props,
  }
  if (options) {
    const choices = options.map(([value, words]) =>
      h('option', { value, selected: value === props.value }, words),
    )
    return h('select', given, ...choices)
  }
  return rows ? h('textarea', { rows, ...given }) : h('input', { type, ...given })
}

/** @param {HTMLInputElement} input */
function revealing(input) {
  const shown = signal(false)
  return h(
    'span.revealing',
    input,
    h(
      'button.button.quiet',
      {
        type: 'button',
        'aria-label': () => t(shown() ? 'form.hide' : 'form.show'),
        'aria-pressed': () => String(shown()),
        onclick: () => {
          shown.set(!shown.peek())
          input.type = shown.peek() ? 'text' : 'password'
        },
      },
      icon('eye'),
    ),
  )
}

/** @typedef {{cancel?: () => void, danger?: boolean}} FormOptions danger: what it does cannot be undone */

/**
 * @param {(import('./dom.js').Child | import('./dom.js').Child[])[]} children
 * @param {string} action the button's words
 * @param {(values: Record<string, string>) => Promise<unknown>} send
 * @param {FormOptions} [how]
 * @returns {HTMLFormElement}
 */
export function form(children, action, send, how = {}) {
  const busy = signal(false)
  const trouble = signal('')
  /** @param {Event} event */
  const onsubmit = async event => {
    event.preventDefault()
    if (busy.peek() || !filled(box)) return
    busy.set(true)
    trouble.set('')
    try {
      await send(/** @type {Record<string, string>} */ (Object.fromEntries(new FormData(box))))
    } catch (problem) {
      const placed = place(box, faultsOf(problem))
      if (!placed) trouble.set(messageOf(problem) || t('error.server'))
    } finally {
      busy.set(false)
    }
  }
  const oninput = (/** @type {Event} */ event) =>
    mark(/** @type {Element} */ (event.target).closest('.field'), '')
  /** @type {HTMLFormElement} */
  const box = h(
    'form.form',
    { novalidate: true, onsubmit, oninput },
    ...children,
    h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', trouble)),
    formFoot(action, busy, how),
  )
  return box
}

/** @param {string} action @param {() => boolean} busy @param {FormOptions} how */
const formFoot = (action, busy, { cancel, danger = false }) =>
  h(
    'footer',
    cancel && h('button.button', { type: 'button', onclick: cancel }, t('common.cancel')),
    h(
      `button.button${danger ? '.danger' : '.primary'}`,
      { disabled: busy, 'aria-busy': () => String(busy()) },
      () => (busy() ? t('form.busy') : action),
    ),
  )

/** Our own words for what the browser finds missing, at the field itself. @param {HTMLFormElement} box */
function filled(box) {
  /** @type {Control | null} */
  let first = null
  for (const each of box.elements) {
    // The button that shows a password has nothing to fill in, and must not take back what is said of its
    // field.
    if (!each.matches('input, select, textarea')) continue
    const input = /** @type {Control} */ (each)
    const words = faultOf(input)
    mark(input.closest('.field'), words)
    if (words && !first) first = input
  }
  first?.focus()
  return !first
}

/** @param {Control} input */
function faultOf(input) {
  const { validity } = input
  if (!validity || validity.valid) return ''
  if (validity.valueMissing) return t('form.missing')
  if (validity.tooShort && 'minLength' in input) return t('form.short', { count: input.minLength })
  return input.validationMessage || t('form.missing')
}

/** @param {HTMLFormElement} box @param {Record<string, string>} fields */
function place(box, fields) {
  let placed = 0
  for (const name in fields) {
    const target = box.querySelector(`[data-field="${CSS.escape(name.split('.').pop() ?? '')}"]`)
    if (!target) continue
    mark(target, fields[name])
    // The focus reads the words out, and the field is what has to be changed.
    if (!placed++)
      /** @type {HTMLElement | null} */ (target.querySelector('input, select, textarea'))?.focus()
  }
  return placed
}

/** @param {Element | null} target @param {string} words */
function mark(target, words) {
  const error = target?.querySelector('.error')
  if (!target || !error) return
  error.textContent = words
  target.querySelector('input, select, textarea')?.setAttribute('aria-invalid', String(!!words))
}

/** A value to copy, with a button that says it was. @param {string} label @param {string} value */
export function copyable(label, value) {
  const copied = signal(false)
  const input = h('input.mono', {
    type: 'text',
    readOnly: true,
    value,
    'aria-label': label,
    onfocus: () => input.select(),
  })
  return h(
    'div.field',
    h('span.label', label),
    h(
      'span.copyable',
      input,
      h(
        'button.button',
        {
          type: 'button',
          onclick: async () => {
            input.select()
            try {
              await navigator.clipboard.writeText(value)
              copied.set(true)
              setTimeout(() => copied.set(false), 2000)
            } catch {
              /* selected: Ctrl+C does it */
            }
          },
        },
        icon('copy'),
        h('span', { 'aria-live': 'polite' }, () => t(copied() ? 'common.copied' : 'common.copy')),
      ),
    ),
  )
}

/**
 * A password that is chosen here: as long as the server wants it.
 * @param {string} label
 * @param {{hint: string, autofocus?: boolean}} more
 */
export const newPassword = (label, more) =>
  field(label, {
    name: 'password',
    type: 'password',
    required: true,
    minlength: 12,
    autocomplete: 'new-password',
    ...more,
  })
