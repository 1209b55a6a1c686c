// @ts-check
// Elements without markup strings: text is always text, so nothing a customer writes can become script.
import { effect, owned, onCleanup } from './signal.js'
import { inWorkspace } from './workspace.js'

const SVG = 'http://www.w3.org/2000/svg'
const ICONS = new URL('../../icons.svg', import.meta.url).pathname

/** @typedef {Node | string | number | false | null | undefined | (() => any)} Child */

/**
 * h('button.primary', { onclick, disabled: () => busy() }, 'Send')
 * A function as a property or child is kept up to date; `on…` is a listener; anything else is set once.
 * @param {string} tag @param {...any} rest @returns {any}
 */
export function h(tag, ...rest) {
  const [name, ...classes] = tag.split('.')
  const node = document.createElement(name)
  if (classes.length) node.className = classes.join(' ')
  const first = rest[0]
  const props =
    first && typeof first === 'object' && !(first instanceof Node) && !Array.isArray(first)
      ? rest.shift()
      : null
  append(node, rest)
  // After the children, so that a select's value finds its options.
  for (const key in props) bind(node, key, props[key])
  return node
}

/**
 * A symbol of our sprite; with a label it is a picture with words, without one it is decoration.
 * @param {string} name
 * @param {string} [label]
 */
export function icon(name, label) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', 'icon')
  if (label) {
    svg.setAttribute('role', 'img')
    svg.setAttribute('aria-label', label)
    svg.append(titled(label))
  } else svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `${ICONS}#${name}`)
  svg.append(use)
  return svg
}

/** @param {string} label */
function titled(label) {
  const title = document.createElementNS(SVG, 'title')
  title.textContent = label
  return title
}

/** @param {HTMLElement} node @param {string} key @param {any} value */
function bind(node, key, value) {
  if (key.startsWith('on')) node.addEventListener(key.slice(2), value)
  else if (key === 'ref') value(node)
  // Each class by itself, so that others may set their own on the same node.
  else if (key === 'classes')
    for (const name in value) effect(() => node.classList.toggle(name, !!value[name]()))
  else if (typeof value === 'function') effect(() => put(node, key, value()))
  else put(node, key, value)
}

/** What leads to our own server, and does so in this page's workspace. */
const ADDRESSES = new Set(['href', 'src', 'data-shown'])

/** @param {any} node @param {string} key @param {any} given */
function put(node, key, given) {
  const value = ADDRESSES.has(key) ? inWorkspace(given) : given
  if (key === 'class') node.className = value
  else if (key === 'vars') for (const name in value) node.style.setProperty(name, value[name])
  else if (key in node && !key.includes('-') && key !== 'list' && key !== 'role') {
    if (node[key] !== value) node[key] = value ?? ''
  } else if (value === false || value == null) node.removeAttribute(key)
  else node.setAttribute(key, value === true ? '' : value)
}

/** @param {Node} node @param {any[]} children */
function append(node, children) {
  for (const child of children.flat()) {
    if (child == null || child === false) continue
    if (typeof child === 'function') {
      const text = document.createTextNode('')
      effect(() => {
        text.data = String(child() ?? '')
      })
      node.appendChild(text)
    } else node.appendChild(child instanceof Node ? child : document.createTextNode(String(child)))
  }
}

/**
 * Keeps `parent`'s children equal to `keys()`: one node for one key, made once, moved when the order changes,
 * and thrown away with its effects when the key has gone. A key cannot be on the screen twice.
 * @template K
 * @param {HTMLElement} parent
 * @param {() => K[]} keys
 * @param {(key: K) => HTMLElement} make
 */
export function each(parent, keys, make) {
  /** @type {Map<K, {node: HTMLElement, stop: () => void}>} */
  const rows = new Map()
  onCleanup(() => rows.forEach(row => row.stop()))
  effect(() => {
    const keep = new Set(keys())
    for (const [key, row] of rows)
      if (!keep.has(key)) {
        row.node.remove()
        row.stop()
        rows.delete(key)
      }
    let place = parent.firstElementChild
    for (const key of keep) {
      let row = rows.get(key)
      if (!row) {
        const [node, stop] = owned(() => make(key))
        rows.set(key, (row = { node, stop }))
      }
      if (row.node === place) place = place.nextElementSibling
      else move(parent, row.node, place)
    }
  })
  return rows
}

/**
 * Shows what `make` returns, made anew (with its effects) whenever a signal it read has changed.
 * @param {HTMLElement} parent
 * @param {() => any} make
 */
export function show(parent, make) {
  effect(() => {
    const made = make()
    parent.replaceChildren(...[made].flat().filter(Boolean))
  })
  return parent
}

/**
 * Fills `box` with what a module makes once it has come, unless the box has gone by then.
 * @template T
 * @param {HTMLElement} box
 * @param {Promise<T>} module
 * @param {(module: T) => Node} make
 * @param {(problem: unknown) => void} failed
 */
export function coming(box, module, make, failed) {
  let stop = () => {},
    gone = false
  onCleanup(() => {
    gone = true
    stop()
  })
  module
    .then(come => {
      if (gone) return
      const [made, end] = owned(() => make(come))
      stop = end
      box.append(made)
    })
    .catch(failed)
  return box
}

// `moveBefore` keeps focus, playing media and scroll positions of a row that only changes its place.
/** @param {any} parent @param {HTMLElement} node @param {Element | null} place */
function move(parent, node, place) {
  if (node.parentNode === parent && parent.moveBefore && parent.isConnected) parent.moveBefore(node, place)
  else {
    const focused = node.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement)
      : null
    parent.insertBefore(node, place)
    focused?.focus({ preventScroll: true })
  }
}
