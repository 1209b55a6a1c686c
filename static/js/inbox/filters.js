// @ts-check
// What narrows the list: the menu that does it, and what is said of it. Fetched when somebody does.
import { get } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { short } from '../core/time.js'
import { moreWords, named, t } from '../core/words.js'
import { go, hasStatus, isNarrow, isNarrowed, place, PRIORITIES, STATUSES } from './place.js'

await moreWords()

/** @param {import('./session.js').Session} session @param {() => import('../core/types.js').Channel[]} channels @returns {import('../core/menu.js').MenuItem[]} */
export const filterItems = ({ book }, channels) => [
  {
    label: t('list.mentioned'),
    checked: place.peek().mentioned,
    run: () => go({ mentioned: !place.peek().mentioned }),
  },
  { label: '', line: true },
  ...STATUSES.map(status => ({
    label: t(`status_filter.${status}`),
    checked: place.peek().status === status,
    run: () => go({ status }),
  })),
  { label: '', line: true },
  { label: t('list.every_channel'), checked: !place.peek().channel, run: () => go({ channel: '' }) },
  ...channels().map(each => ({
    label: each.name,
    checked: place.peek().channel === String(each.id),
    run: () => go({ channel: String(each.id) }),
  })),
  { label: '', line: true },
  ...PRIORITIES.map(priority => ({
    label: priority ? t(`priority.${priority}`) : t('priority.any'),
    checked: place.peek().priority === priority,
    run: () => go({ priority }),
  })),
  ...(book.labels.peek().length
    ? [
        { label: '', line: true },
        { label: t('label.any'), checked: !place.peek().label, run: () => go({ label: '' }) },
      ]
    : []),
  ...book.labels
    .peek()
    .map(each => ({
      label: each.name,
      checked: place.peek().label === String(each.id),
      run: () => go({ label: String(each.id) }),
    })),
]

// What narrows the list is said in words, with the way out beside it.
/** @param {import('./session.js').Session} session @param {() => import('../core/types.js').Channel[]} channels */
export function filterLine({ book }, channels) {
  const days = (/** @type {string} */ day) => short(`${day}T00:00`)
  const chip = (/** @type {() => string} */ words, /** @type {() => void} */ off) =>
    h(
      'button.chip',
      { type: 'button', hidden: () => !words(), onclick: off },
      () => words(),
      icon('close', t('list.filter_off')),
    )
  // A person the list does not know is asked for by name.
  const names = signal(/** @type {Record<number, string>} */ ({})),
    asked = new Set()
  const who = () => {
    const id = place().who
    if (!id) return ''
    if (names()[id]) return names()[id]
    if (!asked.has(id)) {
      asked.add(id)
      get(`/customers/${id}`)
        .then(it =>
          names.set({
            ...names.peek(),
            [id]: it.name ?? it.username ?? it.identities?.[0]?.external_id ?? t('person.nameless'),
          }),
        )
        .catch(() => {})
    }
    return t('person.nameless')
  }
  return h(
    'div.chips',
    { hidden: () => !isNarrowed(place()) && !isNarrow({ ...place(), q: '' }) },
    chip(who, () => go({ who: null })),
    chip(
      () => {
        const { from, to } = place()
        return from && from === to
          ? days(from)
          : from && to
            ? t('list.days', { from: days(from), to: days(to) })
            : from
              ? t('list.since', { day: days(from) })
              : to
                ? t('list.until', { day: days(to) })
                : ''
      },
      () => go({ from: '', to: '' }),
    ),
    chip(
      () => (place().mentioned ? t('list.mentioned') : ''),
      () => go({ mentioned: false }),
    ),
    chip(
      () => (place().status === 'open' || !hasStatus(place()) ? '' : t(`status_filter.${place().status}`)),
      () => go({ status: 'open' }),
    ),
    chip(
      () =>
        place().channel
          ? (channels().find(it => String(it.id) === place().channel)?.name ?? named('channel', 'unknown'))
          : '',
      () => go({ channel: '' }),
    ),
    chip(
      () =>
        place().label
          ? (book.labels().find(it => String(it.id) === place().label)?.name ?? t('label.action'))
          : '',
      () => go({ label: '' }),
    ),
    chip(
      () => (place().priority ? t(`priority.${place().priority}`) : ''),
      () => go({ priority: '' }),
    ),
  )
}
