// @ts-check
// A picture, a film or a PDF over the whole window: which one of how many, arrows to its neighbours in the
// thread, a click zooms a picture, Escape leaves.
import { h, icon } from '../core/dom.js'
import { asStep } from '../core/history_steps.js'
import { effect, owned, signal } from '../core/signal.js'
import { stylesheet } from '../core/stylesheet.js'
import { moreWords, t } from '../core/words.js'

await Promise.all([moreWords(), stylesheet('viewer')])

/** What can be looked at: `data-shown` has its address. @param {HTMLElement} from the button in the thread */
export function openViewer(from) {
  const all = /** @type {HTMLElement[]} */ ([
    ...(from.closest('ol') ?? document).querySelectorAll('[data-shown]'),
  ])
  const at = signal(all.indexOf(from))
  const [box, stop] = owned(() => viewer(all, at))
  const left = asStep(() => box.close())
  box.addEventListener('close', () => {
    stop()
    box.remove()
    left()
    from.focus()
  })
  document.body.append(box)
  box.showModal()
}

/**
 * @param {HTMLElement[]} all
 * @param {import('../core/signal.js').Signal<number>} at
 * @returns {HTMLDialogElement}
 */
function viewer(all, at) {
  const it = () => all[at()]
  const name = () => it()?.dataset.name ?? ''
  /** @param {number} by */
  const go = by => at.set(Math.max(0, Math.min(all.length - 1, at.peek() + by)))
  const stage = h('div.canvas')
  effect(() => stage.replaceChildren(shown(it(), name())))
  const box = h(
    'dialog.viewer',
    { 'aria-label': t('media.viewer') },
    h(
      'header',
      h('span', { dir: 'auto' }, name),
      all.length > 1 &&
        h('small', { role: 'status' }, () => t('media.count', { at: at() + 1, count: all.length })),
      h(
        'a.button.quiet',
        { href: () => it()?.dataset.shown ?? '', download: name, 'aria-label': t('media.download') },
        icon('download'),
      ),
      tool('common.close', 'close', () => box.close()),
    ),
    stage,
    all.length > 1 && sides(at, all.length, go),
  )
  listen(box, stage, go)
  return box
}

/** @param {() => number} at @param {number} count @param {(by: number) => void} go */
const sides = (at, count, go) => [
  tool('media.previous', 'back', () => go(-1), {
    class: 'button quiet side before',
    hidden: () => at() === 0,
  }),
  tool('media.next', 'back', () => go(1), {
    class: 'button quiet side after',
    hidden: () => at() === count - 1,
  }),
]

/** @param {HTMLDialogElement} box @param {HTMLElement} stage @param {(by: number) => void} go */
function listen(box, stage, go) {
  box.addEventListener('keydown', event => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by && !(event.target instanceof HTMLVideoElement)) go(isRtl() ? -by : by)
  })
  box.addEventListener('click', event => {
    if (event.target === box || event.target === stage) box.close()
  })
}

const isRtl = () => document.documentElement.dir === 'rtl'

/** @param {HTMLElement} it @param {string} name */
function shown(it, name) {
  const src = it.dataset.shown ?? ''
  // The browser's own reader, in a frame: the server gives a PDF there and nothing else.
  if (it.dataset.pages != null) return h('iframe', { src: `${src}/preview`, title: name })
  if (it.dataset.film != null) return h('video', { src, controls: true, autoplay: true, 'aria-label': name })
  const picture = h('img', { src, alt: name, onclick: () => picture.classList.toggle('zoomed') })
  return picture
}

/**
 * @param {string} name
 * @param {string} sign
 * @param {() => void} run
 * @param {Record<string, unknown>} [how]
 */
const tool = (name, sign, run, how = { class: 'button quiet' }) =>
  h('button', { ...how, type: 'button', 'aria-label': t(name), title: t(name), onclick: run }, icon(sign))
