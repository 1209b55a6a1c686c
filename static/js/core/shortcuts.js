// @ts-check
// One table of shortcuts: what is done, by which keys, where. It feeds the listener and the sheet behind `?`.
// Single keys never act while somebody types, and can be turned off; every key can be changed, for this
// browser.
import { signal } from './signal.js'

/**
 * keys: `j`, `Mod+k`, or two after each other, `g a`; label: in words, where they are not the name's own.
 * @typedef {{name: string, keys: string[], run: () => void, typing?: boolean, when?: () => boolean, label?: string}} Shortcut
 */
/** @type {Shortcut[]} */
export const shortcuts = []

const OFF = 'rapport.single_keys_off'
const OWN = 'rapport.keys'

export const single = {
  get on() {
    return !kept(OFF)
  },
  set on(on) {
    keep(OFF, on ? null : '1')
  },
}

/** What a person has chosen in place of the keys that an act has by itself: its name and a key. */
const own = signal(readOwn())

/** The keys that do it now. @param {Shortcut} each */
export const keysOf = each => (own()[each.name] ? [own()[each.name]] : each.keys)

/** Whether it has another key than by itself. @param {Shortcut} each */
export const isOwn = each => each.name in own()

/** @param {Shortcut} each @param {string | null} key null: its own keys again */
export function chooseKey(each, key) {
  const { [each.name]: _, ...others } = own.peek()
  keepOwn(key && key !== each.keys.join() ? { ...others, [each.name]: key } : others)
}

export const resetKeys = () => keepOwn({})

/** What is called so; none where this page has no such thing, or not yet. @param {string} name */
function named(name) {
  own() // who tells keys is told of others, and of those that come
  return shortcuts.find(each => each.name === name)
}

/** The first key of what is called so. @param {string} name */
export function keyFor(name) {
  const found = named(name)
  return found && keysOf(found)[0]
}

/**
 * The keys of these acts as assistive software reads them: two keys after each other it has no way to say.
 * @param {string[]} names
 */
export const spokenKeys = (...names) =>
  names
    .flatMap(name => named(name) ?? [])
    .flatMap(each => keysOf(each).find(key => !key.includes(' ')) ?? [])
    .map(key => key.replace('Mod', 'Control'))
    .join(' ') || null

/** @param {Record<string, string>} all */
function keepOwn(all) {
  own.set(all)
  keep(OWN, Object.keys(all).length ? JSON.stringify(all) : null)
}

/** @returns {Record<string, string>} */
function readOwn() {
  try {
    const all = /** @type {Record<string, unknown>} */ (JSON.parse(kept(OWN) ?? '{}'))
    return Object.fromEntries(
      Object.entries(all).flatMap(([name, key]) => (typeof key === 'string' && key ? [[name, key]] : [])),
    )
  } catch {
    return {}
  }
}

/** @param {string} name */
function kept(name) {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

/** @param {string} name @param {string | null} value */
function keep(name, value) {
  try {
    value == null ? localStorage.removeItem(name) : localStorage.setItem(name, value)
  } catch {
    /* kept for this page only */
  }
}

/** @param {Shortcut[]} more */
export function useKeys(more) {
  if (!shortcuts.length) {
    addEventListener('keydown', act)
    addEventListener('storage', event => event.key === OWN && own.set(readOwn()))
  }
  shortcuts.push(...more)
  own.set({ ...own.peek() }) // who has told keys before these were here tells them now
}

/** The name of what was pressed: `j`, `?`, `Alt+ArrowDown`, `Mod+k` (Ctrl, or ⌘ on a Mac). @param {KeyboardEvent} event */
export function nameOf(event) {
  const parts = []
  if (event.ctrlKey || event.metaKey) parts.push('Mod')
  if (event.altKey) parts.push('Alt')
  if (event.shiftKey && event.key.length > 1) parts.push('Shift')
  return [...parts, event.key.length === 1 ? event.key.toLowerCase() : event.key].join('+')
}

/** The first of two keys, while the second one may come. */
let first = ''
const SECOND_WITHIN = 1_500

/** Whether a key is the first of two. @param {string} name */
export const isFirstOfTwo = name =>
  shortcuts.some(each => keysOf(each).some(key => key.startsWith(`${name} `)))

/** Whether a key begins such a pair; then it waits for the second one. @param {string} name */
function begins(name) {
  if (!isFirstOfTwo(name)) return false
  first = name
  setTimeout(() => (first = ''), SECOND_WITHIN)
  return true
}

/** @param {KeyboardEvent} event */
function act(event) {
  if (event.defaultPrevented || event.isComposing) return
  const target = event.target instanceof Element ? event.target : null
  const typing = !!target?.closest('input, textarea, select, [contenteditable]')
  if (target?.closest('dialog') || document.querySelector('dialog[open]')) return
  const pressed = nameOf(event)
  const plain = pressed.length === 1
  if (plain && (typing || !single.on)) return
  const name = plain && first ? `${first} ${pressed}` : pressed
  first = ''
  if (plain && name === pressed && begins(name)) return
  for (const each of shortcuts) {
    if (!keysOf(each).includes(name) || (typing && plain && !each.typing) || each.when?.() === false) continue
    if (typing && !plain && !each.typing) continue
    event.preventDefault()
    return each.run()
  }
}
