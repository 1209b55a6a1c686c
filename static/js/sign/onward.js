// @ts-check
// Where one goes after signing in. Never a place on another server: a link from elsewhere chooses nothing.

/**
 * The whole address is given back, never its path alone: a path such as `//evil.example` names a server
 * by itself.
 * @param {string | null} wanted @param {string} here the address of this page @returns {string}
 */
export function onward(wanted, here) {
  const home = new URL('/', here)
  try {
    const url = new URL(wanted || '/', home)
    // A blob: has the origin of who made it, and is nobody's page.
    const isOurs = url.origin === home.origin && url.protocol === home.protocol
    // Put together anew, so that no name and password of the address go along.
    return isOurs ? url.origin + url.pathname + url.search + url.hash : home.href
  } catch {
    return home.href
  }
}
