// @ts-check
// What a page's list is narrowed by: fields whose values stand in the address.
import { h } from '../core/dom.js'
import { effect, onCleanup, untracked } from '../core/signal.js'
import { filter, setFilters } from './address.js'

/**
 * @typedef {object} Filter
 * @property {string} name    what the address and the server call it
 * @property {string} label
 * @property {'search' | 'date'} [type]
 * @property {() => [string, string][]} [options] values with their words; the first is the one that narrows
 *   nothing
 */

/** Typing is over when nothing was typed for this long. */
const PAUSE = 200

/** @param {string} label @param {Filter[]} fields */
export const filterBar = (label, fields) =>
  h('div.filters', { role: 'group', 'aria-label': label }, ...fields.map(field))

/** @param {Filter} it */
function field(it) {
  const box = it.options ? choice(it) : input(it)
  effect(() => {
    const value = filter(it.name)
    // Not while somebody is typing in it.
    if (box.value !== value && document.activeElement !== box) box.value = value
  })
  return h('label', h('span', it.label), box)
}

/** @param {Filter} it */
function choice({ name, options }) {
  const box = h('select', { onchange: () => setFilters({ [name]: box.value, page: '' }) })
  effect(() => {
    const kept = filter(name)
    box.replaceChildren(...(options?.() ?? []).map(([value, words]) => h('option', { value }, words)))
    // What the address names stays chosen, even where it is none of ours any more.
    if (kept && ![...box.options].some(each => each.value === kept))
      box.append(h('option', { value: kept }, kept))
    box.value = kept
  })
  return box
}

/** @param {Filter} it */
function input({ name, type = 'search' }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause
  const set = () => setFilters({ [name]: box.value.trim(), page: '' })
  onCleanup(() => clearTimeout(pause))
  const box = h('input', {
    type,
    value: untracked(() => filter(name)),
    oninput: () => {
      clearTimeout(pause)
      pause = setTimeout(set, type === 'date' ? 0 : PAUSE)
    },
  })
  return box
}

/**
 * Buttons of which one is pressed.
 * @template Value
 * @param {string} label
 * @param {Value[]} values
 * @param {(value: Value) => string} words
 * @param {() => Value} chosen
 * @param {(value: Value) => void} choose
 */
export const choices = (label, values, words, chosen, choose) =>
  h(
    'div.views',
    { role: 'group', 'aria-label': label },
    ...values.map(value =>
      h(
        'button',
        { type: 'button', 'aria-pressed': () => String(chosen() === value), onclick: () => choose(value) },
        words(value),
      ),
    ),
  )
