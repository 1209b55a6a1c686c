// @ts-check
// A picture over the whole window: arrows go to its neighbours in the thread, a click zooms, Escape leaves.
import { h, icon } from '../core/dom.js'
import { asStep } from '../core/history_steps.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'

/** @param {HTMLElement} from the picture's button in the thread */
export function openViewer(from) {
  const all = /** @type {HTMLElement[]} */ ([
    ...(from.closest('ol') ?? document).querySelectorAll('[data-picture]'),
  ])
  const at = signal(all.indexOf(from))
  const address = () => all[at()]?.dataset.picture ?? ''
  const words = () => all[at()]?.querySelector('img')?.alt ?? ''
  const picture = h('img', {
    src: address(),
    alt: words(),
    onclick: () => picture.classList.toggle('zoomed'),
  })
  /** @param {number} by */
  const go = by => {
    at.set(Math.max(0, Math.min(all.length - 1, at.peek() + by)))
    picture.classList.remove('zoomed')
    picture.src = address()
    picture.alt = words()
    name.textContent = words()
    link.href = address()
  }
  const name = h('span', words())
  const link = h(
    'a.button.quiet',
    { href: address(), download: '', 'aria-label': t('media.download') },
    icon('down'),
  )
  const box = h(
    'dialog.viewer',
    { 'aria-label': t('media.viewer') },
    h(
      'header',
      name,
      link,
      h(
        'button.button.quiet',
        { type: 'button', 'aria-label': t('common.close'), onclick: () => box.close() },
        icon('close'),
      ),
    ),
    picture,
  )
  box.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'ArrowLeft') go(-1)
    if (event.key === 'ArrowRight') go(1)
  })
  box.addEventListener('close', () => {
    box.remove()
    left()
    from.focus()
  })
  box.addEventListener('click', (/** @type {MouseEvent} */ event) => {
    if (event.target === box) box.close()
  })
  const left = asStep(() => box.close())
  document.body.append(box)
  box.showModal()
}
