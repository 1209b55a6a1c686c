// @ts-check
// Of all tabs of this browser one speaks for them: it alone notifies and sounds.
let leading = false,
  seat = ''

/** @param {string} name */
export function stand(name) {
  if (!navigator.locks) {
    leading = true
    return
  }
  // Held until the tab goes; the next one in the queue then takes over.
  navigator.locks
    .request(
      name,
      () =>
        new Promise(() => {
          leading = true
        }),
    )
    .catch(() => {
      leading = true
    })
}

/**
 * Whether somebody looks at this page: a window that is visible behind another one is looked at by nobody.
 */
export const isLookedAt = () => !document.hidden && document.hasFocus()

/**
 * Says of this tab whether somebody looks at it, from now on.
 * @param {string} name
 * @param {() => boolean} isSeen asked whenever the window comes or goes, and when the answer is called
 */
export function watch(name, isSeen) {
  seat = `${name} is looked at`
  /** @type {(() => void) | null} */
  let leave = null
  const look = () => {
    if (!isSeen()) {
      leave?.()
      leave = null
    } else if (!leave && navigator.locks) {
      const seen = new Promise(done => {
        leave = () => done(null)
      })
      navigator.locks.request(seat, { mode: 'shared' }, () => seen).catch(() => {})
    }
  }
  document.addEventListener('visibilitychange', look)
  addEventListener('focus', look)
  addEventListener('blur', look)
  look()
  return look
}

/** Whether somebody looks at any tab of this browser: then none of them calls. */
async function isWatched() {
  try {
    return !!seat && (await navigator.locks.query()).held?.some(each => each.name === seat) === true
  } catch {
    return false
  }
}

/** Whether this tab is the one to speak, and nobody looks. */
export const mayCall = async () => leading && !(await isWatched())
