// @ts-check
// What stands beside the messages waits until they are there: fetched when the page has nothing else to do,
// and not at all for somebody who only passes by.
import { h } from '../core/dom.js'
import { onCleanup, owned } from '../core/signal.js'

/** At the latest after so long. */
const LATEST = 2_000
/** While a page opens it pays for nothing but what one looks at. */
const OPENS = 2_500
/** Who leaves sooner walks through the list. */
const PASSES = 150

/**
 * Runs with the module once the page is idle, unless what asks for it has gone by then.
 * @template T
 * @param {() => Promise<T>} fetch
 * @param {(module: T) => void} work
 */
export function idly(fetch, work) {
  let gone = false,
    stop = () => {}
  onCleanup(() => {
    gone = true
    clearTimeout(timer)
    stop()
  })
  const run = () => {
    if (gone) return
    fetch()
      .then(module => {
        if (!gone) stop = owned(() => work(module))[1]
      })
      .catch(() => {}) // the messages stand without it
  }
  const whenIdle = () => {
    if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: LATEST })
    else setTimeout(run, LATEST)
  }
  const timer = setTimeout(whenIdle, Math.max(PASSES, OPENS - performance.now()))
}

/**
 * Fills a box with what a module makes.
 * @template T
 * @param {() => Promise<T>} fetch
 * @param {(module: T) => Node} make
 */
export function whenIdle(fetch, make) {
  const box = h('div.idle')
  idly(fetch, module => box.append(make(module)))
  return box
}
