// @ts-check
// What stands where no conversation does: why, and what to do next. Fetched when that is so.
import { all } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { effect, signal } from '../core/signal.js'
import { moreWords, t } from '../core/words.js'
import { go, isNarrow, isSearch, NO_SEARCH, place } from './url_state.js'

await moreWords()

const ALL_OPEN = { ...NO_SEARCH, status: 'open', channel: '', label: '', priority: '', mentioned: false }

/** @param {import('./session.js').Session} session @param {{state: () => string, channels: () => any[] | null, again: () => void}} list state: '' where something is shown */
export function nothingHere({ me }, { state, channels, again }) {
  const isAdmin = me.role === 'admin'
  const kind = () => {
    const is = state(),
      known = channels()
    if (is !== 'ready') return is === 'broken' ? is : ''
    if (isSearch(place())) return 'no_result'
    if (place().view === 'direct') return isNarrow(place()) ? 'no_match' : 'no_direct'
    if (!known) return ''
    return !known.length
      ? isAdmin
        ? 'no_channel'
        : 'no_channel_agent'
      : isNarrow(place())
        ? 'no_match'
        : 'nothing'
  }
  // Who can connect a channel is said by name.
  const admins = signal('')
  effect(() => {
    if (kind() === 'no_channel_agent' && !admins.peek())
      all('/users')
        .then(items =>
          admins.set(
            new Intl.ListFormat(document.documentElement.lang, { type: 'disjunction' }).format(
              items
                .filter((/** @type {any} */ each) => each.role === 'admin' && each.is_active)
                .slice(0, 3)
                .map((/** @type {any} */ each) => each.full_name),
            ),
          ),
        )
        .catch(() => {})
  })
  const words = () =>
    kind() === 'no_channel_agent' && admins()
      ? t('empty.no_channel_ask', { names: admins() })
      : kind() && t(`empty.${kind()}_next`)
  const leads = (
    /** @type {string[]} */ when,
    /** @type {string} */ label,
    /** @type {() => void} */ run,
    /** @type {string} */ sign = '',
  ) =>
    h(
      'button.button',
      { type: 'button', hidden: () => !when.includes(kind()), onclick: run },
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
    leads(['no_result'], t('empty.clear'), () => go(NO_SEARCH)),
    leads(['no_match'], t('empty.all_open'), () => go(ALL_OPEN)),
    leads(['broken'], t('common.retry'), again, 'retry'),
  )
}
