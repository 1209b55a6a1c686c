// @ts-check
// What stands above the list: its title and tools, the search, the views with what waits in each.
import { h, icon } from '../core/dom.js'
import { keyWords } from '../core/key_words.js'
import { may } from '../core/may.js'
import { keyFor, spokenKeys } from '../core/shortcuts.js'
import { computed, effect } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { amount } from './counts.js'
import { VIEWS } from './list_filter.js'
import { go, isNarrowed, NO_SEARCH, place } from './url_state.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Channel} Channel */

/**
 * @param {Session} session
 * @param {{channels: () => Channel[], selection: import('./selection.js').Selection, write: (button: HTMLElement) => unknown}} parts
 */
export function listHeader(session, { channels, selection, write }) {
  const filterButton = tool('list.filter', 'filter', button => openFilters(button), {
    'aria-keyshortcuts': () => spokenKeys('filter'),
    'aria-haspopup': 'listbox',
    'aria-expanded': 'false',
  })
  const openFilters = (/** @type {HTMLElement} */ button) =>
    import('./filter_menu.js').then(each => each.openFilters(session, channels, button)).catch(showError)
  const box = h(
    'header',
    h('h1', () => t(`view.${place().view}`)),
    h(
      'div.tools',
      may(session.me, 'conversations.bulk') &&
        tool('bulk.choose', 'check', () => (selection.chosen.peek() ? selection.end() : selection.begin()), {
          'aria-keyshortcuts': () => spokenKeys('choose'),
          'aria-pressed': () => String(selection.isOn),
        }),
      filterButton,
      ['conversations.start', 'direct.write'].some(each => may(session.me, each)) &&
        tool('start.title', 'pen', write),
    ),
  )
  return { box, filter: () => openFilters(filterButton) }
}

/**
 * @param {string} words
 * @param {string} sign
 * @param {(button: HTMLElement) => unknown} run
 * @param {Record<string, unknown>} [more]
 * @returns {HTMLElement}
 */
const tool = (words, sign, run, more = {}) =>
  h(
    'button.button.quiet',
    {
      type: 'button',
      'aria-label': t(words),
      title: t(words),
      onclick: (/** @type {{currentTarget: HTMLElement}} */ event) => run(event.currentTarget),
      ...more,
    },
    icon(sign),
  )

/** @param {Session} session @param {() => Channel[] | null} known */
export function searchField(session, known) {
  /** @type {HTMLInputElement} */
  const input = h('input', {
    type: 'search',
    placeholder: t('list.search'),
    'aria-label': t('list.search'),
    'aria-keyshortcuts': () => spokenKeys('search'),
    value: () => place().q,
    spellcheck: false,
    oninput: () => go({ q: input.value }, { replace: true }),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Escape') return
      go(NO_SEARCH, { replace: true })
      input.blur()
    },
  })
  const narrow = () => {
    import('./search_filters.js')
      .then(each => each.openSearchFilters(session, known(), input))
      .catch(showError)
  }
  const button = tool('list.narrow', 'calendar', narrow, {
    'aria-haspopup': 'dialog',
    'aria-keyshortcuts': () => spokenKeys('narrow'),
    'aria-pressed': () => String(isNarrowed(place())),
  })
  button.classList.add('small')
  const field = h(
    'div.find',
    { role: 'search' },
    icon('search'),
    input,
    h('kbd', { 'aria-hidden': 'true' }, () => keyWords(keyFor('search') ?? '')),
    button,
  )
  return { field, input, narrow }
}

/** @param {{of: (view: string) => number}} counts */
export function viewBar(counts) {
  const bar = h(
    'div.views',
    { role: 'group', 'aria-label': t('list.views') },
    ...VIEWS.map(view => viewButton(view, counts)),
  )
  // Where the views are one line that can be pushed, the one that is open is in sight, with its numbers, too.
  const isCounted = computed(() => VIEWS.some(view => counts.of(view) > 0))
  const isOpen = computed(() => place().view)
  effect(() => {
    isOpen()
    isCounted()
    requestAnimationFrame(() => inSight(bar.querySelector('[aria-pressed=true]')))
  })
  return bar
}

/** @param {Element | null} button */
const inSight = button => button?.scrollIntoView({ block: 'nearest', inline: 'nearest' })

/** @param {string} view @param {{of: (view: string) => number}} counts */
function viewButton(view, counts) {
  const count = () => counts.of(view)
  return h(
    'button',
    {
      type: 'button',
      'aria-pressed': () => String(place().view === view),
      'aria-keyshortcuts': () => spokenKeys(`view_${view}`),
      onclick: () => openView(view),
      onfocus: (/** @type {{currentTarget: HTMLElement}} */ { currentTarget }) => inSight(currentTarget),
    },
    t(`view.${view}`),
    h(
      'span.badge.calm',
      { 'aria-label': () => t(view === 'waiting' ? 'list.waiting' : 'list.unread', { count: count() }) },
      () => (count() ? amount(count()) : ''),
    ),
  )
}

/** @param {string} view */
export const openView = view => go({ ...(isNarrowed(place.peek()) ? NO_SEARCH : {}), view })
