// @ts-check
// Whether the server has newer pages than this one. The address of every file holds the version of them all.
const VERSION = /\/s\/([^/]+)\//
const mine = VERSION.exec(import.meta.url)?.[1]

/** Asked when the line is back: that is when a server may have become another one. */
export async function newerVersion() {
  try {
    const answer = await fetch(location.pathname, { cache: 'no-store', credentials: 'same-origin' })
    const theirs = answer.ok && !answer.redirected ? VERSION.exec(await answer.text())?.[1] : null
    return !!mine && !!theirs && mine !== theirs
  } catch {
    return false
  }
}
