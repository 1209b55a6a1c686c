// @ts-check
// Forms: a field with its label, hint and error, and a form that sends once and says what went wrong where.
import { h, icon } from './dom.js'
import { signal } from './signal.js'
import { t } from './words.js'

let count = 0

/**
 * @param {string} label
 * @param {{name: string, type?: string, value?: string, hint?: string, required?: boolean, autocomplete?: string, minlength?: number, placeholder?: string, options?: [string, string][], rows?: number, autofocus?: boolean, mono?: boolean, spellcheck?: boolean}} how
 */
export function field(label, { hint, options, rows, mono, type = 'text', ...props }) {
  const id = `field-${++count}`
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(' ')
  const given = {
    id,
    'aria-describedby': described,
    ...(mono ? { class: 'mono', spellcheck: false, autocapitalize: 'none' } : {}),
    ...props,
  }
  const input = options
    ? h(
        'select',
        given,
        ...options.map(([value, words]) => h('option', { value, selected: value === props.value }, words)),
      )
    : rows
      ? h('textarea', { rows, ...given })
      : h('input', { type, ...given })
  const box = h(
    'div.field',
    h('label', { htmlFor: id }, label, !props.required && !options && h('span.optional', t('form.optional'))),
    type === 'password' ? revealing(input) : input,
    hint && h('p.hint', { id: `${id}-hint` }, hint),
    h('p.error', { id: `${id}-error` }),
  )
  box.dataset.field = props.name
  return box
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

/**
 * @param {any[]} children @param {string} action the button's words
 * @param {(values: Record<string, string>) => Promise<any>} send
 * @param {{cancel?: () => void, danger?: boolean}} [how] danger: what it does cannot be undone
 */
export function form(children, action, send, { cancel, danger = false } = {}) {
  const busy = signal(false),
    trouble = signal('')
  const box = h(
    'form.form',
    {
      novalidate: true,
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault()
        if (busy.peek() || !filled(box)) return
        busy.set(true)
        trouble.set('')
        try {
          await send(/** @type {any} */ (Object.fromEntries(new FormData(box))))
        } catch (/** @type {any} */ problem) {
          const placed = place(box, problem.fields ?? {})
          if (!placed) trouble.set(problem.message || t('error.server'))
        } finally {
          busy.set(false)
        }
      },
      oninput: (/** @type {any} */ event) => mark(event.target.closest('.field'), ''),
    },
    ...children,
    h(
      'p.trouble',
      { role: 'alert', hidden: () => !trouble() },
      icon('alert'),
      h('span', () => trouble()),
    ),
    h(
      'footer',
      cancel && h('button.button', { type: 'button', onclick: cancel }, t('common.cancel')),
      h(
        `button.button${danger ? '.danger' : '.primary'}`,
        { disabled: () => busy(), 'aria-busy': () => String(busy()) },
        () => (busy() ? t('form.busy') : action),
      ),
    ),
  )
  return box
}

/** Our own words for what the browser finds missing, at the field itself. @param {HTMLFormElement} box */
function filled(box) {
  /** @type {any} */
  let first = null
  for (const input of /** @type {any} */ (box.elements)) {
    // The button that shows a password has nothing to fill in, and must not take back what is said of its field.
    if (!input.matches('input, select, textarea')) continue
    const wrong = input.validity && !input.validity.valid
    const words = !wrong
      ? ''
      : input.validity.valueMissing
        ? t('form.missing')
        : input.validity.tooShort
          ? t('form.short', { count: input.minLength })
          : input.validationMessage
    if (input.closest('.field')) mark(input.closest('.field'), words)
    if (wrong && !first) first = input
  }
  first?.focus()
  return !first
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

/** @param {any} target @param {string} words */
function mark(target, words) {
  if (!target) return
  target.querySelector('.error').textContent = words
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
