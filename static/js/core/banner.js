// @ts-check
// One honest line about the connection: only when something is wrong for longer than a blink, and what
// happens next. Where the browser calls itself offline, too, it is said at once.
import { h, icon } from './dom.js'
import { effect, onCleanup, signal } from './signal.js'
import { t } from './words.js'

/** A line that is back by then was never worth a word. */
const BLINK = 1_500

/** @typedef {import('./socket.js').Link} Link */

/**
 * @param {Link} link
 * @param {() => string} [more] another trouble to tell while the line is well
 * @param {() => {label: string, run: () => void} | null} [act] what can be done about that
 * @param {HTMLElement | null} [below] a line that is no trouble
 * @returns {HTMLElement}
 */
export function banner(link, more = () => '', act = () => null, below = null) {
  const offline = browserIsOffline()
  const down = isDown(link, offline)
  const left = secondsLeft(link, down)
  const isOut = () => link.state() === 'signed_out'
  const words = () => {
    if (!down() || isOut()) return more()
    return t(offline() ? 'banner.network' : 'banner.server')
  }
  const isWaiting = () => down() && link.state() === 'waiting'
  const line = h(
    'div.banner',
    { role: 'status', hidden: () => !words() },
    icon('off'),
    h('span', words),
    h('span.soft', { 'aria-hidden': 'true', hidden: () => !isWaiting() || !left() }, () =>
      t('banner.again_in', { count: left() }),
    ),
    smallButton(
      () => !isWaiting(),
      () => t('banner.now'),
      () => link.hurry(),
    ),
    smallButton(
      () => (down() && !isOut()) || !act(),
      () => act()?.label ?? '',
      () => act()?.run(),
    ),
  )
  return below ? h('div.banners', line, below) : line
}

/** What the browser itself says of the network. */
function browserIsOffline() {
  const offline = signal(!navigator.onLine)
  const look = () => offline.set(!navigator.onLine)
  for (const name of ['online', 'offline']) {
    addEventListener(name, look)
    onCleanup(() => removeEventListener(name, look))
  }
  return offline
}

/** @param {Link} link @param {() => boolean} offline */
function isDown(link, offline) {
  const down = signal(false)
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  effect(() => {
    clearTimeout(timer)
    if (link.state() === 'live') down.set(false)
    else if (offline()) down.set(true)
    else if (!down.peek()) timer = setTimeout(() => down.set(true), BLINK)
  })
  return down
}

/** Until the next try. @param {Link} link @param {() => boolean} down */
function secondsLeft(link, down) {
  const left = signal(0)
  effect(() => {
    if (!down()) return
    const count = () => left.set(Math.max(0, Math.ceil((link.nextTry.peek() - Date.now()) / 1_000)))
    const timer = setInterval(count, 500)
    onCleanup(() => clearInterval(timer))
  })
  return left
}

/** @param {() => boolean} hidden @param {() => string} label @param {() => void} onclick */
const smallButton = (hidden, label, onclick) =>
  h('button.button.quiet.small', { type: 'button', hidden, onclick }, label)
