// @ts-check
// The one way to choose out of many: a box that looks through names while one types, arrow keys, Enter, one
// or several at once. Beside its anchor, and where one pane has the whole screen a sheet at its lower edge. A
// combobox with a listbox, as the ARIA practices have them.
import { messageOf } from './api.js'
import { h, icon } from './dom.js'
import { isPhone, openPopover, place } from './popover.js'
import { bestMatches, fold } from './text_match.js'
import { showError } from './toast.js'
import { t } from './words.js'

/**
 * @typedef {object} Item
 * @property {string | number | null} id
 * @property {string} name
 * @property {string | (() => Node)} [icon]   a sign of ours, or what draws one (a colour, a person's picture)
 * @property {string} [hint]                  stands at the end of the row, and is found, too
 * @property {string} [keywords]              is found, and not shown
 * @property {string} [keys]                  the key that does the same: shown, and no part of its name
 * @property {string} [group]                 the heading it stands under while nothing is typed
 * @property {boolean} [danger]
 */

/**
 * @template {Item} T
 * @typedef {object} PickerOptions
 * @property {HTMLElement} anchor             what it opens beside
 * @property {string} label                   what is chosen, in words
 * @property {T[]} [items]                    what there is; looked through here
 * @property {(query: string, signal: AbortSignal) => T[] | Promise<T[]>} [search] asked at each change;
 *   beside `items` it adds to them
 * @property {boolean} [multiple]             stays open, and each can be taken and put back
 * @property {Iterable<Item['id']>} [chosen]
 * @property {(item: T) => any} [onPick]      for one; the picker has closed
 * @property {(item: T, on: boolean) => any} [onToggle]   for several; what a promise refuses is put back
 * @property {{label: (query: string) => string, run: (query: string) => any}} [create] for a name that there
 *   is not yet; with several, an item it answers is taken into the list
 * @property {() => void} [onClose]
 */

/** How long somebody types before a server is asked. */
const PAUSE = 150
const PAGE = 8

let count = 0

/** @template {Item} T @param {PickerOptions<T>} options */
export function openPicker(options) {
  return new Picker(options)
}

/** @template {Item} T */
class Picker {
  /** @type {PickerOptions<T>} */
  #options
  /** @type {Set<Item['id']>} */
  #chosen
  /** @type {T[]} */
  #items
  /** What a server found. @type {T[]} */
  #found = []
  /** What can be taken, in the order it stands there. @type {{node: HTMLElement, take: () => void}[]} */
  #rows = []
  #active = -1
  #name = `picker-${++count}`
  /** @type {AbortController} */
  #asked = new AbortController()
  #isSlow = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** @type {HTMLElement} */
  #box
  /** @type {HTMLInputElement} */
  #input
  /** @type {HTMLElement} */
  #list
  /** @type {HTMLElement} */
  #state

  /** @param {PickerOptions<T>} options */
  constructor(options) {
    this.#options = options
    this.#chosen = new Set(options.chosen ?? [])
    this.#items = this.#chosenFirst(options.items ?? [])
    this.#input = this.#makeInput()
    this.#list = h('div.options', {
      id: this.#name,
      role: 'listbox',
      tabindex: '-1',
      'aria-label': options.label,
      'aria-multiselectable': options.multiple ? 'true' : null,
    })
    this.#state = h('p.state', { role: 'status' })
    this.#box = this.#makeBox()
    this.#draw()
    this.#open()
    if (options.search) this.#ask('')
  }

  close() {
    this.#box.hidePopover()
  }

  /** Others to choose from, as when they have changed meanwhile. @param {T[]} items */
  setItems(items) {
    this.#items = items
    this.#draw()
  }

  #makeInput() {
    return h('input', {
      type: 'text',
      role: 'combobox',
      inputMode: 'search',
      enterKeyHint: 'done',
      placeholder: this.#options.label,
      'aria-label': this.#options.label,
      'aria-autocomplete': 'list',
      'aria-controls': this.#name,
      'aria-expanded': 'true',
      autocomplete: 'off',
      autocapitalize: 'none',
      spellcheck: false,
      oninput: () => this.#typed(),
    })
  }

  #makeBox() {
    const done = h('button.button.quiet', { type: 'button', onclick: () => this.close() }, t('picker.done'))
    return h(
      'div.picker',
      { onkeydown: (/** @type {KeyboardEvent} */ event) => this.#press(event) },
      h('div.find', icon('search'), this.#input, done),
      this.#list,
      this.#state,
    )
  }

  #open() {
    openPopover(this.#box, this.#options.anchor, () => {
      clearTimeout(this.#timer)
      this.#asked.abort()
      this.#options.onClose?.()
    })
    // It keeps its height while the list grows shorter: what one looks at does not jump.
    if (!isPhone()) this.#list.style.setProperty('min-block-size', `${this.#list.offsetHeight}px`)
    // Where there is no keyboard, one of the screen would cover the list.
    const first = matchMedia('(hover: hover)').matches ? this.#input : this.#list
    first.focus()
    const at = this.#rows.findIndex(row => row.node.getAttribute('aria-selected') === 'true')
    this.#go(this.#options.multiple ? 0 : Math.max(0, at))
  }

  /** @param {T[]} items */
  #chosenFirst(items) {
    // Under headings everything stays where one knows it to be.
    if (!this.#options.multiple || !this.#chosen.size || items.some(item => item.group)) return items
    const isChosen = (/** @type {T} */ item) => this.#chosen.has(item.id)
    return [...items.filter(isChosen), ...items.filter(item => !isChosen(item))]
  }

  #typed() {
    this.#draw()
    this.#go(0)
    if (!this.#options.search) return
    clearTimeout(this.#timer)
    const query = this.#query
    this.#timer = setTimeout(() => this.#ask(query), this.#isSlow ? PAUSE : 0)
  }

  get #query() {
    return this.#input.value.trim()
  }

  /** @param {string} query */
  async #ask(query) {
    this.#asked.abort()
    const { signal } = (this.#asked = new AbortController())
    const found = this.#options.search?.(query, signal) ?? []
    if (found instanceof Promise) {
      this.#isSlow = true
      this.#box.setAttribute('aria-busy', 'true')
    }
    try {
      const come = await found
      if (signal.aborted) return
      this.#found = come
      this.#draw()
    } catch (problem) {
      if (!signal.aborted) this.#state.textContent = messageOf(problem) || t('error.server')
    }
    if (!signal.aborted) this.#box.removeAttribute('aria-busy')
  }

  #draw() {
    const query = this.#query
    const near = bestMatches(this.#items, query)
    const ids = new Set(near.map(item => item.id))
    const items = [...near, ...this.#found.filter(item => !ids.has(item.id))]
    this.#rows = items.map(item => this.#row(item))
    this.#list.replaceChildren(...this.#grouped(items, !!query))
    const { create } = this.#options
    if (create && query && !items.some(item => fold(item.name) === fold(query)))
      this.#list.append(this.#new(query))
    this.#list.hidden = !this.#rows.length
    this.#input.setAttribute('aria-expanded', String(!!this.#rows.length))
    this.#state.classList.toggle('hidden-text', !!this.#rows.length)
    this.#state.textContent = this.#rows.length
      ? t('picker.count', { count: this.#rows.length })
      : t('picker.none')
    this.#go(Math.max(0, Math.min(this.#active, this.#rows.length - 1)))
    if (this.#box.isConnected && !isPhone()) place(this.#box, this.#options.anchor)
  }

  /**
   * Under their headings while nothing is typed; then the best stands first, wherever it is from.
   * @param {T[]} items
   * @param {boolean} isTyped
   */
  #grouped(items, isTyped) {
    if (isTyped || !items.some(item => item.group)) return this.#rows.map(row => row.node)
    /** @type {Map<string, HTMLElement>} */
    const groups = new Map()
    for (const [at, { group = '' }] of items.entries()) {
      let box = groups.get(group)
      if (!box) {
        box = h(
          'div',
          group ? { role: 'group', 'aria-label': group } : {},
          group && h('p', { 'aria-hidden': 'true' }, group),
        )
        groups.set(group, /** @type {HTMLElement} */ (box))
      }
      box?.append(this.#rows[at].node)
    }
    // The order of the arrow keys is the order on the screen.
    const boxes = [...groups.values()]
    const order = boxes.flatMap(box => [...box.querySelectorAll('[role=option]')])
    this.#rows.sort((a, b) => order.indexOf(a.node) - order.indexOf(b.node))
    return boxes
  }

  /** @param {T} item */
  #row(item) {
    const isChosen = this.#chosen.has(item.id)
    const sign = typeof item.icon === 'function' ? item.icon() : item.icon && icon(item.icon)
    const node = this.#option(
      isChosen,
      sign,
      h('span', { title: item.name }, h('bdi', item.name)),
      item.hint && h('span.hint', h('bdi', item.hint)),
      item.keys && h('kbd', { 'aria-hidden': 'true' }, item.keys),
      h('span.tick', isChosen && icon('check')),
    )
    if (item.danger) node.classList.add('danger')
    if (item.keys) node.setAttribute('aria-label', [item.name, item.hint].filter(Boolean).join(' '))
    const row = { node, take: () => this.#take(item, node) }
    node.onclick = row.take
    return row
  }

  /** @param {string} query */
  #new(query) {
    const { create } = this.#options
    const node = this.#option(false, icon('plus'), h('span', h('bdi', create?.label(query))))
    const row = { node, take: () => this.#make(query) }
    node.onclick = row.take
    this.#rows.push(row)
    return node
  }

  /** @param {boolean} isChosen @param {...any} children @returns {HTMLElement} */
  #option(isChosen, ...children) {
    return h(
      'div.option',
      {
        role: 'option',
        'aria-selected': String(isChosen),
        onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), // the focus stays in the box
      },
      ...children,
    )
  }

  /** @param {T} item @param {HTMLElement} node */
  #take(item, node) {
    if (this.#options.multiple) return this.#toggle(item, node)
    this.close()
    this.#options.onPick?.(item)
  }

  /** @param {T} item @param {HTMLElement} node */
  async #toggle(item, node) {
    const on = !this.#chosen.has(item.id)
    this.#mark(item, node, on)
    this.#input.select() // the next letters look for the next one
    try {
      await this.#options.onToggle?.(item, on)
    } catch (problem) {
      this.#mark(item, node, !on)
      showError(problem)
    }
  }

  /** @param {T} item @param {HTMLElement} node @param {boolean} on */
  #mark(item, node, on) {
    if (on) this.#chosen.add(item.id)
    else this.#chosen.delete(item.id)
    node.setAttribute('aria-selected', String(on))
    node.querySelector('.tick')?.replaceChildren(...(on ? [icon('check')] : []))
    this.#go(this.#rows.findIndex(row => row.node === node))
  }

  /** @param {string} query */
  async #make(query) {
    const { create, multiple, onToggle } = this.#options
    if (!multiple) this.close()
    try {
      const made = await create?.run(query)
      if (!multiple || made?.id === undefined) return
      this.#chosen.add(made.id)
      this.#items = [made, ...this.#items]
      this.#input.value = ''
      this.#draw()
      await onToggle?.(made, true)
    } catch (problem) {
      showError(problem)
    }
  }

  /** @param {number} to */
  #go(to) {
    for (const [at, { node }] of this.#rows.entries()) {
      node.id = `${this.#name}-${at}`
      node.classList.toggle('active', at === to)
    }
    this.#active = this.#rows[to] ? to : -1
    const node = this.#rows[to]?.node
    for (const each of [this.#input, this.#list])
      if (node) each.setAttribute('aria-activedescendant', node.id)
      else each.removeAttribute('aria-activedescendant')
    node?.scrollIntoView({ block: 'nearest' })
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.isComposing) return
    event.stopPropagation() // nothing that is pressed here is a shortcut of the page
    const to = this.#destination(event)
    if (to != null) {
      event.preventDefault()
      return this.#go(to)
    }
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault()
      return this.close()
    }
    if (event.target !== this.#input) return this.#pressOnList(event)
    if (event.key === 'Enter') this.#enter(event)
  }

  /** @param {KeyboardEvent} event */
  #enter(event) {
    event.preventDefault()
    if (event.ctrlKey || event.metaKey) return this.close()
    this.#rows[this.#active]?.take()
  }

  /** @param {KeyboardEvent} event */
  #pressOnList(event) {
    if (event.target !== this.#list) return
    if (event.key === 'Enter' || event.key === ' ') return this.#enter(event)
    // A letter goes on in the box.
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) this.#input.focus()
  }

  /** Where a key leads in the list, in a circle. @param {KeyboardEvent} event @returns {number | null} */
  #destination(event) {
    const last = this.#rows.length - 1
    if (last < 0) return null
    const isInBox = event.target === this.#input && !!this.#input.value
    switch (event.key) {
      case 'ArrowDown':
        return this.#active >= last ? 0 : this.#active + 1
      case 'ArrowUp':
        return this.#active <= 0 ? last : this.#active - 1
      case 'PageDown':
        return Math.min(last, this.#active + PAGE)
      case 'PageUp':
        return Math.max(0, this.#active - PAGE)
      case 'Home':
        return isInBox ? null : 0
      case 'End':
        return isInBox ? null : last
      default:
        return null
    }
  }
}
