// @ts-check
// The page around the visitor's frame: spoken to by name, and only at the one origin that the frame was
// given.

/** @typedef {{rapport: 1, type: string, theme?: string}} Heard */

/** @param {string | null} origin */
export function hostPage(origin) {
  return {
    /** @param {string} type @param {Record<string, unknown>} [more] */
    tell(type, more) {
      if (parent !== window && origin) parent.postMessage({ rapport: 1, type, ...more }, origin)
    },
    /** @param {(frame: Heard) => void} each */
    hear(each) {
      addEventListener('message', event => {
        const isTheirs = event.source === parent && event.origin === origin && event.data?.rapport === 1
        if (isTheirs) each(event.data)
      })
    },
  }
}
