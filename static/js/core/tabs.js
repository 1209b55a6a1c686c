// @ts-check
// Of all tabs of this browser one speaks for them: it alone notifies and sounds.
let leading = false

/** @param {string} name */
export function stand(name) {
  if (!navigator.locks) { leading = true; return }
  // Held until the tab goes; the next one in the queue then takes over.
  navigator.locks.request(name, () => new Promise(() => { leading = true })).catch(() => { leading = true })
}

export const isLeader = () => leading
