// @ts-check
// Writing a template: its fields with what the platform's rules say of each, and beside them how a phone
// would show it. Sent to the platform, which approves it or not.
import { patch, post, Problem } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { computed, signal, untracked } from '../core/signal.js'
import { named, t } from '../core/words.js'
import { templateFile } from '../chat/template_file.js'
import { templatePreview } from '../chat/template_preview.js'
import {
  BUTTONS,
  CATEGORIES,
  FORMATS,
  LONGEST,
  contentOf,
  draftOf,
  faultsOf,
  placesOfDraft,
} from './template_draft.js'

/** @typedef {import('../core/template_parts.js').Template} Template */
/** @typedef {import('./template_draft.js').Draft} Draft */
/** @typedef {import('../core/signal.js').Signal<Draft>} Writing */

const FILES = ['image', 'video', 'document']

/**
 * @param {string} path of the channel's templates
 * @param {Template | null} it nothing: a new one
 * @param {() => unknown} again
 */
export const editTemplate = (path, it, again) =>
  dialog(
    t(it ? 'templates.edit' : 'templates.new'),
    close => {
      const writing = signal(draftOf(it))
      return form(
        [...naming(writing, it), ...content(writing), preview(writing)],
        t('templates.submit'),
        async () => {
          const draft = writing.peek()
          const faults = faultsOf(draft)
          if (Object.keys(faults).length) throw new Problem(422, 'incomplete', '', faults)
          await (it ? patch(`${path}/${it.id}`, changeOf(draft)) : post(path, newOf(draft)))
          again()
          close()
        },
        { cancel: () => close() },
      )
    },
    'wide',
  )

/** @param {Draft} draft */
const changeOf = draft => ({ category: draft.category.toUpperCase(), content: contentOf(draft) })
/** @param {Draft} draft */
const newOf = draft => ({ name: draft.name, language: draft.language, ...changeOf(draft) })

/** @param {Writing} writing @param {Partial<Draft>} change */
const put = (writing, change) => writing.set({ ...writing.peek(), ...change })

/**
 * A field that keeps what is typed in the draft.
 * @param {Writing} writing
 * @param {'name' | 'language' | 'category' | 'format' | 'header' | 'body' | 'footer'} name
 * @param {Partial<import('../core/form.js').FieldOptions>} [how]
 */
function kept(writing, name, how = {}) {
  const box = field(t(`templates.${name}`), {
    name,
    value: writing.peek()[name],
    autocomplete: 'off',
    ...how,
  })
  const control = /** @type {HTMLInputElement} */ (box.querySelector('input, textarea, select'))
  control.addEventListener(how.options ? 'change' : 'input', () => put(writing, { [name]: control.value }))
  return box
}

/** What it is called cannot be another once it was sent. @param {Writing} writing @param {Template | null} it */
const naming = (writing, it) => [
  !it &&
    kept(writing, 'name', { required: true, mono: true, hint: t('templates.name_hint'), autofocus: true }),
  !it && kept(writing, 'language', { required: true, hint: t('templates.language_hint') }),
  kept(writing, 'category', { options: CATEGORIES.map(each => [each, named('template_category', each)]) }),
]

/** @param {Writing} writing */
function content(writing) {
  const isPassword = computed(() => writing().category === 'authentication')
  return [
    h('p.note-line', { hidden: () => !isPassword() }, t('templates.password_about')),
    h(
      'div',
      { hidden: isPassword },
      kept(writing, 'format', {
        options: FORMATS.map(each => [each, named('template_format', each || 'none')]),
      }),
      above(writing),
      kept(writing, 'body', {
        rows: 5,
        hint: t('templates.body_hint', { place: '{{1}}', count: LONGEST.body }),
      }),
      kept(writing, 'footer', { hint: t('templates.count_hint', { count: LONGEST.footer }) }),
      examples(writing),
      buttons(writing),
    ),
  ]
}

/** @param {Writing} writing */
function above(writing) {
  const format = computed(() => writing().format)
  return show(h('div'), () => {
    const it = format()
    return untracked(() => {
      if (it === 'text')
        return [kept(writing, 'header', { hint: t('templates.count_hint', { count: LONGEST.header }) })]
      if (!FILES.includes(it)) return []
      const label = t('templates.sample')
      return [templateFile({ name: 'header', label, format: it }, ({ id }) => put(writing, { sample: id }))]
    })
  })
}

/** One for each place, made anew only where the places are others. @param {Writing} writing */
function examples(writing) {
  const names = computed(() => placesOfDraft(writing()).join(' '))
  return show(h('div'), () => {
    const all = names().split(' ').filter(Boolean)
    return untracked(() => all.map(name => exampleField(writing, name)))
  })
}

/** @param {Writing} writing @param {string} name */
function exampleField(writing, name) {
  const box = field(t('templates.example', { name: name.split('.')[1] }), {
    name: name.replace('.', '_'),
    value: writing.peek().examples[name] ?? '',
    autocomplete: 'off',
  })
  const input = /** @type {HTMLInputElement} */ (box.querySelector('input'))
  input.addEventListener('input', () =>
    put(writing, { examples: { ...writing.peek().examples, [name]: input.value } }),
  )
  return box
}

/** @param {Writing} writing */
function buttons(writing) {
  const count = computed(() =>
    writing()
      .buttons.map(each => each.kind)
      .join(' '),
  )
  const add = () =>
    put(writing, {
      buttons: [...writing.peek().buttons, { kind: 'quick_reply', text: '', value: '', example: '' }],
    })
  const box = h(
    'div.field',
    h('span.label', t('templates.buttons')),
    show(h('div'), () => {
      count()
      return untracked(() => writing.peek().buttons.map((_, index) => buttonRow(writing, index)))
    }),
    h('button.button.small', { type: 'button', onclick: add }, icon('plus'), t('templates.add_button')),
    h('p.error'),
  )
  box.dataset.field = 'buttons'
  return box
}

/** @param {Writing} writing @param {number} index */
function buttonRow(writing, index) {
  const it = writing.peek().buttons[index]
  const change = (/** @type {Partial<import('./template_draft.js').DraftButton>} */ more) =>
    put(writing, {
      buttons: writing.peek().buttons.map((each, at) => (at === index ? { ...each, ...more } : each)),
    })
  const text = (/** @type {'text' | 'value' | 'example'} */ name, /** @type {string} */ words) =>
    h('input', {
      type: 'text',
      value: it[name],
      'aria-label': words,
      placeholder: words,
      oninput: (/** @type {{currentTarget: HTMLInputElement}} */ event) =>
        change({ [name]: event.currentTarget.value }),
    })
  const kind = h(
    'select',
    {
      'aria-label': t('templates.button_kind'),
      onchange: (/** @type {{currentTarget: HTMLSelectElement}} */ event) =>
        change({ kind: event.currentTarget.value }),
    },
    ...BUTTONS.map(each =>
      h('option', { value: each, selected: each === it.kind }, named('template_button', each)),
    ),
  )
  return h('div.row', kind, ...valuesOf(it.kind, text), remover(writing, index))
}

/**
 * @param {string} kind
 * @param {(name: 'text' | 'value' | 'example', words: string) => HTMLElement} text
 */
const valuesOf = (kind, text) => [
  kind !== 'copy_code' && text('text', t('templates.button_text')),
  kind === 'url' && text('value', t('templates.button_url', { place: '{{1}}' })),
  kind === 'phone' && text('value', t('templates.button_phone')),
  (kind === 'url' || kind === 'copy_code') && text('example', t('templates.button_example')),
]

/** @param {Writing} writing @param {number} index */
const remover = (writing, index) =>
  h(
    'button.button.small',
    {
      type: 'button',
      'aria-label': t('templates.remove_button', { number: index + 1 }),
      onclick: () => put(writing, { buttons: writing.peek().buttons.filter((_, at) => at !== index) }),
    },
    icon('trash'),
  )

/** @param {Writing} writing */
const preview = writing =>
  show(h('div'), () => {
    const draft = writing()
    return untracked(() => [templatePreview(contentOf(draft), () => draft.examples)])
  })
