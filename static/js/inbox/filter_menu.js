// @ts-check
// What narrows the list: the picker that does it, and what is said of it. Fetched when somebody does.
import { get } from '../core/api.js'
import { avatar, signOf } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { openPicker } from '../core/picker.js'
import { computed, flush, signal, untracked } from '../core/signal.js'
import { short } from '../core/time.js'
import { moreWords, named, t } from '../core/words.js'
import { colleagues } from './conversation_menus.js'
import { colorOf } from './label_color.js'
import {
  CHOICES,
  hasStatus,
  isNarrow,
  PRIORITIES,
  SORTS,
  sortOf,
  STATUSES,
  SWITCHES,
  toggled,
  valuesOf,
} from './list_filter.js'
import { go, isNarrowed, place } from './url_state.js'

await moreWords()

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('./list_filter.js').Filter['name']} Name */
/** @typedef {import('./url_state.js').Place} Place */
/** @typedef {import('../core/picker.js').Item & {change: () => Partial<Place>}} Choice */
/** @typedef {[string, Partial<Place>]} Said what narrows in words, and what leaves it */

const SWITCH_ICON = { mentioned: 'note', unread: 'chat', waiting: 'clock', following: 'eye' }

/**
 * One value of a filter that takes several.
 * @param {Name} name
 * @param {string} value
 * @param {Partial<Choice>} how
 * @returns {Choice}
 */
const choice = (name, value, how) => ({
  id: `${name} ${value}`,
  name: value,
  group: t(`filter.${name}`),
  ...how,
  change: () => ({ [name]: toggled(name, place.peek()[name], value) }),
})

/** @param {Session} session @returns {Choice[]} */
const people = session => [
  choice('assignee', 'none', { name: t('assign.nobody'), icon: () => avatar(null, { size: 'small' }) }),
  ...colleagues(session).map(each =>
    choice('assignee', each.isMe ? 'me' : String(each.id), {
      name: each.isMe ? t('assign.me', { name: each.name }) : each.name,
      keywords: each.username,
      icon: () => avatar(each, { size: 'small' }),
    }),
  ),
]

/**
 * Everything the list can be narrowed to or ordered by.
 * @param {Session} session
 * @param {() => Channel[]} channels
 * @returns {Choice[]}
 */
export const filterChoices = (session, channels) => [
  ...SWITCHES.map(({ name }) => ({
    id: name,
    name: t(`filter.${name}`),
    icon: SWITCH_ICON[name],
    group: t('filter.show'),
    change: () => ({ [name]: !place.peek()[name] }),
  })),
  ...STATUSES.map(status => choice('status', status, { name: t(`status_filter.${status}`) })),
  ...people(session),
  ...session.book.teams
    .peek()
    .map(each => choice('team', String(each.id), { name: each.name, icon: 'people' })),
  ...channels().map(each => choice('channel', String(each.id), { name: each.name, icon: signOf(each.kind) })),
  ...session.book.labels
    .peek()
    .map(each =>
      choice('label', String(each.id), {
        name: each.name,
        icon: () => h('span.dot', { vars: { '--dot': colorOf(each.color) } }),
      }),
    ),
  ...PRIORITIES.map(each => choice('priority', each, { name: t(`priority.${each}`) })),
]

/** The orders of the list, one at a time. @returns {Choice[]} */
export const sortChoices = () =>
  SORTS.map(sort => ({
    id: `sort ${sort}`,
    name: t(`sort.${sort}`),
    icon: 'down',
    group: t('sort.label'),
    change: () => ({ sort: sortOf({ ...place.peek(), sort: '' }) === sort ? '' : sort }),
  }))

/** What is chosen now, as the picker calls it. */
const chosenNow = () => {
  const here = place.peek()
  return [
    ...SWITCHES.filter(each => here[each.name]).map(each => each.name),
    ...CHOICES.flatMap(({ name }) => valuesOf(here[name]).map(value => `${name} ${value}`)),
    `sort ${sortOf(here)}`,
  ]
}

/**
 * Stays open for several.
 * @param {Session} session
 * @param {() => Channel[]} channels
 * @param {HTMLElement} button
 */
export function openFilters(session, channels, button) {
  openPicker({
    anchor: button,
    label: t('list.filter'),
    multiple: true,
    items: [...filterChoices(session, channels), ...sortChoices()],
    chosen: chosenNow(),
    onToggle: each => go(each.change()),
  })
}

/**
 * What narrows the list is said in words, each with the way out beside it.
 * @param {Session} session
 * @param {() => Channel[]} channels
 * @returns {HTMLElement}
 */
export function filterLine(session, channels) {
  const who = personName()
  /** @returns {Said[]} */
  const said = () =>
    /** @type {Said[]} */ ([
      [who(), { who: null }],
      [days(), { from: '', to: '' }],
      ...SWITCHES.filter(each => place()[each.name]).map(each => [
        t(`filter.${each.name}`),
        { [each.name]: false },
      ]),
      ...CHOICES.flatMap(filter => valueWords(filter, session, channels)),
      [place().sort && t(`sort.${place().sort}`), { sort: '' }],
    ]).filter(([words]) => words)
  // Drawn anew when something else is said, not whenever another conversation opens.
  const key = computed(() => JSON.stringify(said()))
  const box = h('div.chips', { hidden: () => !isNarrowed(place()) && !isNarrow({ ...place(), q: '' }) })
  const leave = (/** @type {Partial<Place>} */ off) => {
    go(off)
    flush()
    // The chip has gone: the focus goes to the next one, or to where filters are set.
    const next =
      box.querySelector('button') ?? box.parentElement?.parentElement?.querySelector('.tools [aria-haspopup]')
    if (next instanceof HTMLElement) next.focus()
  }
  return show(box, () => {
    key()
    return untracked(said).map(([words, off]) => chip(words, () => leave(off)))
  })
}

/** @param {string} words @param {() => void} off */
const chip = (words, off) =>
  h(
    'button.chip',
    { type: 'button', dir: 'auto', title: words, onclick: off },
    words,
    icon('close', t('list.filter_off')),
  )

/**
 * The values of one filter in words, with what leaves each of them.
 * @param {import('./list_filter.js').Filter} filter
 * @param {Session} session
 * @param {() => Channel[]} channels
 */
function valueWords({ name, usual }, { book, me }, channels) {
  const here = place()
  if (here[name] === usual || (name === 'status' && !hasStatus(here))) return []
  const nameOf = /** @type {Record<Name, (value: string) => string>} */ ({
    status: value => t(`status_filter.${value}`),
    priority: value => t(`priority.${value}`),
    channel: value => channels().find(it => String(it.id) === value)?.name ?? named('channel', 'unknown'),
    team: value => book.teams().find(it => String(it.id) === value)?.name ?? t('filter.team'),
    label: value => book.labels().find(it => String(it.id) === value)?.name ?? t('label.action'),
    assignee: value => assigneeWords(value, book.people(), me),
  })
  return valuesOf(here[name]).map(value => [
    nameOf[name](value),
    { [name]: toggled(name, here[name], value) },
  ])
}

/**
 * @param {string} value
 * @param {import('../core/types.js').User[]} all
 * @param {import('../core/types.js').User} me
 */
function assigneeWords(value, all, me) {
  if (value === 'none') return t('assign.nobody')
  if (value === 'me') return t('assign.me', { name: me.full_name })
  return all.find(each => String(each.id) === value)?.full_name ?? t('assign.action')
}

function days() {
  const { from, to } = place()
  const say = (/** @type {string} */ day) => short(`${day}T00:00`)
  if (from && to) return from === to ? say(from) : t('list.days', { from: say(from), to: say(to) })
  if (from) return t('list.since', { day: say(from) })
  return to ? t('list.until', { day: say(to) }) : ''
}

/** The customer a search is narrowed to: one that the list does not know is asked for by name. */
function personName() {
  const names = signal(/** @type {Record<number, string>} */ ({}))
  const asked = new Set()
  return () => {
    const id = place().who
    if (!id) return ''
    if (!asked.has(id)) {
      asked.add(id)
      get(`/customers/${id}`)
        .then(it => {
          const name = it.name ?? it.username ?? it.identities?.[0]?.external_id
          if (name) names.set({ ...names.peek(), [id]: name })
        })
        .catch(() => {})
    }
    return names()[id] ?? t('person.nameless')
  }
}
