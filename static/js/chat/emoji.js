// @ts-check
// A board of emoji: what one used last, then all of them, found by their names. A small row for reactions.
import { h } from '../core/dom.js'
import { stylesheet } from '../core/stylesheet.js'
import { language, moreWords, t } from '../core/words.js'
import { ALL, nameOf, search } from './emoji_names.js'

await Promise.all([moreWords(), stylesheet('emoji')])

export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏']
const LAST_USED = 'rapport.emoji'
const MOST_USED = 16,
  ROW = 8
const GAP = 6

/**
 * @param {HTMLElement} button
 * @param {(emoji: string) => void} take
 * @param {string[]} [which] a few of them, instead of all
 */
export function openEmoji(button, take, which) {
  const box = h('div.menu.board-of-emoji', {
    class: `menu board-of-emoji${which ? ' row' : ''}`,
    role: 'dialog',
    popover: 'auto',
    'aria-label': t('composer.emoji'),
  })
  const taken = (/** @type {string} */ emoji) => {
    box.hidePopover()
    if (!which) keepUsed(emoji)
    take(emoji)
  }
  const grid = h('div.grid', { role: 'group', 'aria-label': t('composer.emoji') })
  const fill = (/** @type {string[]} */ all) => grid.replaceChildren(...all.map(each => choice(each, taken)))
  const none = h('p.none', { role: 'status', hidden: true }, t('picker.none'))
  const find = which ? null : finder(fill, none)
  fill(which ?? board())
  box.append(...(find ? [find, grid, none] : [grid]))
  grid.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => step(grid, event, find))
  box.addEventListener('toggle', (/** @type {ToggleEvent} */ event) => {
    if (event.newState !== 'closed') return
    if (document.activeElement === document.body || box.contains(document.activeElement)) button.focus()
    box.remove()
  })
  ;(button.closest('dialog') ?? document.querySelector('main') ?? document.body).append(box)
  box.showPopover()
  place(box, button)
  const isTouch = !matchMedia('(hover: hover)').matches
  ;(isTouch ? grid.querySelector('button') : (find ?? grid.querySelector('button')))?.focus()
}

/** @param {string} emoji @param {(emoji: string) => void} take */
const choice = (emoji, take) =>
  h(
    'button',
    {
      type: 'button',
      'aria-label': `${emoji} ${nameOf(emoji)}`,
      title: nameOf(emoji),
      onclick: () => take(emoji),
    },
    emoji,
  )

/** @param {(all: string[]) => void} fill @param {HTMLElement} none */
function finder(fill, none) {
  const find = h('input', {
    type: 'search',
    placeholder: t('emoji.find'),
    'aria-label': t('emoji.find'),
    autocomplete: 'off',
    spellcheck: false,
    oninput: () => {
      const found = find.value.trim() ? search(find.value, language) : board()
      none.hidden = found.length > 0
      fill(found)
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      const first = find.nextElementSibling?.querySelector('button')
      if (event.key.length === 1) event.stopPropagation() // a letter here is no shortcut
      if (event.key !== 'Enter' && event.key !== 'ArrowDown') return
      event.preventDefault()
      if (event.key === 'Enter') first?.click()
      else first?.focus()
    },
  })
  return find
}

/** @param {HTMLElement} grid @param {KeyboardEvent} event @param {HTMLElement | null} find */
function step(grid, event, find) {
  const all = /** @type {HTMLElement[]} */ ([...grid.children]),
    at = all.findIndex(each => each === document.activeElement)
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: ROW, ArrowUp: -ROW }[event.key]
  if (event.key.length === 1) event.stopPropagation()
  if (!by) return
  event.preventDefault()
  const isRtl = document.documentElement.dir === 'rtl' && Math.abs(by) === 1
  const to = at + (isRtl ? -by : by)
  if (to < 0 && find) find.focus()
  else all[Math.max(0, Math.min(all.length - 1, to))].focus()
}

/** @param {HTMLElement} box @param {HTMLElement} button */
function place(box, button) {
  const at = button.getBoundingClientRect(),
    size = box.getBoundingClientRect()
  const left = Math.max(GAP, Math.min(at.left, innerWidth - size.width - GAP))
  box.style.setProperty('left', `${left}px`)
  box.style.setProperty('top', `${Math.max(GAP, at.top - size.height - GAP)}px`)
}

/** What one used last, then the others. */
function board() {
  const used = lastUsed()
  return [...used, ...ALL.map(each => each.emoji).filter(each => !used.includes(each))]
}

/** @returns {string[]} */
function lastUsed() {
  try {
    const kept = (localStorage.getItem(LAST_USED) ?? '').split(' ')
    return kept.filter(each => ALL.some(one => one.emoji === each))
  } catch {
    return []
  }
}

/** @param {string} emoji */
function keepUsed(emoji) {
  try {
    const used = [emoji, ...lastUsed().filter(each => each !== emoji)].slice(0, MOST_USED)
    localStorage.setItem(LAST_USED, used.join(' '))
  } catch {
    /* nothing is kept here */
  }
}
