// @ts-check
// Has the shell of the inbox kept in this browser (static/offline_worker.js), so that it opens without a
// network. The one script address that this page may make: the policy of the pages allows it by name.

const ADDRESS = '/offline_worker.js'
const POLICY = 'rapport-worker'
/** After what is fetched when nothing else is to be done. */
const LATER = 15_000

/**
 * @typedef {{createPolicy(name: string, rules: {createScriptURL(address: string): string}): {createScriptURL(address: string): string}}} TrustedTypes
 */

export async function keepShell() {
  if (!('serviceWorker' in navigator)) return
  try {
    await navigator.serviceWorker.register(trusted(ADDRESS), { updateViaCache: 'none' })
    const { active } = await navigator.serviceWorker.ready
    const tell = () => active?.postMessage({ type: 'keep', files: loaded() })
    tell()
    setTimeout(tell, LATER)
  } catch {
    /* a private window or a full disk: the page works as before, with a network */
  }
}

/** @param {string} address */
function trusted(address) {
  const types = /** @type {{trustedTypes?: TrustedTypes}} */ (/** @type {unknown} */ (globalThis))
    .trustedTypes
  if (!types) return address
  const policy = types.createPolicy(POLICY, {
    createScriptURL: asked => {
      if (asked !== ADDRESS) throw new TypeError(`No script comes from ${asked}.`)
      return asked
    },
  })
  return policy.createScriptURL(address)
}

/** The files of our own that this page has had so far. */
const loaded = () =>
  performance
    .getEntriesByType('resource')
    .map(each => each.name)
    .filter(name => name.startsWith(`${location.origin}/s/`))
