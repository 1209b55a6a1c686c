// @ts-check
// One conversation. The store may hold any number of messages; the page holds a window of at most 240 of them.
// The scroller grows from its end (column-reverse around one child in its natural order), so that a browser with
// scroll anchoring keeps what is read in its place by itself; the others get the difference put back.
import { each, h, icon } from '../core/dom.js'
import { computed, effect, flush, onCleanup, signal } from '../core/signal.js'
import { day, dayOf } from '../core/time.js'
import { t } from '../core/words.js'

const PAGE = 60
const MOST = 240
const NEAR_END = 80
const ANCHORS = CSS.supports('overflow-anchor', 'auto')
const TOGETHER = 300_000
const UNREAD = 'unread',
  DAY = 'day '

/**
 * @param {object} of
 * @param {import('../core/store.js').Store} of.store @param {number} of.id
 * @param {(query: {before_seq?: number, after_seq?: number, around_seq?: number, limit: number}) => Promise<import('../core/types.js').Message[]>} of.fetch a page of history
 * @param {(message: import('../core/types.js').Message) => boolean} of.ours
 * @param {(key: string) => HTMLElement} of.row
 * @param {number} of.unread how many messages of the others are new to this person
 * @param {(seq: number) => void} of.read the person has seen everything up to here
 * @param {(problem: any) => void} of.trouble
 * @param {(count: number, limit: number) => boolean} [of.ends] whether a page of so many messages was the last one that way
 */
export function messageThread({
  store,
  id,
  fetch,
  ours,
  row,
  unread,
  read,
  trouble,
  ends = (count, limit) => count < limit,
}) {
  const thread = store.thread(id)
  const first = signal(/** @type {string | null} */ (null)) // the key the window starts with; null: the last page
  const last = signal(/** @type {string | null} */ (null)) // the key it ends with; null: it follows the newest
  const pinned = signal(true)
  const seen = signal(0) // the seq that was at the end when it was last in view
  const unreadKey = signal(/** @type {string | null} */ (null))
  const loaded = signal(thread.low != null)
  const broken = signal(false)
  /** The page that is on its way. @type {Promise<void> | null} */
  let loading = null

  /** @returns {[string[], number, number]} */
  const bounds = () => {
    const keys = thread.keys()
    const from = first() ? keys.indexOf(/** @type {string} */ (first())) : -1
    const to = last() ? keys.indexOf(/** @type {string} */ (last())) : -1
    return [keys, from < 0 ? Math.max(0, keys.length - PAGE) : from, to < 0 ? keys.length : to + 1]
  }

  const items = computed(() => {
    const [keys, start, end] = bounds()
    const out = []
    let before = 0
    for (let i = start; i < end; i++) {
      const message = store.peek(keys[i])
      if (!message || (message.seq == null && !thread.atEnd())) continue
      const today = dayOf(message.created_at)
      if (today !== before) out.push(DAY + today)
      if (keys[i] === unreadKey()) out.push(UNREAD)
      out.push(keys[i])
      before = today
    }
    return out
  })

  const missed = computed(() => {
    const keys = thread.keys(),
      from = seen()
    let count = thread.atEnd()
      ? 0
      : [...thread.ahead.values()].filter(m => !ours(m) && (m.seq ?? 0) > from).length
    for (let i = keys.length - 1; i >= 0; i--) {
      const message = store.peek(keys[i])
      if (!message || (message.seq != null && message.seq <= from)) break
      if (message.seq != null && !ours(message)) count++
    }
    return count
  })

  const list = h('ol')
  const head = h('div.edge'),
    foot = h('div.edge')
  const beginning = h(
    'p.beginning',
    {
      hidden: () =>
        !(loaded() && (thread.keys(), thread.complete) && bounds()[1] === 0 && thread.keys().length),
    },
    t('thread.beginning'),
  )
  const waiting = h(
    'div.empty',
    { hidden: () => loaded() && !broken() },
    h('span', {
      class: () => (broken() ? '' : 'skeleton'),
      vars: { 'inline-size': '12rem', 'block-size': '2rem' },
    }),
    h('p', { hidden: () => !broken() }, t('thread.not_loaded')),
    h(
      'button.button',
      { type: 'button', hidden: () => !broken(), onclick: () => open() },
      icon('retry'),
      t('common.retry'),
    ),
  )
  const nothing = h(
    'div.empty',
    { hidden: () => !loaded() || thread.keys().length > 0 },
    icon('chat'),
    h('p', t('thread.empty')),
  )
  const scroller = h(
    'div.thread',
    { tabindex: '0', role: 'log', 'aria-live': 'off', 'aria-label': t('thread.label') },
    h('div', head, beginning, waiting, nothing, list, foot),
  )
  each(list, items, key =>
    key === UNREAD
      ? h('li.unread-line', t('thread.unread'))
      : key.startsWith(DAY)
        ? h('li.day', dayLabel(key))
        : row(key),
  )
  effect(() => {
    items()
    shape(list)
  })

  /** @param {string} wanted */
  function dayLabel(wanted) {
    const found = thread.keys
      .peek()
      .map(key => store.peek(key))
      .find(message => message && DAY + dayOf(message.created_at) === wanted)
    return found ? day(found.created_at) : ''
  }

  /** Changes what is in the window while the first visible message stays where the eye has it. @param {() => void} change */
  function hold(change) {
    if (ANCHORS) {
      change()
      return flush()
    }
    const top = scroller.getBoundingClientRect().top
    const anchor = [...list.children].find(each => each.getBoundingClientRect().bottom > top)
    const before = anchor?.getBoundingClientRect().top
    change()
    flush()
    if (anchor?.isConnected && before != null)
      scroller.scrollTop += anchor.getBoundingClientRect().top - before
  }

  /** One page at a time; what is returned says that it has come. */
  function begin() {
    let done = () => {}
    loading = new Promise(arrived => {
      done = arrived
    })
    return () => {
      loading = null
      done()
    }
  }

  /** @param {{before_seq?: number, after_seq?: number}} asked @param {number} [limit] */
  async function load(asked, limit = PAGE) {
    if (loading) return false
    const arrived = begin()
    try {
      const messages = await fetch({ ...asked, limit })
      const last = ends(messages.length, limit)
      store.page(id, messages, {
        before: asked.before_seq,
        after: asked.after_seq,
        limit: messages.length + (last ? 1 : 0),
      })
      broken.set(false)
      return true
    } catch (problem) {
      if (loaded.peek()) trouble(problem)
      else broken.set(true)
      return false
    } finally {
      arrived()
    }
  }

  async function older() {
    let [keys, start] = bounds()
    if (start === 0) {
      if (thread.complete || thread.low == null || !keys.length) return
      const oldest = keys[0]
      if (!(await load({ before_seq: thread.low }))) return
      keys = thread.keys.peek()
      start = Math.max(0, keys.indexOf(oldest))
    }
    if (!keys.length) return
    hold(() => {
      const from = Math.max(0, start - PAGE)
      const end = bounds()[2]
      first.set(keys[from])
      if (end - from > MOST) last.set(keys[from + MOST - 1])
    })
    watch()
  }

  async function newer() {
    let [keys, start, end] = bounds()
    if (end === keys.length && !thread.atEnd.peek()) {
      if (!(await load({ after_seq: thread.high }))) return
      ;[keys, start, end] = [thread.keys.peek(), bounds()[1], end]
    }
    hold(() => {
      const to = Math.min(keys.length, end + PAGE)
      last.set(to === keys.length && thread.atEnd.peek() ? null : keys[to - 1])
      if (to - start > MOST) first.set(keys[to - MOST])
      else if (!first.peek()) first.set(keys[start])
    })
    watch()
  }

  /** Shows the newest message, wherever the window was. */
  async function latest() {
    while (loading) await loading // what somebody asks for waits for what came by scrolling
    if (!thread.atEnd.peek() && !(await load({}))) return
    first.set(null)
    last.set(null)
    pinned.set(true)
    flush()
    scroller.scrollTop = 0
    seen.set(Math.max(seen.peek(), lastVisible()))
    watch()
    mark()
  }

  /** Goes to a message by its id, or straight to its place where that is known; false if it is too far away. @param {number | null} wanted @param {number} [seq] */
  async function find(wanted, seq) {
    const known = () =>
      thread.keys.peek().find(key => {
        const it = store.peek(key)
        return it && (wanted ? it.id === wanted : it.seq === seq)
      })
    if (!known() && seq) await around(seq)
    for (let turn = 0; !known() && !thread.complete && thread.low != null && turn < 20; turn++)
      if (!(await load({ before_seq: thread.low }, 100))) break
    const key = known()
    if (!key) return false
    const keys = thread.keys.peek(),
      at = keys.indexOf(key)
    first.set(keys[Math.max(0, at - PAGE / 2)])
    last.set(at + PAGE / 2 >= keys.length ? null : keys[at + PAGE / 2])
    flush()
    const target = list.querySelector(`[data-key="${CSS.escape(key)}"]`)
    target?.scrollIntoView({ block: 'center' })
    target?.classList.add('found')
    setTimeout(() => target?.classList.remove('found'), 1_700)
    watch()
    return true
  }

  /** A stretch of the past with this place in its middle, instead of everything up to there. @param {number} seq */
  async function around(seq) {
    while (loading) await loading
    const arrived = begin()
    try {
      const messages = await fetch({ around_seq: seq, limit: PAGE })
      first.set(null)
      last.set(null)
      if (messages.length) store.around(id, messages)
    } catch (problem) {
      trouble(problem)
    } finally {
      arrived()
    }
  }

  const edges = new IntersectionObserver(
    entries => {
      for (const entry of entries)
        if (entry.isIntersecting && loaded.peek()) {
          if (entry.target === head) older()
          else if (last.peek() || !thread.atEnd.peek()) newer()
        }
    },
    { root: scroller, rootMargin: '1200px 0px' },
  )
  let left = false
  const watch = () => {
    edges.disconnect()
    if (!left) {
      edges.observe(head)
      edges.observe(foot)
    }
  }

  // Read is what stood in view while somebody looked: page visible, window in front.
  /** @type {any} */
  let marking = null
  function mark() {
    if (!left)
      marking ??= setTimeout(() => {
        marking = null
        const seq = lastVisible()
        if (pinned.peek()) seen.set(Math.max(seen.peek(), seq))
        if (seq && !document.hidden && document.hasFocus()) read(seq)
      }, 200)
  }

  function lastVisible() {
    const bottom = scroller.getBoundingClientRect().bottom
    const rows = list.children
    for (let i = rows.length - 1; i >= 0; i--) {
      const key = rows[i].dataset.key
      const seq = key ? store.peek(key)?.seq : null
      if (seq && (pinned.peek() || rows[i].getBoundingClientRect().bottom <= bottom + 8)) return seq
    }
    return 0
  }

  scroller.addEventListener(
    'scroll',
    () => {
      pinned.set(-scroller.scrollTop < NEAR_END && !last.peek() && thread.atEnd.peek())
      mark()
    },
    { passive: true },
  )
  effect(() => {
    items()
    mark()
  })
  addEventListener('focus', mark)
  document.addEventListener('visibilitychange', mark)
  onCleanup(() => {
    left = true
    edges.disconnect()
    clearTimeout(marking)
    removeEventListener('focus', mark)
    document.removeEventListener('visibilitychange', mark)
  })

  // The line stays while somebody reads: it is drawn once, above the oldest of what was new on opening.
  function drawUnreadLine() {
    let left = unread
    const keys = thread.keys.peek()
    for (let i = keys.length - 1; i >= 0 && left > 0; i--) {
      const message = store.peek(keys[i])
      if (ours(message) || message.message_type === 'system') continue
      if (--left === 0 || i === 0) unreadKey.set(keys[i])
    }
  }

  async function open() {
    if (thread.low == null && !(await load({}))) return false
    loaded.set(true)
    drawUnreadLine()
    flush()
    await latest()
    return true
  }

  const jump = h(
    'button.button.latest',
    { type: 'button', hidden: () => (pinned() && !last() && thread.atEnd()) || !loaded(), onclick: latest },
    icon('down'),
    () => (missed() ? t('thread.new', { count: missed() }) : t('thread.latest')),
  )
  return { scroller, jump, latest, find, mark, ready: open() }
}

// Messages of one author within five minutes stand together: name once, time once.
/** @param {HTMLElement} list */
function shape(list) {
  /** @type {any} */
  let before = null
  for (const row of /** @type {any} */ (list.children)) {
    if (!row.dataset.from) {
      before?.classList.add('last')
      before = null
      continue
    }
    const joined =
      before && before.dataset.from === row.dataset.from && row.dataset.at - before.dataset.at < TOGETHER
    row.classList.toggle('first', !joined)
    before?.classList.toggle('last', !joined)
    before = row
  }
  before?.classList.add('last')
}
