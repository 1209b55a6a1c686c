// @ts-check
// The page's history, where an open dialog is a step of its own: Back closes it and leaves the page beneath
// as it is. When it was closed in another way its step is left as a shadow of the page: the next place takes
// it over, and Back goes through it without a halt. Nothing is ever taken back behind a person's back: a link
// followed meanwhile stays.

/**
 * What marks the step of each dialog that is open, the uppermost last: steps of earlier ones look the same.
 * @type {number[]}
 */
const marks = []
/**
 * How to leave each of them, in the same order: closes it, or asks first.
 * @type {(() => void)[]}
 */
const leaves = []

const isOwn = () => marks.length > 0 && history.state?.mark === marks.at(-1)
/** Whether this step shows what the one before it shows, and no dialog stands for it any more. */
const isShadow = () =>
  !!history.state?.spent || (!!history.state?.mark && !marks.includes(history.state.mark))

/** Where one stood before a step of the browser's own. */
let here = { shadow: false, address: '' }
const stand = () => {
  here = { shadow: isShadow(), address: location.href }
}

function mark() {
  history[isShadow() ? 'replaceState' : 'pushState']({ mark: marks.at(-1) }, '')
  stand()
}

/**
 * What covers the page is a step of its history.
 * @param {() => void} leave what Back does: closes it, or asks first
 * @returns {() => void} to be called when it has closed
 */
export function asStep(leave) {
  leaves.push(leave)
  marks.push(Math.random())
  mark()
  return () => {
    const at = leaves.indexOf(leave)
    if (at < 0) return
    leaves.splice(at, 1)
    marks.pop()
    if (isShadow()) history.replaceState({ spent: true }, '')
    stand()
  }
}

/** Back has taken the dialog's step, and it stays all the same. */
export function stays() {
  if (!isOwn()) mark()
}

/**
 * Another place of the same page.
 * @param {string} address
 * @param {boolean} [replace] no step back leads to what was
 */
export function step(address, replace = false) {
  history[replace || isShadow() ? 'replaceState' : 'pushState'](null, '', address)
  stand()
}

if (typeof window !== 'undefined') {
  stand()
  addEventListener('popstate', event => {
    if (marks.length && !isOwn()) {
      event.stopImmediatePropagation()
      stand()
      leaves.at(-1)?.()
    } else if (marks.length || (here.shadow && here.address === location.href)) {
      event.stopImmediatePropagation()
      history.back()
    } else stand()
  })
}
