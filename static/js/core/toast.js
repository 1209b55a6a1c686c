// @ts-check
// A short message at the edge, one at a time: the next takes its place. The page makes room for it: nothing
// lies beneath.
import { h, icon } from './dom.js'
import { t } from './words.js'

/** How long it stays: longer with something to do, or to read twice. */
const SHORT = 4_000
const LONG = 8_000

/** @type {HTMLElement | null} */
let shelf = null
/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading

/**
 * @param {string} text
 * @param {{tone?: 'bad' | 'good', action?: string, run?: () => void, lasts?: number}} [how]
 */
export function toast(text, { tone, action, run, lasts } = {}) {
  const here = theShelf()
  const act = () => {
    clear()
    run?.()
  }
  here.replaceChildren(
    h(
      'div',
      { class: `toast ${tone ?? ''}` },
      tone === 'bad' && icon('alert'),
      h('span', { dir: 'auto' }, text),
      action && h('button.button.quiet', { type: 'button', onclick: act }, action),
    ),
  )
  document.documentElement.style.setProperty('--toast', `${here.offsetHeight}px`)
  clearTimeout(fading)
  fading = setTimeout(clear, lasts ?? (action || tone === 'bad' ? LONG : SHORT))
}

function theShelf() {
  if (!shelf) {
    shelf = /** @type {HTMLElement} */ (h('div.toasts', { role: 'status', 'aria-live': 'polite' }))
    document.body.append(shelf)
  }
  return shelf
}

function clear() {
  shelf?.replaceChildren()
  document.documentElement.style.removeProperty('--toast')
}

/** Shows why something did not work. @param {unknown} problem whatever was thrown */
export function showError(problem) {
  const message = problem instanceof Error ? problem.message : ''
  // A part of the page that did not come: a browser's own words for that are no words for a person.
  const isMissing = problem instanceof TypeError && /import|module|fetch/i.test(message)
  toast(isMissing ? t('error.offline') : message || t('error.server'), { tone: 'bad' })
}
