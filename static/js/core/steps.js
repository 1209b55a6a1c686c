// @ts-check
// The page's history, where an open dialog is a step of its own: Back closes it and leaves the page beneath as it is.
// The step goes with the dialog, however that was closed.

let open = 0,
  busy = false,
  length = 0
/** What was to be put into the history while a step back was under way. @type {(() => void)[]} */
const later = []
/** Closes the uppermost dialog, or asks first. */
export const back = { leave: () => {} }

const depth = () => history.state?.dialog ?? 0

/** A dialog opens. */
export function opened() {
  open++
  history.pushState({ dialog: open }, '')
}

/** Back has taken the dialog's step, and it stays all the same. */
export function stays() {
  if (depth() < open) history.pushState({ dialog: open }, '')
}

/** A dialog has closed; its step goes after whoever goes on from here, who may have put a place in its stead. */
export function closed() {
  open--
  setTimeout(settle)
}

function settle() {
  const more = depth() - open
  if (busy || more <= 0) return
  busy = true
  length = history.length
  history.go(-more)
  setTimeout(arrived, 1_000)
}

function arrived() {
  if (!busy) return
  busy = false
  for (const put of later.splice(0)) put()
  settle()
}

/** Another place of the same page. @param {string} address @param {boolean} [replace] no step back leads to what was */
export function step(address, replace = false) {
  const put = () => history[replace || (depth() && !open) ? 'replaceState' : 'pushState'](null, '', address)
  busy ? later.push(put) : put()
}

if (typeof window !== 'undefined')
  addEventListener('popstate', event => {
    if (busy) {
      event.stopImmediatePropagation()
      // A link was followed meanwhile, and the step back has left it again: there one wants to be.
      const isLeft = history.length > length
      length = history.length
      isLeft ? history.go(1) : arrived()
    } else if (depth() < open) {
      event.stopImmediatePropagation()
      back.leave()
    }
  })
