// @ts-check
// Over 400 lines since it is laid out at 110 columns; to be split by what it does.
// The conversations of the chosen view, the one with the newest activity first; more are fetched as one scrolls.
import { get } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { each, h, icon, show } from '../core/dom.js'
import { announce } from '../core/announce.js'
import { openMenu } from '../core/menu.js'
import { showError } from '../core/toast.js'
import { computed, effect, flush, signal, untracked } from '../core/signal.js'
import { moment, since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { drafted } from '../chat/draft.js'
import { amount, counting } from './counts.js'
import { afterClose } from '../core/after_close.js'
import { lookAtMissed } from './missed.js'
import { other, preview } from './names.js'
import { fits, go, isNarrow, isNarrowed, isSearch, NO_SEARCH, place, query, VIEWS } from './place.js'

const LIMIT = 50

/** @param {import('./session.js').Session} session @param {import('../core/signal.js').Signal<import('../core/types.js').Channel[] | null>} known null: not asked yet @param {(button: HTMLElement) => any} write */
export function conversationList(session, known, write) {
  const { store, me } = session
  const channels = () => known() ?? []
  const found = signal(/** @type {Set<number> | null} */ (null))
  const next = signal(/** @type {string | null} */ (null))
  const state = signal('loading') // loading · ready · broken
  const chosen = signal(/** @type {Set<number> | null} */ (null)) // null: one opens a conversation instead of choosing it
  let asked = 0

  const all = computed(() =>
    store
      .conversations()
      .map(id => store.conversation(id))
      .filter(it => it != null)
      .filter(it => !it.merged_into),
  )
  const shown = computed(() => {
    const here = place(),
      words = here.q.toLocaleLowerCase(),
      hits = found()
    if (isNarrowed(here)) return [] // a day or a person is asked of messages
    return all()
      .filter(
        it =>
          fits(it, here, me.id) &&
          (!words || hits?.has(it.id) || other(it, me.id).name.toLocaleLowerCase().includes(words)),
      )
      .map(it => it.id)
  })
  const counts = counting(session)

  /** @param {string | null} [cursor] */
  async function load(cursor = null) {
    const mine = ++asked,
      moment = store.moment
    const here = place.peek()
    if (!cursor && !shown.peek().length) state.set('loading')
    try {
      const answer = await get('/conversations', { ...query(here, me.id), limit: LIMIT, cursor })
      store.applyConversations(answer.items, { asked: moment })
      if (mine !== asked) return
      if (here.q)
        found.set(
          new Set([
            ...(cursor ? (found.peek() ?? []) : []),
            ...answer.items.map((/** @type {any} */ it) => it.id),
          ]),
        )
      next.set(answer.next_cursor)
      state.set('ready')
      if (!cursor && !here.q) lookAtMissed(session, shown.peek(), answer, moment)
    } catch {
      if (mine === asked) state.set('broken')
    }
  }

  // The search waits until the person pauses; everything else is fetched at once.
  /** @type {any} */
  let pause = null
  let before = ''
  effect(() => {
    const { view, status, channel, label, priority, mentioned, q } = place()
    const key = [view, status, channel, q, label, priority, mentioned].join('|'),
      typing = before && q !== before.split('|')[3]
    if (key === before) return
    before = key
    clearTimeout(pause)
    if (!q) found.set(null)
    pause = setTimeout(() => untracked(load), typing ? 180 : 0)
  })
  session.back.add(() => load())

  const end = h('div.edge')
  const list = h('ol', {
    'aria-label': t('list.label'),
    onkeydown: (/** @type {KeyboardEvent} */ event) => roam(event),
  })
  each(list, shown, id => conversationRow(session, id, chosen))
  // Until the code of the search is here, it is under way.
  const hits = h('div'),
    search = signal(
      /** @type {{busy: () => boolean, count: () => number}} */ ({ busy: () => true, count: () => 0 }),
    )
  effect(() => {
    if (isSearch(place()) && !hits.dataset.asked) {
      hits.dataset.asked = 'yes'
      import('./hits.js')
        .then(each => {
          const made = each.hitList(session, shown)
          hits.append(made.box)
          search.set(made)
        })
        .catch(() => search.set({ busy: () => false, count: () => 0 }))
    }
  })
  const hitCount = () => (isSearch(place()) ? search().count() : 0),
    busy = () => state() === 'loading' || (isSearch(place()) && search().busy())
  // What stands where nothing is comes with its code when nothing is.
  const nothing = h('div'),
    isEmpty = () => !shown().length && !hitCount() && !busy()
  effect(() => {
    if (isEmpty() && !nothing.dataset.asked) {
      nothing.dataset.asked = 'yes'
      import('./nothing.js')
        .then(each =>
          nothing.append(
            each.nothingHere(session, {
              state: () => (isEmpty() ? state() : ''),
              channels: known,
              again: () => load(),
            }),
          ),
        )
        .catch(() => {
          nothing.dataset.asked = ''
        })
    }
  })
  const scroller = h(
    'div.rows',
    { tabindex: '-1' },
    list,
    hits,
    skeleton(() => busy() && !shown().length && !hitCount()),
    end,
    nothing,
  )
  new IntersectionObserver(
    entries => {
      if (entries.some(it => it.isIntersecting) && next.peek()) {
        const cursor = next.peek()
        next.set(null)
        load(cursor)
      }
    },
    { root: scroller, rootMargin: '600px' },
  ).observe(end)
  effect(() => {
    if (isSearch(place()) && !busy())
      announce(
        t(isNarrowed(place()) ? 'list.messages_found' : 'list.found', {
          count: isNarrowed(place()) ? hitCount() : shown().length,
        }),
      )
  })

  const find = h('input', {
    type: 'search',
    placeholder: t('list.search'),
    'aria-label': t('list.search'),
    'aria-keyshortcuts': '/',
    value: () => place().q,
    spellcheck: false,
    oninput: () => go({ q: find.value }, { replace: true }),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Escape') {
        go(NO_SEARCH, { replace: true })
        find.blur()
      }
    },
  })
  const narrow = () => {
    import('./narrow.js').then(each => each.narrow(session, known.peek() ?? [], find)).catch(showError)
  }
  const saved = h('div')
  effect(() => {
    if (!saved.dataset.asked && (session.book.views().length || isNarrow(place()))) {
      saved.dataset.asked = 'yes'
      import('./views.js').then(each => saved.append(each.savedViews(session))).catch(() => {})
    }
  })
  // So do the filters, and what is said of them.
  const chips = h('div'),
    filters = () => import('./filters.js')
  effect(() => {
    if (!chips.dataset.asked && (isNarrowed(place()) || isNarrow(place()))) {
      chips.dataset.asked = 'yes'
      filters()
        .then(each => chips.append(each.filterLine(session, channels)))
        .catch(() => {})
    }
  })
  const filterButton = h(
    'button.button.quiet',
    {
      type: 'button',
      'aria-label': t('list.filter'),
      'aria-keyshortcuts': 'f',
      title: t('list.filter'),
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      onclick: () => {
        filters()
          .then(each => openMenu(filterButton, each.filterItems(session, channels)))
          .catch(showError)
      },
    },
    icon('filter'),
  )
  // The bar for several at once comes with its code when somebody begins to choose.
  const bar = h('div', { hidden: () => !chosen() })
  effect(() => {
    if (chosen() && !bar.hasChildNodes())
      import('./bulk.js')
        .then(each => {
          if (!bar.hasChildNodes())
            bar.append(
              each.bulkBar(
                session,
                () => [...(chosen() ?? [])],
                () => chosen.set(null),
              ),
            )
        })
        .catch(() => {})
  })
  const side = h(
    'section.side',
    { 'aria-label': t('list.title') },
    h(
      'header',
      h('h1', () => t(`view.${place().view}`)),
      h(
        'div.tools',
        h(
          'button.button.quiet',
          {
            type: 'button',
            'aria-label': t('bulk.choose'),
            'aria-keyshortcuts': 'x',
            title: t('bulk.choose'),
            'aria-pressed': () => String(!!chosen()),
            onclick: () => chosen.set(chosen.peek() ? null : new Set()),
          },
          icon('check'),
        ),
        filterButton,
        newButton(write),
      ),
    ),
    h(
      'div.find',
      { role: 'search' },
      icon('search'),
      find,
      h('kbd', { 'aria-hidden': 'true' }, '/'),
      h(
        'button.button.quiet.small',
        {
          type: 'button',
          'aria-label': t('list.narrow'),
          title: t('list.narrow'),
          'aria-haspopup': 'dialog',
          'aria-pressed': () => String(isNarrowed(place())),
          onclick: narrow,
        },
        icon('calendar'),
      ),
    ),
    h(
      'div.views',
      { role: 'group', 'aria-label': t('list.views') },
      ...VIEWS.map(view =>
        h(
          'button',
          {
            type: 'button',
            'aria-pressed': () => String(place().view === view),
            onclick: () => go({ ...(isNarrowed(place.peek()) ? NO_SEARCH : {}), view }),
          },
          t(`view.${view}`),
          h('span.badge.calm', { 'aria-label': () => t('list.unread', { count: counts.of(view) }) }, () =>
            counts.of(view) ? amount(counts.of(view)) : '',
          ),
        ),
      ),
    ),
    saved,
    chips,
    bar,
    scroller,
  )

  // Where the open conversation stood: when it has left the list, its neighbours are still known.
  let stood = -1
  effect(() => {
    const at = shown().indexOf(place().c ?? -1)
    if (at >= 0) stood = at
  })
  /** Whether the keys go through the list: then the focus stays in it. */
  let walking = false

  /** @param {number} by */
  function step(by) {
    const ids = shown.peek(),
      at = ids.indexOf(place.peek().c ?? -1)
    const to = at >= 0 ? at + by : place.peek().c == null || stood < 0 ? 0 : by > 0 ? stood : stood - 1
    const id = ids[Math.max(0, Math.min(ids.length - 1, to))]
    if (id == null) return
    walking = !document.activeElement?.matches('input, textarea')
    go({ c: id })
    if (walking) focusRow()
    else rowOf(id)?.scrollIntoView({ block: 'nearest' })
    queueMicrotask(() => queueMicrotask(() => (walking = false)))
  }

  /** @param {number | null} id @returns {HTMLElement | null} */
  const rowOf = id => list.querySelector(`[data-conversation="${id}"]`)
  /** The row of the open conversation has the focus; says whether there is one. */
  function focusRow() {
    const row = rowOf(place.peek().c)
    row?.focus()
    return !!row
  }

  // What one has done with it takes it out of the list: then the next one opens, where one likes.
  session.leaves = id => {
    const ids = shown.peek(),
      at = ids.indexOf(id),
      by = afterClose.value
    return () => {
      flush() // what was done with it is in the list
      if (at < 0 || by === 'stay' || place.peek().c !== id || shown.peek().includes(id)) return
      const left = by === 'next' ? (ids[at + 1] ?? ids[at - 1]) : (ids[at - 1] ?? ids[at + 1])
      const wasHere = !!list.contains(document.activeElement)
      walking = true
      go({ c: innerWidth > 768 ? (left ?? null) : null })
      if (wasHere) focusRow()
      queueMicrotask(() => queueMicrotask(() => (walking = false)))
    }
  }

  /** @param {KeyboardEvent} event */
  function roam(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!by || event.altKey) return
    event.preventDefault()
    const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('button')])
    rows[rows.indexOf(/** @type {any} */ (document.activeElement)) + by]?.focus()
  }

  return { side, find, narrow, step, focusRow, walks: () => walking, chosen, unread: counts.all }
}

/** @param {import('./session.js').Session} session @param {number} id @param {import('../core/signal.js').Signal<Set<number> | null>} chosen */
function conversationRow(session, id, chosen) {
  const { store, me, typing, online } = session
  const first = /** @type {import('../core/types.js').Conversation} */ (store.conversation(id))
  // One that has just been erased is still drawn for the moment until its row goes.
  const it = () => store.conversation(id) ?? first
  const writing = () =>
    [...(typing().get(id)?.entries() ?? [])].filter(([person]) => person === 0 || first.kind === 'direct')
      .length > 0
  const draft = () => drafted().has(String(id)) && place().c !== id
  // What comes into the conversation one is looking at is read in a moment: no number flashes for it.
  const fresh = () => (place().c === id && document.hasFocus() ? 0 : it().unread_count)
  const called = () => it().is_mentioned && place().c !== id
  const trouble = () =>
    ['failed', 'unconfirmed'].includes(it().last_message?.status ?? '') ? it().last_message?.status : null
  const picture = h('span')
  effect(() => {
    const who = other(it(), me.id)
    picture.replaceChildren(
      avatar(who, {
        channel: first.channel_kind,
        online: who.id ? () => online().has(who.id ?? 0) : undefined,
      }),
    )
  })
  return h(
    'li',
    h(
      'button',
      {
        type: 'button',
        class: () => `conversation${fresh() ? ' unread' : ''}${chosen()?.has(id) ? ' chosen-one' : ''}`,
        'data-conversation': String(id),
        'aria-current': () => (place().c === id ? 'true' : null),
        'aria-pressed': () => (chosen() ? String(chosen()?.has(id)) : null),
        onclick: (/** @type {MouseEvent} */ event) =>
          chosen.peek() || event.ctrlKey || event.metaKey
            ? pick(chosen, id)
            : place.peek().c === id
              ? session.write()
              : go({ c: id }),
      },
      picture,
      h(
        'span.words',
        h('span.name', { dir: 'auto' }, () => other(it(), me.id).name),
        h(
          'span',
          {
            class: () =>
              `preview${writing() ? ' live' : ''}${draft() ? ' draft' : ''}${trouble() ? ' wrong' : ''}`,
            dir: 'auto',
          },
          () =>
            writing()
              ? t('list.writing')
              : draft()
                ? t('list.draft')
                : trouble()
                  ? t(`list.${trouble()}`)
                  : preview(it(), me.id),
        ),
        // What pictures say to those who look: three conversations of one person are three.
        h('span.hidden-text', () => `, ${rowWords(it())}`),
      ),
      show(h('span.marks', { hidden: () => !it().priority && !it().labels?.length }), () => [
        it().priority &&
          h(
            `span.priority.${it().priority}`,
            { title: t(`priority.${it().priority}`) },
            icon('alert', t(`priority.${it().priority}`)),
          ),
        ...(it().labels ?? [])
          .slice(0, 3)
          .map(each => h('span.label', { dir: 'auto', vars: { '--label': colorOf(each.color) } }, each.name)),
      ]),
      h(
        'span.end',
        since(() => it().last_activity_at),
        h(
          'span',
          h(
            'span.owner',
            {
              title: () => (it().assignee ? t('list.assigned', { name: it().assignee?.name ?? '' }) : ''),
              hidden: () => !it().assignee || !!fresh() || called(),
            },
            () => initialsOf(it().assignee?.name),
          ),
          h(
            'span.badge',
            { 'aria-label': () => t('list.unread', { count: fresh() }), hidden: () => !fresh() },
            () => (fresh() > 99 ? '99+' : fresh()),
          ),
          h('span.badge', { role: 'img', 'aria-label': t('list.mentioned'), hidden: () => !called() }, '@'),
        ),
      ),
    ),
  )
}

/** By which channel, whose, and how it stands. @param {import('../core/types.js').Conversation} it */
const rowWords = it =>
  it.kind === 'direct'
    ? t('view.direct')
    : [
        it.channel_name && it.channel_name !== named('channel', it.channel_kind)
          ? `${named('channel', it.channel_kind)} ${it.channel_name}`
          : named('channel', it.channel_kind),
        it.assignee ? t('list.assigned', { name: it.assignee.name }) : t('row.nobody'),
        it.status !== 'open' && named('status', it.status),
        it.snoozed_until && t('row.until', { when: moment(it.snoozed_until) }),
      ]
        .filter(Boolean)
        .join(', ')

/** @param {import('../core/signal.js').Signal<Set<number> | null>} chosen @param {number} id */
function pick(chosen, id) {
  const next = new Set(chosen.peek() ?? [])
  next.has(id) ? next.delete(id) : next.add(id)
  chosen.set(next)
}

/** A label's own colour where it is one, else a calm one. @param {string | null | undefined} color */
export const colorOf = color =>
  /^#[0-9a-f]{3,8}$/i.test(color ?? '') ? /** @type {string} */ (color) : 'oklch(60% .1 262)'

/** @param {string | null | undefined} name */
const initialsOf = name =>
  (name ?? '')
    .split(/\s+/)
    .slice(0, 2)
    .map(part => [...part][0] ?? '')
    .join('')
    .toLocaleUpperCase()

/** @param {(button: HTMLElement) => any} write */
function newButton(write) {
  const button = h(
    'button.button.quiet',
    { type: 'button', 'aria-label': t('start.title'), title: t('start.title'), onclick: () => write(button) },
    icon('pen'),
  )
  return button
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
