// @ts-check
// What is fetched only when somebody reaches for it is fetched when the page has nothing to do: then it is
// there offline,
// too, and at once. The first look at the inbox pays nothing for it.

/** After the first look. */
const LATER = 5_000
const PARTS = [
  './asking.js',
  './filters.js',
  './narrow.js',
  './hits.js',
  './palette.js',
  './care.js',
  './bulk.js',
  './views.js',
  './nothing.js',
  './start.js',
  './person.js',
  './customer.js',
  './history.js',
  './proposal.js',
  '../chat/emoji.js',
  '../chat/suggest.js',
  '../chat/viewer.js',
  '../chat/voice.js',
  '../core/user_menu.js',
  '../core/notification_settings.js',
  '../core/password.js',
]

/** One after the other, each when nothing else is to be done. */
export function fetchAhead() {
  const idle = (/** @type {() => void} */ work) =>
    'requestIdleCallback' in window ? requestIdleCallback(work, { timeout: 10_000 }) : setTimeout(work, 200)
  const left = [...PARTS]
  async function next() {
    const part = left.shift()
    if (!part) return
    try {
      await import(part)
    } catch {
      return // it is fetched when it is needed
    }
    idle(next)
  }
  setTimeout(() => idle(next), LATER)
}
