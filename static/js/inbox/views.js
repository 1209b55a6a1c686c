// @ts-check
// The views a person has saved: kept, opened, removed.
import { remove } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { showError } from '../core/toast.js'
import { deleted } from '../core/undo.js'
import { t } from '../core/words.js'
import { placeOf } from './asked.js'
import { go, isNarrow, isNarrowed, NO_SEARCH, place } from './place.js'

/** The views a person has saved, and the way to save this one. @param {import('./session.js').Session} session */
export function savedViews({ book }) {
  const save = () => import('./asking.js').then(each => each.saveView(book)).catch(showError)
  // A view is one of conversations: the days and the person of a search are not kept with it.
  const isKept = () => isNarrow(place()) && !isNarrowed(place())
  const again = () => book.again('views', '/views')
  /** @param {import('./book.js').View} it */
  const view = it =>
    h(
      'span.chip.view',
      h(
        'button',
        {
          type: 'button',
          dir: 'auto',
          onclick: () => go({ ...NO_SEARCH, ...placeOf(it.filter ?? {}), c: place.peek().c }),
        },
        it.name,
      ),
      h(
        'button',
        {
          type: 'button',
          'aria-label': t('views.remove', { name: it.name }),
          onclick: () =>
            remove(`/views/${it.id}`)
              .then(() => again())
              .then(() => deleted(`/views/${it.id}`, it.name, again))
              .catch(showError),
        },
        icon('close'),
      ),
    )
  return show(
    h('div.chips.saved', {
      role: 'group',
      'aria-label': t('views.label'),
      hidden: () => !book.views().length && !isKept(),
    }),
    () => [
      ...book.views().map(view),
      isKept() && h('button.chip.add', { type: 'button', onclick: save }, icon('plus'), t('views.save')),
    ],
  )
}
