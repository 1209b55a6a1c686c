// @ts-check
// What is offered while one types: after a sign (`/`, `@`, `:`) at the start of a word a list opens above the box. Arrows move,
// Enter or Tab takes, Escape closes; the cursor stays in the box.
import { h } from '../core/dom.js'
import { effect, signal } from '../core/signal.js'

/** @typedef {{label: string, hint?: string, text: string, run?: () => void}} Offer */
let count = 0

/** The word before the cursor that begins with a sign. @param {string} text @param {number} at @param {string} signs */
export function wordAt(text, at, signs) {
  const found = /(^|\s)(\S*)$/u.exec(text.slice(0, at))
  const word = found?.[2] ?? ''
  return word && signs.includes(word[0])
    ? { sign: word[0], rest: word.slice(1), from: at - word.length, to: at }
    : null
}

/**
 * @param {import('./composer.js').Box} box @param {string} signs
 * @param {(sign: string, rest: string) => Offer[]} find
 * @param {string} name what the list is called
 */
export function suggest({ area, insert }, signs, find, name) {
  const id = `offers-${++count}`
  const list = h('ul.offers', { id, role: 'listbox', 'aria-label': name, hidden: true })
  /** @type {Offer[]} */
  let offers = []
  let at = 0
  /** @type {ReturnType<typeof wordAt>} */
  let word = null
  area.setAttribute('aria-autocomplete', 'list')

  const typed = signal(/** @type {ReturnType<typeof wordAt>} */ (null))
  function hide() {
    list.hidden = true
    area.removeAttribute('aria-activedescendant')
    area.removeAttribute('aria-controls')
  }
  function close() {
    offers = []
    typed.set(null)
    hide()
  }
  function draw() {
    list.replaceChildren(
      ...offers.map((offer, i) =>
        h(
          'li',
          {
            id: `${id}-${i}`,
            role: 'option',
            'aria-selected': String(i === at),
            onpointerdown: (/** @type {Event} */ event) => {
              event.preventDefault()
              take(i)
            },
          },
          h('b', { dir: 'auto' }, offer.label),
          offer.hint && h('span', { dir: 'auto' }, offer.hint),
        ),
      ),
    )
    list.hidden = !offers.length
    if (!offers.length) return hide()
    area.setAttribute('aria-controls', id)
    area.setAttribute('aria-activedescendant', `${id}-${at}`)
    list.children[at]?.scrollIntoView({ block: 'nearest' })
  }
  function look() {
    word = wordAt(area.value, area.selectionStart, signs)
    typed.set(word && { ...word })
  }
  // What it comes from may arrive while one types.
  effect(() => {
    const it = typed()
    offers = it ? find(it.sign, it.rest).slice(0, 8) : []
    at = 0
    draw()
  })
  /** @param {number} which */
  function take(which) {
    const offer = offers[which]
    if (!offer || !word) return
    area.setSelectionRange(word.from, word.to)
    insert(offer.text)
    close()
    offer.run?.()
  }
  area.addEventListener('input', look)
  look()
  area.addEventListener('blur', close)
  // Before the box's own keys: Enter takes an offer instead of sending.
  area.addEventListener(
    'keydown',
    (/** @type {KeyboardEvent} */ event) => {
      if (list.hidden || event.isComposing) return
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
      if (by) at = (at + by + offers.length) % offers.length
      else if (event.key !== 'Enter' && event.key !== 'Tab' && event.key !== 'Escape') return
      event.preventDefault()
      event.stopImmediatePropagation()
      if (by) draw()
      else if (event.key === 'Escape') close()
      else take(at)
    },
    { capture: true },
  )
  return list
}
