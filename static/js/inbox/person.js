// @ts-check
// Who the conversation is with, beside it.
import { avatar } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { ago, full } from '../core/time.js'
import { named, t } from '../core/words.js'
import { other } from './names.js'

/** @param {import('./session.js').Session} session @param {number} id @param {() => import('../core/types.js').Channel[]} channels @param {() => void} close */
export function personPanel(session, id, channels, close) {
  const { store, me, online } = session
  return show(h('aside.person', { 'aria-label': t('person.panel') }), () => {
    const it = store.conversation(id)
    if (!it) return []
    const who = other(it, me.id)
    return [
      h('button.button.quiet.shut', { type: 'button', 'aria-label': t('common.close'), onclick: close }, icon('close')),
      h('div.portrait', avatar(who, { size: 'large', channel: it.channel_kind }), h('h2', { dir: 'auto' }, who.name), it.customer?.username && h('p', { dir: 'auto' }, `@${it.customer.username}`)),
      it.kind === 'direct' ? colleagues(it, online) : customer(it, channels),
    ]
  })
}

/** @param {string} name @param {any} value */
const line = (name, value) => value && [h('dt', name), h('dd', value)]

/** @param {import('../core/types.js').Conversation} it @param {() => import('../core/types.js').Channel[]} channels */
function customer(it, channels) {
  const opened = it.window_expires_at && +new Date(it.window_expires_at) > Date.now()
  return h('dl.facts', ...[
    line(t('person.channel'), channels().find(each => each.id === it.channel_id)?.name ?? named('channel', it.channel_kind)),
    line(t('person.external_id'), h('span.mono', { dir: 'ltr' }, it.customer?.external_id ?? '')),
    line(t('person.status'), named('status', it.status)),
    line(t('person.assignee'), it.assignee?.name ?? t('assign.nobody')),
    line(t('person.since'), h('time', { datetime: it.created_at }, full(it.created_at))),
    line(t('person.last'), h('time', { datetime: it.last_activity_at, title: full(it.last_activity_at) }, ago(it.last_activity_at))),
    line(t('person.window'), it.window_expires_at && (opened ? t('person.window_until', { when: full(it.window_expires_at) }) : t('person.window_closed'))),
  ].flat().filter(Boolean))
}

/** @param {import('../core/types.js').Conversation} it @param {() => Set<number>} online */
const colleagues = (it, online) => h('ul.people', ...it.participants.map(each => h('li', avatar(each, { size: 'small', online: () => online().has(each.id) }), h('span', { dir: 'auto' }, each.name ?? ''))))
