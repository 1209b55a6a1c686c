// @ts-check
// Looks again while something in a list is still going on, and stops when nothing is or the view is left.
import { onCleanup } from '../core/signal.js'

const EVERY = 1_500
/** Whoever has gone further than the first answer is reading: nothing is moved under their eyes. */
const READING = 100

/** @template Row @param {import('../core/paged.js').Paged<Row>} list @param {(row: Row) => boolean} goesOn */
export function whileOpen(list, goesOn) {
  const timer = setInterval(() => {
    const rows = list.rows.peek() ?? []
    if (!document.hidden && rows.length <= READING && rows.some(goesOn)) list.load()
  }, EVERY)
  onCleanup(() => clearInterval(timer))
}
