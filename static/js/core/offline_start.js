// @ts-check
// A page that was opened while nobody can be reached: it says so instead of staying white, and goes on by
// itself.
import { statusOf } from './api.js'
import { h, icon } from './dom.js'
import { t } from './words.js'

const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000

/**
 * Asks until somebody answers; meanwhile the page says why it is empty.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {Promise<unknown>} words what it is said in
 * @returns {Promise<T>}
 */
export async function untilReachable(ask, words) {
  for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, wait * 2)) {
    try {
      return await ask()
    } catch (problem) {
      // Whoever is signed out is on the way to the sign-in.
      if (statusOf(problem) === 401) await new Promise(() => {})
    }
    await words
    await showAndWait(wait)
  }
}

/** Until it is time, the network is back, or somebody does not want to wait. @param {number} wait */
function showAndWait(wait) {
  return new Promise(done => {
    const timer = setTimeout(go, wait)
    addEventListener('online', go)
    const shell = offlineShell(go)
    const place = document.getElementById('app')
    if (!place?.querySelector('.offline')) place?.replaceChildren(shell)
    else place.querySelector('button')?.addEventListener('click', go, { once: true })
    function go() {
      clearTimeout(timer)
      removeEventListener('online', go)
      done(null)
    }
  })
}

/** @param {() => void} again */
const offlineShell = again =>
  h(
    'div.app.offline',
    { 'data-view': 'list' },
    h('nav.rail', { 'aria-label': t('rail.label') }, h('span.logo', icon('chat'))),
    h(
      'main.empty',
      icon('off'),
      h('h1', t('offline.title')),
      h('p', t('offline.lead')),
      h('button.button.primary', { type: 'button', onclick: again }, t('banner.now')),
    ),
    h(
      'div.banner',
      { role: 'status' },
      icon('off'),
      h('span', () => t(navigator.onLine ? 'banner.server' : 'banner.network')),
    ),
  )
