// @ts-check
// What is offered while one types: after a sign (`/`, `@`, `#`) at the start of a word a list opens above the
// box. Arrows move, Enter or Tab takes, Escape closes; the cursor stays in the box.
import { h } from '../core/dom.js'
import { effect, signal } from '../core/signal.js'

/** @typedef {{label: string, hint?: string, text: string, run?: () => void}} Offer */
/** @typedef {{sign: string, rest: string, from: number, to: number}} Word */

/** How many are offered at once. */
const MOST = 8
let count = 0

/** The word before the cursor that begins with a sign. @param {string} text @param {number} at @param {string} signs @returns {Word | null} */
export function wordAt(text, at, signs) {
  const found = /(^|\s)(\S*)$/u.exec(text.slice(0, at))
  const word = found?.[2] ?? ''
  if (!word || !signs.includes(word[0])) return null
  return { sign: word[0], rest: word.slice(1), from: at - word.length, to: at }
}

/**
 * @param {import('./composer_box.js').Box} box @param {string} signs
 * @param {(sign: string, rest: string) => Offer[]} find
 * @param {string} name what the list is called
 */
export function suggest(box, signs, find, name) {
  const { area } = box
  const list = h('ul.offers', { id: `offers-${++count}`, role: 'listbox', 'aria-label': name, hidden: true })
  const typed = signal(/** @type {Word | null} */ (null)),
    offers = signal(/** @type {Offer[]} */ ([])),
    at = signal(0)
  const close = () => typed.set(null)
  const look = () => typed.set(wordAt(area.value, area.selectionStart, signs))

  /** @param {number} which */
  function take(which) {
    const offer = offers.peek()[which],
      word = typed.peek()
    if (!offer || !word) return
    area.setSelectionRange(word.from, word.to)
    box.insert(offer.text)
    close()
    offer.run?.()
  }
  area.setAttribute('aria-autocomplete', 'list')
  // What it comes from may arrive while one types.
  effect(() => {
    const it = typed()
    offers.set(it ? find(it.sign, it.rest).slice(0, MOST) : [])
    at.set(0)
  })
  effect(() => draw(list, area, offers(), at(), take))
  area.addEventListener('input', look)
  area.addEventListener('blur', close)
  const step = (/** @type {number} */ by) =>
    at.set((at.peek() + by + offers.peek().length) % offers.peek().length)
  // Before the box's own keys: Enter takes an offer instead of sending.
  area.addEventListener(
    'keydown',
    event => heard(event, list, { step, close, take: () => take(at.peek()) }),
    { capture: true },
  )
  look()
  return list
}

/** @param {HTMLElement} list @param {HTMLTextAreaElement} area @param {Offer[]} offers @param {number} at @param {(which: number) => void} take */
function draw(list, area, offers, at, take) {
  const option = (/** @type {Offer} */ offer, /** @type {number} */ i) =>
    h(
      'li',
      {
        id: `${list.id}-${i}`,
        role: 'option',
        'aria-selected': String(i === at),
        onpointerdown: (/** @type {Event} */ event) => {
          event.preventDefault()
          take(i)
        },
      },
      h('b', { dir: 'auto' }, offer.label),
      offer.hint && h('span', { dir: 'auto' }, offer.hint),
    )
  list.replaceChildren(...offers.map(option))
  list.hidden = !offers.length
  if (list.hidden) {
    area.removeAttribute('aria-activedescendant')
    area.removeAttribute('aria-controls')
    return
  }
  area.setAttribute('aria-controls', list.id)
  area.setAttribute('aria-activedescendant', `${list.id}-${at}`)
  list.children[at]?.scrollIntoView({ block: 'nearest' })
}

/** @param {KeyboardEvent} event @param {HTMLElement} list @param {{step: (by: number) => void, close: () => void, take: () => void}} acts */
function heard(event, list, { step, close, take }) {
  if (list.hidden || event.isComposing) return
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const act = { Enter: take, Tab: take, Escape: close }[event.key]
  if (!by && !act) return
  event.preventDefault()
  event.stopImmediatePropagation()
  if (by) step(by)
  act?.()
}
