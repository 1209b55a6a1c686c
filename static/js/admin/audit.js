// @ts-check
// Who changed what: channels, people, tokens and settings, the newest first.
import { all, get } from '../core/api.js'
import { h } from '../core/dom.js'
import { paged } from '../core/paged.js'
import { effect, signal, untracked } from '../core/signal.js'
import { since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { filters } from './address.js'
import { subjectOf, wordsOf } from './audit_words.js'
import { conversationPath } from './conversation_link.js'
import { dayAfter } from './days.js'
import { filterBar } from './filters.js'
import { listTable } from './list_table.js'

/** @typedef {import('./types.js').AuditEntry} AuditEntry */
/** @typedef {import('./types.js').Colleague} Colleague */

/** What can be asked for, as `queryOf` takes them. */
const NAMES = ['user', 'kind', 'object', 'from', 'to', 'q']
const ACTIONS = [
  'bulk_started',
  'bulk_stopped',
  'bulk_undone',
  'canned_reply_changed',
  'canned_reply_created',
  'canned_reply_deleted',
  'canned_reply_restored',
  'channel_changed',
  'channel_created',
  'channel_deleted',
  'channel_recovered',
  'channel_subscribed',
  'channel_token_renewed',
  'channel_webhook_set',
  'conversation_changed',
  'conversation_started',
  'customer_blocked',
  'customer_changed',
  'customer_consent_changed',
  'customer_erased',
  'customer_joined',
  'customer_merged',
  'customer_not_spam',
  'customer_renamed',
  'customer_spam',
  'customer_unblocked',
  'customer_unmerged',
  'exported',
  'flow_address_renewed',
  'flow_broadcast',
  'flow_changed',
  'flow_created',
  'flow_deleted',
  'flow_restored',
  'flow_stopped',
  'hook_changed',
  'hook_created',
  'hook_deleted',
  'hook_replayed',
  'label_changed',
  'label_created',
  'label_deleted',
  'label_restored',
  'membership_accepted',
  'membership_declined',
  'membership_offered',
  'membership_withdrawn',
  'message_deleted',
  'message_edited',
  'message_marked_sent',
  'message_sent_again',
  'password_changed',
  'quarantine_replayed',
  'role_changed',
  'role_created',
  'role_deleted',
  'session_ended',
  'set_up',
  'settings_changed',
  'sign_in_failed',
  'signed_in',
  'template_changed',
  'template_created',
  'template_deleted',
  'template_edited',
  'team_changed',
  'team_created',
  'team_deleted',
  'token_created',
  'token_deleted',
  'user_changed',
  'user_created',
  'view_changed',
  'view_created',
  'view_deleted',
  'view_restored',
  'visits_ended',
  'workspace_changed',
  'workspace_created',
  'workspace_deleted',
]
const OBJECTS = [
  'audit',
  'bulk_job',
  'canned_reply',
  'channel',
  'conversation',
  'customer',
  'flow',
  'flow_run',
  'hook',
  'label',
  'membership_offer',
  'message',
  'quarantine',
  'report',
  'role',
  'session',
  'settings',
  'sign_in',
  'template',
  'team',
  'token',
  'user',
  'view',
  'workspace',
]

export function auditPage() {
  const wanted = filters(NAMES)
  const users = signal(/** @type {Colleague[]} */ ([]))
  const list = paged(cursor => get('/audit', { ...queryOf(untracked(wanted)), limit: 100, cursor }))
  effect(() => {
    wanted()
    untracked(list.begin)
  })
  // Without them one narrows by everything else.
  Promise.all([all('/users'), all('/users', { deactivated: true })]).then(
    found => users.set(found.flat()),
    () => {},
  )
  return h(
    'div',
    h('header.top', h('h1', t('admin.audit'))),
    narrowing(users),
    h(
      'section.card',
      h('p.note-line', t('audit.about')),
      listTable({
        label: t('admin.audit'),
        list,
        none: h('p', () => t(wanted().some(Boolean) ? 'table.no_match' : 'audit.none')),
        columns: columns(),
      }),
    ),
  )
}

/** The filters as the server calls them; a day that is named last is meant whole. @param {string[]} wanted */
function queryOf([user, kind, object, from, to, q]) {
  return { user_id: user, action: kind, object, from, to: dayAfter(to), q }
}

/** @param {() => Colleague[]} users */
const narrowing = users =>
  filterBar(t('audit.which'), [
    { name: 'q', label: t('audit.find') },
    {
      name: 'user',
      label: t('audit.who'),
      options: () => [
        ['', t('audit.everyone')],
        ...users().map(it => /** @type {[string, string]} */ ([String(it.id), it.full_name])),
      ],
    },
    {
      name: 'kind',
      label: t('audit.what'),
      options: () => [['', t('audit.any_action')], ...wordsFor('audit_action', ACTIONS)],
    },
    {
      name: 'object',
      label: t('audit.subject'),
      options: () => [['', t('audit.any_item')], ...wordsFor('audit_subject', OBJECTS)],
    },
    { name: 'from', label: t('audit.from'), type: 'date' },
    { name: 'to', label: t('audit.to'), type: 'date' },
  ])

/**
 * In the order of their words.
 * @param {string} list
 * @param {string[]} values
 * @returns {[string, string][]}
 */
const wordsFor = (list, values) =>
  values
    .map(value => /** @type {[string, string]} */ ([value, named(list, value)]))
    .sort((one, other) => one[1].localeCompare(other[1]))

/** @returns {import('./table.js').Column<AuditEntry>[]} */
const columns = () => [
  { words: t('audit.when'), of: it => since(it.at), name: 'when', sort: it => it.at },
  {
    words: t('audit.who'),
    of: it => h('bdi', it.user?.name ?? t('audit.server')),
    name: 'who',
    sort: it => it.user?.name,
  },
  { words: t('audit.address'), of: it => h('bdi', it.address ?? '') },
  {
    words: t('audit.what'),
    of: it => named('audit_action', it.action),
    name: 'what',
    sort: it => named('audit_action', it.action),
  },
  { words: t('audit.subject'), of: subject, kind: 'wrap' },
  { words: t('audit.details'), of: details, kind: 'wrap' },
]

/**
 * What it was done to, by the name it had then where the server knows it; a conversation leads there.
 * @param {AuditEntry} it
 */
function subject(it) {
  const { kind, id, name } = it.object ?? partsOf(it.subject)
  const words = name ? `${named('audit_subject', kind)}: ${name}` : subjectOf(it.subject)
  const bdi = h('bdi', words)
  return kind === 'conversation' && id ? h('a', { href: conversationPath(id) }, bdi) : bdi
}

/** @param {string | null} text such as `conversation:3` */
function partsOf(text) {
  const [kind, id] = (text ?? '').split(':')
  return { kind, id: Number(id) || null, name: null }
}

/** @param {AuditEntry} it */
function details(it) {
  const words = wordsOf(it.details)
  return words && h('bdi', words)
}
