// @ts-check
// One table of shortcuts: what is done, by which keys, where. It feeds the listener and the sheet behind `?`.
// Single keys never act while somebody types, and can be turned off.

/**
 * keys: `j`, `Mod+k`, or two after each other, `g a`; label: in words, where they are not the name's own.
 * @typedef {{name: string, keys: string[], run: () => void, typing?: boolean, when?: () => boolean, label?: string}} Shortcut
 */
/** @type {Shortcut[]} */
export const shortcuts = []

const OFF = 'rapport.single_keys_off'
export const single = {
  get on() {
    try {
      return !localStorage.getItem(OFF)
    } catch {
      return true
    }
  },
  set on(on) {
    try {
      on ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, '1')
    } catch {
      /* kept for this page only */
    }
  },
}

/** @param {Shortcut[]} more */
export function useKeys(more) {
  if (!shortcuts.length) addEventListener('keydown', act)
  shortcuts.push(...more)
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

/** Whether a key begins such a pair; then it waits for the second one. @param {string} name */
function begins(name) {
  const is = shortcuts.some(each => each.keys.some(key => key.startsWith(`${name} `)))
  if (!is) return false
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
    if (!each.keys.includes(name) || (typing && plain && !each.typing) || each.when?.() === false) continue
    if (typing && !plain && !each.typing) continue
    event.preventDefault()
    return each.run()
  }
}
