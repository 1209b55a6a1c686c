// @ts-check
// What opens beside the thing it is about: above everything else, inside the window, gone with a click
// elsewhere, and the focus goes back to where it was.
import { stylesheet } from './stylesheet.js'

await stylesheet('popover')

const GAP = 6

/** Where one pane has the whole screen, what is chosen from comes up from its lower edge. */
export const isPhone = () => matchMedia('(max-width: 48rem)').matches

/**
 * @param {HTMLElement} box
 * @param {HTMLElement} anchor
 * @param {() => void} [closed]
 */
export function openPopover(box, anchor, closed = () => {}) {
  const before = document.activeElement
  box.popover = 'auto'
  expand(anchor, true)
  const again = () => place(box, anchor)
  // At once, and not when the browser finds time to tell: who closes it may open something else right away.
  box.addEventListener('beforetoggle', event => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return
    removeEventListener('resize', again)
    expand(anchor, false)
    giveBack(box, before, anchor)
    closed()
  })
  box.addEventListener('toggle', event => {
    if (/** @type {ToggleEvent} */ (event).newState === 'closed') box.remove()
  })
  addEventListener('resize', again)
  // Inside the nearest dialog, else it would lie behind it; on a page inside its main part.
  ;(anchor.closest('dialog') ?? document.querySelector('main') ?? document.body).append(box)
  box.showPopover()
  place(box, anchor)
}

/** @param {HTMLElement} anchor @param {boolean} is */
function expand(anchor, is) {
  if (anchor.matches('button, [role=button], [role=combobox]'))
    anchor.setAttribute('aria-expanded', String(is))
}

/**
 * Only where nobody has taken the focus elsewhere meanwhile.
 * @param {HTMLElement} box
 * @param {Element | null} before
 * @param {HTMLElement} anchor
 */
function giveBack(box, before, anchor) {
  const now = document.activeElement
  if (now && now !== document.body && !box.contains(now)) return
  const there =
    before instanceof HTMLElement && before !== document.body && before.isConnected ? before : anchor
  there.focus()
}

/**
 * Below its anchor, or above where there is no room; inside the window always.
 * @param {HTMLElement} box
 * @param {HTMLElement} anchor
 */
export function place(box, anchor) {
  const at = anchor.getBoundingClientRect()
  const size = box.getBoundingClientRect()
  const isBelow = at.bottom + GAP + size.height < innerHeight
  const isRtl = document.documentElement.dir === 'rtl'
  const fromEnd = at.left + size.width > innerWidth - GAP || (isRtl && at.right - size.width > GAP)
  const left = fromEnd ? at.right - size.width : at.left
  const inside = Math.max(GAP, Math.min(left, innerWidth - size.width - GAP))
  const top = isBelow ? at.bottom + GAP : Math.max(GAP, at.top - GAP - size.height)
  box.style.setProperty('left', `${inside}px`)
  box.style.setProperty('top', `${top}px`)
}
