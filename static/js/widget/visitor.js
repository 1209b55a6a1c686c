// @ts-check
// Who the visitor is: the token that the server gave this browser, and what the page around says of them with
// the proof its server made.

/** @param {string} channel */
export function visitorOf(channel) {
  const name = `rapport.visitor.${channel}`
  /** Where the browser keeps nothing, it lives as long as the page. @type {string | null} */
  let memory = null
  return {
    name,
    get token() {
      try {
        return localStorage.getItem(name)
      } catch {
        return memory
      }
    },
    set token(value) {
      memory = value
      try {
        localStorage.setItem(name, value ?? '')
      } catch {
        /* as long as the page */
      }
    },
    identity: proof(),
  }
}

/** It stands behind the `#`, so that no log has it. */
function proof() {
  const said = new URLSearchParams(location.hash.slice(1))
  if (!said.get('user')) return null
  return { user_id: said.get('user'), hash: said.get('hash') ?? '', name: said.get('name') }
}
