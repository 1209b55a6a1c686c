// @ts-check
// How a thread scrolls. The scroller grows from its end (column-reverse around one child in its natural
// order), so that a browser with scroll anchoring keeps what is read in its place by itself; the others get
// the difference put back.
import { flush, onCleanup } from '../core/signal.js'

const ANCHORS = CSS.supports('overflow-anchor', 'auto')
const NEAR_END = 80

export const isNearEnd = (/** @type {HTMLElement} */ scroller) => -scroller.scrollTop < NEAR_END

/**
 * Changes what is in the page while the first visible message stays where the eye has it.
 * @param {HTMLElement} scroller @param {HTMLElement} list @param {() => void} change
 */
export function hold(scroller, list, change) {
  if (ANCHORS) {
    change()
    return flush()
  }
  const top = scroller.getBoundingClientRect().top
  const anchor = [...list.children].find(each => each.getBoundingClientRect().bottom > top)
  const before = anchor?.getBoundingClientRect().top
  change()
  flush()
  if (anchor?.isConnected && before != null) scroller.scrollTop += anchor.getBoundingClientRect().top - before
}

/**
 * Calls as either end of the thread comes near; to be watched anew after each change.
 * @param {HTMLElement} scroller @param {HTMLElement} head @param {HTMLElement} foot
 * @param {(end: 'older' | 'newer') => void} near
 */
export function edges(scroller, head, foot, near) {
  let left = false
  const seen = new IntersectionObserver(
    entries => {
      for (const entry of entries) if (entry.isIntersecting) near(entry.target === head ? 'older' : 'newer')
    },
    { root: scroller, rootMargin: '1200px 0px' },
  )
  onCleanup(() => {
    left = true
    seen.disconnect()
  })
  return () => {
    seen.disconnect()
    if (left) return
    seen.observe(head)
    seen.observe(foot)
  }
}
