// @ts-check
// A small board of emoji: the ones people answer with. The system's own picker has the rest.
import { h } from '../core/dom.js'
import { t } from '../core/words.js'

const BOARD = [
  ...'😀😄😁😅😂🙂😉😊😍😘😎🤔🤗🙄😴😢😭😡😱🥳👍👎👌👋🙏👏💪🤝🤞✌️❤️🧡💛💚💙💜🔥✨🎉🎁⭐✅❌⚠️❓❗📦🚚📅📎📷💬📞⏰💶'.matchAll(
    /\p{Extended_Pictographic}\uFE0F?/gu,
  ),
].map(each => each[0])
export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏']

/** @param {HTMLElement} button @param {(emoji: string) => void} take @param {string[]} [which] */
export function openEmoji(button, take, which = BOARD) {
  const box = h(
    `div.menu.board-of-emoji${which.length < 9 ? '.row' : ''}`,
    { role: 'menu', popover: 'auto', 'aria-label': t('composer.emoji') },
    ...which.map(emoji =>
      h(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          onclick: () => {
            box.hidePopover()
            take(emoji)
          },
        },
        emoji,
      ),
    ),
  )
  box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    const all = /** @type {HTMLElement[]} */ ([...box.children]),
      at = all.indexOf(/** @type {any} */ (document.activeElement))
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key]
    if (!by) return
    event.preventDefault()
    all[Math.max(0, Math.min(all.length - 1, at + by))].focus()
  })
  box.addEventListener('toggle', (/** @type {any} */ event) => {
    if (event.newState === 'closed') {
      if (document.activeElement === document.body || box.contains(document.activeElement)) button.focus()
      box.remove()
    }
  })
  ;(button.closest('dialog') ?? document.querySelector('main') ?? document.body).append(box)
  box.showPopover()
  const at = button.getBoundingClientRect(),
    size = box.getBoundingClientRect()
  box.style.setProperty('left', `${Math.max(6, Math.min(at.left, innerWidth - size.width - 6))}px`)
  box.style.setProperty('top', `${Math.max(6, at.top - size.height - 6)}px`)
  box.querySelector('button').focus()
}
