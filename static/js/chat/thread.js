// @ts-check
// One conversation's messages in the page: what is shown (thread_window), what is fetched (thread_pages),
// what stands between (thread_items), how it scrolls, what of it was seen, and how it is drawn, put together.
import { h } from '../core/dom.js'
import { computed, effect, flush, signal } from '../core/signal.js'
import { itemsOf } from './thread_items.js'
import { firstUnread, threadMarks } from './thread_marks.js'
import { ThreadPages } from './thread_pages.js'
import { drawRows, jumpButton, pointTo, threadFrame } from './thread_rows.js'
import { edges, hold, isNearEnd } from './thread_scroll.js'
import { ThreadWindow } from './thread_window.js'

/** @typedef {import('../core/types.js').Message} Message */
/** A message that is looked for is fetched in pages of so many, so many times. */
const FIND_PAGE = 100,
  FIND_PAGES = 20
/** @type {import('./thread_items.js').Happening[]} */
const NOTHING = []
/**
 * @typedef {object} Beside
 * @property {() => import('./thread_items.js').Happening[]} all
 * @property {import('./thread_items.js').IsNothing} isNothing
 * @property {(numbers: number[]) => HTMLElement} row
 */

/**
 * @param {object} of
 * @param {import('../core/store.js').Store} of.store @param {number} of.id
 * @param {(query: import('./thread_pages.js').Query) => Promise<Message[]>} of.fetch a page of history
 * @param {(message: Message) => boolean} of.ours
 * @param {(key: string) => HTMLElement} of.row
 * @param {number} of.unread how many messages of the others are new to this person
 * @param {(seq: number) => void} of.read the person has seen everything up to here
 * @param {(problem: unknown) => void} of.trouble
 * @param {(count: number, limit: number) => boolean} [of.ends] whether a page of so many messages was the
 *   last one that way
 * @param {Beside} [of.happened] what happened to the conversation beside its messages
 */
export function messageThread(of) {
  const { store, id, row, happened } = of
  const thread = store.thread(id),
    shown = new ThreadWindow(thread),
    pages = new ThreadPages({ ends: (count, limit) => count < limit, ...of })
  const list = h('ol')
  const pinned = signal(true)
  const isBeginning = () =>
    pages.loaded() && thread.keys().length > 0 && thread.complete && shown.bounds()[1] === 0
  const { scroller, head, foot } = threadFrame(list, {
    isBeginning,
    isLoaded: () => pages.loaded(),
    isBroken: () => pages.broken(),
    isEmpty: () => pages.loaded() && !thread.keys().length,
    retry: () => walk.open(),
  })
  const marks = threadMarks({ ...of, scroller, list, isPinned: () => pinned.peek() })
  const items = itemsShown(of, { thread, shown, pages, unreadKey: marks.unreadKey })
  drawRows(list, items, row, happened?.row)
  scroller.addEventListener('scroll', () => scrolled(), { passive: true })
  const scrolled = () => {
    pinned.set(isNearEnd(scroller) && shown.follows())
    marks.mark()
  }
  const walk = walking({ ...of, thread, shown, pages, list, scroller, head, foot, pinned, marks })
  effect(() => {
    items()
    marks.mark()
  })
  const jump = jumpButton({
    isHidden: () => (pinned() && shown.follows()) || !pages.loaded(),
    missed: () => marks.missed(),
    go: () => walk.latest(),
  })
  return { scroller, jump, ...{ latest: walk.latest, find: walk.find, mark: marks.mark }, ready: walk.open() }
}

/**
 * What is in the page, as a list of keys.
 * @param {Pick<Parameters<typeof messageThread>[0], 'store' | 'happened'>} of
 * @param {Pick<Walk, 'thread' | 'shown' | 'pages'> & {unreadKey: () => string | null}} parts
 */
const itemsShown = ({ store, happened }, { thread, shown, pages, unreadKey }) =>
  computed(() => {
    const [keys, start, end] = shown.bounds()
    return itemsOf({
      ...{ keys, start, end },
      messageOf: key => store.peek(key),
      isComplete: thread.complete,
      isAtEnd: thread.atEnd(),
      unread: unreadKey(),
      happened: pages.loaded() ? (happened?.all() ?? NOTHING) : NOTHING,
      isNothing: happened?.isNothing,
    })
  })

/**
 * Going through a thread: older, newer, to the newest, to one message.
 * @param {{store: import('../core/store.js').Store, unread: number, ours: (message: Message) => boolean,
 *   thread: import('../core/store.js').Thread, shown: ThreadWindow, pages: ThreadPages, list: HTMLElement,
 * scroller: HTMLElement, head: HTMLElement, foot: HTMLElement, pinned:
 * import('../core/signal.js').Signal<boolean>, marks: ReturnType<typeof threadMarks>}} of
 */
function walking(of) {
  const { store, thread, shown, pages, list, scroller, pinned, marks } = of
  const watch = edges(scroller, of.head, of.foot, end => {
    if (!pages.loaded.peek()) return
    if (end === 'older') older(of, watch)
    else if (!shown.follows()) newer(of, watch)
  })
  /** Shows the newest message, wherever one was. */
  async function latest() {
    await pages.idle()
    if (!thread.atEnd.peek() && !(await pages.load())) return
    shown.follow()
    pinned.set(true)
    flush()
    scroller.scrollTop = 0
    marks.sawEnd()
    watch()
    marks.mark()
  }

  /**
   * Goes to a message by its id, or straight to its place where that is known; false if it is too far away.
   * @param {number | null} wanted
   * @param {number} [seq]
   */
  async function find(wanted, seq) {
    const key = await fetched(of, it => (wanted ? it.id === wanted : it.seq === seq), seq)
    if (!key) return false
    shown.around(key)
    flush()
    pointTo(list.querySelector(`[data-key="${CSS.escape(key)}"]`))
    watch()
    return true
  }

  async function open() {
    if (thread.low == null && !(await pages.load())) return false
    pages.loaded.set(true)
    marks.unreadKey.set(firstUnread(store, thread.keys.peek(), of.unread, of.ours))
    flush()
    await latest()
    return true
  }
  return { latest, find, open }
}

/** @typedef {Parameters<typeof walking>[0]} Walk */

/** @param {Walk} of @param {() => void} watch */
async function older({ thread, shown, pages, scroller, list }, watch) {
  let [keys, start] = shown.bounds()
  if (start === 0) {
    if (thread.complete || thread.low == null || !keys.length) return
    const oldest = keys[0]
    if (!(await pages.load({ before_seq: thread.low }))) return
    keys = thread.keys.peek()
    start = Math.max(0, keys.indexOf(oldest))
  }
  if (!keys.length) return
  hold(scroller, list, () => shown.growOlder(start))
  watch()
}

/** @param {Walk} of @param {() => void} watch */
async function newer({ thread, shown, pages, scroller, list }, watch) {
  const [keys, , end] = shown.bounds()
  if (end === keys.length && !thread.atEnd.peek() && !(await pages.load({ after_seq: thread.high }))) return
  hold(scroller, list, () => shown.growNewer(end))
  watch()
}

/**
 * The key of a message, which is fetched where it is not known yet: around its place, or page after page.
 * @param {Walk} of @param {(message: Message) => boolean} isIt @param {number} [seq]
 */
async function fetched({ store, thread, shown, pages }, isIt, seq) {
  const known = () =>
    thread.keys.peek().find(key => {
      const message = store.peek(key)
      return message && isIt(message)
    })
  if (!known() && seq) await pages.around(seq, () => shown.follow())
  for (let turn = 0; turn < FIND_PAGES && !known() && !thread.complete && thread.low != null; turn++)
    if (!(await pages.load({ before_seq: thread.low }, FIND_PAGE))) break
  return known()
}
