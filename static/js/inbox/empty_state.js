// @ts-check
// What stands where no conversation does: why, and what to do next. Fetched when that is so.
import { all } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { may } from '../core/may.js'
import { effect, signal } from '../core/signal.js'
import { moreWords, t } from '../core/words.js'
import { isNarrow } from './list_filter.js'
import { go, isSearch, NO_FILTER, NO_SEARCH, place } from './url_state.js'

await moreWords()

/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('../core/types.js').User & {is_active?: boolean}} User */

/**
 * Which emptiness it is.
 * @param {string} state of the list @param {Channel[] | null} channels @param {boolean} isAdmin
 */
function kindOf(state, channels, isAdmin) {
  if (state !== 'ready') return state === 'broken' ? state : ''
  if (isSearch(place())) return 'no_result'
  const narrow = isNarrow(place())
  if (place().view === 'direct') return narrow ? 'no_match' : 'no_direct'
  if (!channels) return ''
  if (!channels.length) return isAdmin ? 'no_channel' : 'no_channel_agent'
  if (narrow) return 'no_match'
  return place().view === 'waiting' ? 'no_waiting' : 'nothing'
}

/** Who can connect a channel is said by name. @param {() => boolean} isAsked */
function adminNames(isAsked) {
  const names = signal('')
  effect(() => {
    if (!isAsked() || names.peek()) return
    all('/users')
      .then((/** @type {User[]} */ people) => {
        const admins = people.filter(each => each.role === 'admin' && each.is_active !== false)
        const list = new Intl.ListFormat(document.documentElement.lang, { type: 'disjunction' })
        names.set(list.format(admins.slice(0, 3).map(each => each.full_name)))
      })
      .catch(() => {})
  })
  return names
}

/**
 * @param {import('./session.js').Session} session
 * @param {{state: () => string, channels: () => Channel[] | null, again: () => void}} list state: '' where
 *   something is shown
 * @returns {HTMLElement}
 */
export function emptyState({ me }, { state, channels, again }) {
  const kind = () => kindOf(state(), channels(), may(me, 'channels.manage'))
  const admins = adminNames(() => kind() === 'no_channel_agent')
  const words = () => {
    if (kind() === 'no_channel_agent' && admins()) return t('empty.no_channel_ask', { names: admins() })
    return kind() && t(`empty.${kind()}_next`)
  }
  const leads = (
    /** @type {string} */ when,
    /** @type {string} */ label,
    /** @type {() => void} */ run,
    /** @type {string} */ sign = '',
  ) =>
    h(
      'button.button',
      { type: 'button', hidden: () => when !== kind(), onclick: run },
      sign && icon(sign),
      label,
    )
  return h(
    'div.empty',
    { hidden: () => !kind() },
    icon('inbox'),
    h('h2', () => kind() && t(`empty.${kind()}`)),
    h('p', words),
    h('a.button', { href: '/admin#channels', hidden: () => kind() !== 'no_channel' }, t('empty.connect')),
    leads('no_result', t('empty.clear'), () => go(NO_SEARCH)),
    leads('no_match', t('empty.all_open'), () => go(NO_FILTER)),
    leads('broken', t('common.retry'), again, 'retry'),
  )
}
