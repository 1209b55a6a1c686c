// @ts-check
// One honest line about the connection: only when something is wrong for longer than a blink, and what happens next.
import { h, icon } from './dom.js'
import { effect, signal } from './signal.js'
import { t } from './words.js'

const BLINK = 2_000

/** @param {import('./socket.js').Link} link @param {() => string} [more] another trouble to tell while the line is well @param {() => {label: string, run: () => void} | null} [act] what can be done about that */
export function banner(link, more = () => '', act = () => null) {
  const down = signal(false),
    left = signal(0)
  /** @type {any} */
  let timer = null
  effect(() => {
    const well = link.state() === 'live'
    clearTimeout(timer)
    if (well) down.set(false)
    else if (!down.peek()) timer = setTimeout(() => down.set(true), BLINK)
  })
  setInterval(() => {
    if (down.peek()) left.set(Math.max(0, Math.ceil((link.nextTry.peek() - Date.now()) / 1000)))
  }, 500)
  const words = () =>
    down() && link.state() !== 'signed_out'
      ? navigator.onLine
        ? t('banner.server')
        : t('banner.network')
      : more()
  return h(
    'div.banner',
    { role: 'status', hidden: () => !words() },
    icon('off'),
    h('span', words),
    h(
      'span.soft',
      { 'aria-hidden': 'true', hidden: () => !down() || link.state() !== 'waiting' || !left() },
      () => t('banner.again_in', { count: left() }),
    ),
    h(
      'button.button.quiet.small',
      { type: 'button', hidden: () => !down() || link.state() !== 'waiting', onclick: () => link.hurry() },
      t('banner.now'),
    ),
    h(
      'button.button.quiet.small',
      {
        type: 'button',
        hidden: () => (down() && link.state() !== 'signed_out') || !act(),
        onclick: () => act()?.run(),
      },
      () => act()?.label ?? '',
    ),
  )
}
