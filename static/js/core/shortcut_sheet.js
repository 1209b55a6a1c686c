// @ts-check
// The list of shortcuts, from the same table that acts on them: it tells the keys, and one chooses others in
// it. Fetched when it is opened.
import { dialog } from './dialog.js'
import { h, icon, show } from './dom.js'
import { keyWords } from './key_words.js'
import { isPossible, ownerOf } from './shortcut_rules.js'
import * as keys from './shortcuts.js'
import { flush, signal } from './signal.js'
import { stylesheet } from './stylesheet.js'
import { moreWords, t } from './words.js'

await Promise.all([moreWords(), stylesheet('shortcuts')])

/** @typedef {import('./shortcuts.js').Shortcut} Shortcut */

const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Fn'])

export const openShortcutSheet = () => dialog(t('keys.title'), sheet, 'shortcut-sheet')

function sheet() {
  const trouble = signal('')
  return [
    h('dl.shortcuts', ...keys.shortcuts.map(each => new Row(each, trouble).box)),
    h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', trouble)),
    singleKeys(),
    h(
      'footer',
      h(
        'button.button',
        { type: 'button', disabled: () => !keys.shortcuts.some(keys.isOwn), onclick: () => keys.resetKeys() },
        t('keys.reset_all'),
      ),
    ),
  ]
}

function singleKeys() {
  const box = h('input', {
    type: 'checkbox',
    checked: keys.single.on,
    onchange: () => {
      keys.single.on = box.checked
    },
  })
  return h('label', box, ' ', t('keys.single'))
}

/** An act and its keys. */
class Row {
  #each
  #trouble
  /** Whether the next key becomes its own. */
  #isListening = signal(false)
  /** The first of two keys. */
  #first = signal('')

  /** @param {Shortcut} each @param {import('./signal.js').Signal<string>} trouble why a key was not taken */
  constructor(each, trouble) {
    this.#each = each
    this.#trouble = trouble
    const keysOrField = show(h('dd'), () => (this.#isListening() ? this.#field() : this.#keys()))
    this.box = h('div', h('dt', this.#label), keysOrField)
  }

  get #label() {
    return labelOf(this.#each)
  }

  #keys() {
    const tool = (/** @type {string} */ name, /** @type {string} */ sign, /** @type {() => void} */ run) => {
      const words = t(name, { name: this.#label })
      return h(
        'button.button.quiet.small',
        { type: 'button', 'aria-label': words, title: words, onclick: run },
        icon(sign),
      )
    }
    return [
      h('span.keys', ...keys.keysOf(this.#each).map(key => h('span', ...kbds(key)))),
      keys.isOwn(this.#each) && tool('keys.reset', 'retry', () => this.#take(this.#each.keys)),
      tool('keys.change', 'pen', () => this.#listen()),
    ]
  }

  #field() {
    return h(
      'button.button.small.listening',
      {
        type: 'button',
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#hear(event),
        onblur: () => this.#end(),
      },
      () => (this.#first() ? t('keys.second', { key: keyWords(this.#first()) }) : t('keys.press')),
    )
  }

  #listen() {
    this.#trouble.set('')
    this.#first.set('')
    this.#isListening.set(true)
    this.#focus('.listening')
  }

  #end() {
    this.#isListening.set(false)
  }

  /** @param {string} what */
  #focus(what) {
    flush()
    this.box.querySelector(what)?.focus()
  }

  /** @param {KeyboardEvent} event */
  #hear(event) {
    if (MODIFIERS.has(event.key) || event.key === 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    if (event.repeat) return // the key that led here is still held
    if (event.key === 'Escape') return this.#leave()
    const pressed = keys.nameOf(event)
    const isSign = pressed.length === 1
    if (isSign && !this.#first.peek() && keys.isFirstOfTwo(pressed)) return this.#first.set(pressed)
    this.#take([isSign && this.#first.peek() ? `${this.#first.peek()} ${pressed}` : pressed])
  }

  /** @param {string[]} wanted */
  #take(wanted) {
    const trouble = wanted.map(key => this.#faultOf(key)).find(Boolean) ?? ''
    this.#trouble.set(trouble)
    this.#first.set('')
    if (trouble) return
    keys.chooseKey(this.#each, wanted === this.#each.keys ? null : wanted[0])
    this.#leave()
  }

  #leave() {
    this.#end()
    this.#focus('button:last-of-type')
  }

  /** @param {string} key */
  #faultOf(key) {
    if (!isPossible(key)) return t('keys.refused', { key: keyWords(key) })
    const owner = ownerOf(key, this.#each, keys.shortcuts)
    return owner && t('keys.taken', { key: keyWords(key), name: labelOf(owner) })
  }
}

/** @param {Shortcut} each */
const labelOf = each => each.label ?? t(`keys.${each.name}`)

/** @param {string} key */
const kbds = key => key.split(' ').map(one => h('kbd', keyWords(one)))
