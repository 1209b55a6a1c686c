// @ts-check
// Looks again while something in a list is still going on, and stops when nothing is or the view is left.
import { onCleanup } from '../core/signal.js'

const EVERY = 1_500
/** Whoever has asked for more pages is reading them: they are not taken away again. */
const ONE_PAGE = 50

/** @param {import('./listing.js').Listing} list @param {(row: any) => boolean} goesOn */
export function whileOpen(list, goesOn) {
  const timer = setInterval(() => {
    const rows = list.rows.peek() ?? []
    if (!document.hidden && rows.length <= ONE_PAGE && rows.some(goesOn)) list.load()
  }, EVERY)
  onCleanup(() => clearInterval(timer))
}
