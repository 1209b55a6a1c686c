// @ts-check
// Saved views, one's own and the team's: opened, kept, counted, removed; those of a folder stand in it.
import { remove } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { may } from '../core/may.js'
import { computed } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { deleted } from '../core/undo.js'
import { t } from '../core/words.js'
import { amount, countingSaved } from './counts.js'
import { isNarrow } from './list_filter.js'
import { placeOf } from './saved_query.js'
import { go, isNarrowed, NO_FILTER, place } from './url_state.js'

/** @typedef {import('./team_data.js').View} View */
/** @typedef {import('./session.js').Session} Session */

/** Where a view leads; what is open stays open. @param {View} view */
export const openSavedView = view => go({ ...NO_FILTER, ...placeOf(view.filter ?? {}), c: place.peek().c })

/** @param {Session} session @returns {HTMLElement} */
export function savedViews(session) {
  const { book } = session
  const counts = countingSaved(session)
  const chip = (/** @type {View} */ view) => viewChip(session, view, counts)
  // A view is one of conversations: the days and the person of a search are not kept with it.
  const isKept = computed(() => isNarrow(place()) && !isNarrowed(place()))
  const box = h('div.saved-views', {
    role: 'group',
    'aria-label': t('views.label'),
    hidden: () => !book.views().length && !isKept(),
  })
  return show(box, () => [
    ...inFolders(book.views()).map(([folder, views]) => folderOf(folder, views.map(chip))),
    isKept() && h('div.chips.saved', saveButton(book)),
  ])
}

/** @param {import('./team_data.js').TeamData} book */
function saveButton(book) {
  const save = () => import('./dialogs.js').then(each => each.saveView(book)).catch(showError)
  return h('button.chip.add', { type: 'button', onclick: save }, icon('plus'), t('views.save'))
}

/** Those without a folder first. @param {View[]} views @returns {[string, View[]][]} */
export function inFolders(views) {
  /** @type {Map<string, View[]>} */
  const out = new Map([['', []]])
  for (const view of views) {
    const folder = view.folder ?? ''
    out.set(folder, [...(out.get(folder) ?? []), view])
  }
  return [...out].filter(([, all]) => all.length).sort(([a], [b]) => a.localeCompare(b))
}

/** @param {string} folder @param {HTMLElement[]} chips */
const folderOf = (folder, chips) =>
  folder
    ? h(
        'details.folder',
        { open: true },
        h('summary', h('span', { dir: 'auto' }, folder)),
        h('div.chips.saved', ...chips),
      )
    : h('div.chips.saved', ...chips)

/** @param {Session} session @param {View} view @param {{of: (id: number) => number}} counts */
function viewChip({ book, me }, view, counts) {
  const again = () => book.again('views', '/views')
  const gone = () =>
    remove(`/views/${view.id}`)
      .then(again)
      .then(() => deleted(`/views/${view.id}`, view.name, again))
      .catch(showError)
  // One of the team's is removed by who made it, or by who looks after them.
  const mayRemove = !view.is_shared || view.is_mine !== false || may(me, 'views.manage')
  const count = () => counts.of(view.id)
  return h(
    'span.chip.view',
    h(
      'button',
      { type: 'button', dir: 'auto', onclick: () => openSavedView(view) },
      view.is_shared && icon('people', t('views.shared')),
      view.name,
    ),
    h(
      'span.badge.calm',
      { 'aria-label': () => t('list.count', { count: count() }), hidden: () => !count() },
      () => amount(count()),
    ),
    mayRemove &&
      h(
        'button',
        { type: 'button', 'aria-label': t('views.remove', { name: view.name }), onclick: gone },
        icon('close'),
      ),
  )
}
