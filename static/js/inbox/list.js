// @ts-check
// The conversations of the chosen view: the parts of the list put together, and what is fetched only when it
// is needed.
import { announce } from '../core/announce.js'
import { each, h } from '../core/dom.js'
import { effect, signal } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { conversationRow, taking } from './conversation_row.js'
import { counting } from './counts.js'
import { isNarrow } from './list_filter.js'
import { listHeader, searchField, viewBar } from './list_header.js'
import { listPages } from './list_pages.js'
import { listWalk } from './list_walk.js'
import { Selection } from './selection.js'
import { isNarrowed, isSearch, place } from './url_state.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('../core/signal.js').Signal<Channel[] | null>} Known channels; null: not asked yet */
/** @typedef {{busy: () => boolean, count: () => number}} Search */

/**
 * @param {Session} session
 * @param {Known} known
 * @param {(button: HTMLElement) => unknown} write begins a new message
 */
export function conversationList(session, known, write) {
  const channels = () => known() ?? []
  const pages = listPages(session)
  const selection = new Selection()
  effect(() => selection.keep(pages.shown()))
  const counts = counting(session)
  const list = h('ol', { 'aria-label': t('list.label') })
  each(list, pages.shown, id =>
    conversationRow(session, id, selection, taking(session, selection, pages.shown)),
  )
  const walk = listWalk(session, pages.shown, list, selection)
  const { field, input, narrow } = searchField(session, known)
  const header = listHeader(session, { channels, selection, write })
  const side = h(
    'section.side',
    { 'aria-label': t('list.title') },
    header.box,
    field,
    viewBar(counts),
    pendingLine(session),
    ...lazyParts(session, channels, selection, pages),
    rows(session, pages, list, known),
  )
  return {
    side,
    find: input,
    filter: header.filter,
    narrow,
    walk,
    selection,
    shown: pages.shown,
    unread: counts.all,
  }
}

/** What was done while the line was away and waits for it. @param {Session} session */
const pendingLine = ({ acts }) => {
  const count = () => [...acts.waiting().values()].reduce((sum, each) => sum + each, 0)
  return h('p.pending-acts', { role: 'status', hidden: () => !count() }, () =>
    count() ? t('list.pending', { count: count() }) : '',
  )
}

/**
 * Parts of the list whose code comes with their first use.
 * @param {Session} session
 * @param {() => Channel[]} channels
 * @param {Selection} selection
 * @param {ReturnType<typeof listPages>} pages
 */
const lazyParts = (session, channels, selection, pages) => [
  whenNeeded(
    () => session.book.views().length > 0 || isNarrow(place()),
    () => import('./saved_views.js').then(each => each.savedViews(session)),
  ),
  whenNeeded(
    () => isNarrowed(place()) || isNarrow(place()),
    () => import('./filter_menu.js').then(each => each.filterLine(session, channels)),
  ),
  whenNeeded(
    () => selection.isOn,
    () => import('./bulk_actions.js').then(each => each.bulkBar(session, selection, pages)),
  ),
]

/** @param {() => boolean} isNeeded @param {() => Promise<HTMLElement>} make */
function whenNeeded(isNeeded, make) {
  const box = h('div')
  let isAsked = false
  effect(() => {
    if (isAsked || !isNeeded()) return
    isAsked = true
    make().then(
      made => box.append(made),
      () => (isAsked = false),
    )
  })
  return box
}

/**
 * @param {Session} session
 * @param {ReturnType<typeof listPages>} pages
 * @param {HTMLElement} list
 * @param {Known} known
 */
function rows(session, pages, list, known) {
  const { box: hits, search } = results(session, pages)
  const hitCount = () => (isSearch(place()) ? search().count() : 0)
  const busy = () => pages.state() === 'loading' || (isSearch(place()) && search().busy())
  const isBare = () => !pages.shown().length && !hitCount()
  const empty = whenNeeded(
    () => isBare() && !busy(),
    () =>
      import('./empty_state.js').then(each =>
        each.emptyState(session, {
          state: () => (isBare() && !busy() ? pages.state() : ''),
          channels: known,
          again: () => pages.load(),
        }),
      ),
  )
  effect(() => {
    if (!isSearch(place()) || busy()) return
    const count = isNarrowed(place()) ? hitCount() : pages.shown().length
    announce(t(isNarrowed(place()) ? 'list.messages_found' : 'list.found', { count }))
  })
  const end = h('div.edge')
  const scroller = h(
    'div.rows',
    { tabindex: '-1' },
    list,
    hits,
    skeleton(() => busy() && isBare()),
    end,
    empty,
  )
  followEnd(scroller, end, pages)
  return scroller
}

/**
 * More is fetched as one comes near the end; a page that leaves the end in sight calls for the next one.
 * Where the end is, is asked anew after each page: it stands in sight while the list is still empty.
 * @param {HTMLElement} scroller
 * @param {HTMLElement} end
 * @param {ReturnType<typeof listPages>} pages
 */
function followEnd(scroller, end, pages) {
  const watcher = new IntersectionObserver(entries => entries.at(-1)?.isIntersecting && pages.more(), {
    root: scroller,
    rootMargin: '600px',
  })
  effect(() => {
    if (!pages.next()) return
    watcher.unobserve(end)
    watcher.observe(end)
  })
}

/**
 * What the server's search finds, whose code comes with the first search: until then it is under way.
 * @param {Session} session
 * @param {ReturnType<typeof listPages>} pages
 */
function results(session, pages) {
  const box = h('div')
  const search = signal(/** @type {Search} */ ({ busy: () => true, count: () => 0 }))
  let isAsked = false
  effect(() => {
    if (isAsked || !isSearch(place())) return
    isAsked = true
    import('./search_results.js')
      .then(each => {
        const made = each.searchResults(session, pages.shown)
        box.append(made.box)
        search.set(made)
      })
      .catch(problem => {
        search.set({ busy: () => false, count: () => 0 })
        showError(problem)
      })
  })
  return { box, search }
}

/** @param {() => boolean} on */
const skeleton = on =>
  h(
    'div',
    { hidden: () => !on(), 'aria-hidden': 'true' },
    ...Array.from({ length: 6 }, () =>
      h(
        'div.conversation',
        h('span.skeleton.round'),
        h('span.words', h('span.skeleton.line'), h('span.skeleton.line.long')),
      ),
    ),
  )
