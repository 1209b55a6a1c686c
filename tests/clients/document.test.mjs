// The description of the API against what runs: a server that holds one of everything is asked everything it
// can be asked, and each answer must be as it is described. A new call without a line here fails the test at
// the end.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { House, PASSWORD } from '../browser/house.mjs'
import { Described } from './described.mjs'

/** What is not called here, and why. */
const ELSEWHERE = {
  open_socket: 'frames: tests/stories',
  upload_visitor_file: 'a visitor: tests/stories/widget_files',
  get_visitor_file: 'the same',
  get_visitor_file_thumbnail: 'the same',
  create_first_admin: 'only an empty server takes it: tests/stories/setup',
  replay_quarantined_event: 'needs an event that nobody can read: tests/stories/quarantine',
  retry_attachment: 'needs a file that did not come: tests/stories/media',
  send_ai_draft: 'needs a draft of a model: tests/stories/ai',
  discard_ai_draft: 'the same',
}
/** What each kind of channel is called by is described by one pattern: WhatsApp's is called for all. */
const OF_OTHER_KINDS = /^(verify|receive)_(?!whatsapp_).+_webhook$/
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const file = (bytes = PNG, type = 'image/png') => {
  const form = new FormData()
  form.append('file', new Blob([bytes], { type }), 'a picture.png')
  return form
}

let house, api, admin, nobody
before(async () => {
  house = await House.open({ RAPPORT_HOOKS_ALLOW_PRIVATE: 'true' })
  api = new Described(await (await fetch(`${house.url}/openapi.json`)).json(), house.url)
  const { cookie } = house.admin
  admin = api.as({ cookie })
  nobody = api.as({})
})
after(() => house?.close())

test('a field that is not described is found, and one that is missing', () => {
  const setup = { $ref: '#/components/schemas/SetupState' }
  assert.deepEqual(api.misfits(setup, { needed: true }), [])
  assert.match(api.misfits(setup, { needed: true, more: 1 })[0], /more/)
  assert.match(api.misfits(setup, {})[0], /needed/)
  assert.match(api.misfits(setup, { needed: null })[0], /boolean/)
})

test('every example of a body is one that the call takes', () => {
  for (const [name, schema] of Object.entries(api.document.components.schemas))
    if (schema.example !== undefined)
      assert.deepEqual(api.misfits({ $ref: `#/components/schemas/${name}` }, schema.example), [], name)
})

test('signing in, tokens, sessions, users, settings', async () => {
  await nobody('check_live')
  await nobody('check_ready')
  await nobody('get_setup_state')
  await nobody('login', { body: { username: 'olga', password: PASSWORD } })
  await nobody('login', { body: { username: 'olga', password: 'a wrong one' }, status: 401 })
  await admin('get_me')
  await nobody('get_me', { status: 401 })
  const token = await admin('create_token', { body: { name: 'a test' } })
  const program = api.as({ authorization: `Bearer ${token.token}` })
  await program('list_tokens', { query: { limit: 1 } })
  await program('logout')
  await admin('set_my_avatar', { form: file() })
  const sessions = await admin('list_my_sessions')
  const other = sessions.items.find(each => !each.is_current)
  await admin('end_my_session', { id: other.id })
  await admin('end_my_other_sessions')
  const user = await admin('create_user', {
    body: {
      username: 'ana',
      full_name: 'Ana Lind',
      email: 'ana@example.org',
      password: PASSWORD,
      role: 'agent',
    },
  })
  await admin('create_user', { body: { username: 'ana', password: PASSWORD }, status: 409 })
  await admin('update_user', { id: user.id, body: { full_name: 'Ana Lind-Ode' } })
  await admin('list_roles')
  const role = await admin('create_role', { body: { name: 'Night shift', permissions: ['notes.write'] } })
  await admin('update_role', { slug: role.slug, body: { permissions: ['notes.write', 'export'] } })
  await admin('update_role', { slug: 'admin', body: { permissions: [] }, status: 409 })
  await admin('delete_role', { slug: role.slug })
  const team = await admin('create_team', { body: { name: 'Returns', member_ids: [user.id] } })
  await admin('list_teams', { query: { limit: 1 } })
  await admin('update_team', { id: team.id, body: { lead_id: user.id } })
  await admin('update_team', { id: team.id, body: { lead_id: 999_999 }, status: 422 })
  await admin('delete_team', { id: team.id })
  const ana = await house.signsIn('ana')
  const agent = api.as({ cookie: ana.cookie })
  await agent('create_user', { body: { username: 'eve', password: PASSWORD }, status: 403 })
  const own = await agent('create_token', { body: {} })
  await admin('list_users', { query: { q: 'lind' } })
  const theirs = await admin('list_user_sessions', { id: user.id })
  await admin('list_user_tokens', { id: user.id })
  await admin('delete_user_token', { id: user.id, token_id: own.id })
  await agent('change_password', {
    body: { current_password: PASSWORD, new_password: `${PASSWORD}!`, end_sessions: false },
  })
  await admin('end_user_session', { id: user.id, session_id: theirs.items[0].id })
  await admin('deactivate_user', { id: user.id })
  await admin('delete_token', { id: token.id })
  await admin('get_settings')
  await admin('update_settings', { body: { undo_seconds: 0, business_hours: { is_on: false } } })
})

test('workspaces, and becoming a member', async () => {
  const made = await admin('create_workspace', { body: { name: 'The Pier', slug: 'pier' } })
  await admin('create_workspace', { body: { name: 'Another', slug: 'pier' }, status: 409 })
  await admin('list_workspaces')
  // A member of one again: the addresses of the other tests name none.
  await admin('update_workspace', { id: made.id, body: { archived: true } })
  const offer = await admin('create_membership_offer', { body: { username: 'nobody-yet', role: 'agent' } })
  await admin('list_membership_offers')
  await admin('delete_membership_offer', { id: offer.id })
  await admin('list_my_membership_offers')
  await admin('accept_membership_offer', { id: 999_999, status: 404 })
  await admin('decline_membership_offer', { id: 999_999, status: 404 })
})

test('channels of every kind', async () => {
  await admin('list_channel_kinds')
  const { id } = await house.whatsapp()
  const more = [
    { kind: 'webchat', name: 'The site' },
    { kind: 'telegram', name: 'The bot', credentials: { bot_token: '7000001:a-token' } },
    { kind: 'messenger', name: 'The page', external_id: '90210', credentials: { app_secret: 'of the page' } },
  ]
  for (const body of more) await admin('create_channel', { body })
  await admin('create_channel', { body: { kind: 'whatsapp' }, status: 422 })
  const all = await admin('list_channels')
  for (const channel of all.items) {
    await admin('get_channel', { id: channel.id })
    await admin('test_channel', { id: channel.id })
    await admin('get_channel_health', { id: channel.id })
    await admin('subscribe_channel', { id: channel.id })
  }
  house.templates = [
    {
      name: 'shipped',
      language: 'en',
      status: 'APPROVED',
      category: 'UTILITY',
      components: [{ type: 'BODY', text: 'Order {{1}} is on its way.' }],
    },
  ]
  await admin('sync_channel_templates', { id })
  const templates = await admin('list_channel_templates', { id, query: { q: 'shipped' } })
  assert.equal(templates.items[0].name, 'shipped')
  const content = { body: { text: 'Hi {{1}}, it is ready.', examples: { 1: 'Mira' } } }
  const fresh = { name: 'order_ready', language: 'en', category: 'UTILITY', content }
  const made = await admin('create_channel_template', { id, body: fresh })
  await admin('create_channel_template', { id, body: { ...fresh, content: {} }, status: 422 })
  await admin('update_channel_template', { id, template_id: made.id, body: { title: 'Ready' } })
  await admin('delete_channel_template', { id, template_id: made.id })
  await admin('list_channel_templates', {
    id: all.items.find(each => each.kind === 'webchat').id,
    status: 422,
  })
  await admin('update_channel', { id, body: { name: 'Support' } })
  await admin('delete_channel', { id: all.items.find(each => each.kind === 'messenger').id })
  const handshake = { 'hub.mode': 'subscribe', 'hub.verify_token': 'a verify token', 'hub.challenge': '42' }
  await nobody('verify_whatsapp_webhook', { query: handshake })
  await nobody('receive_whatsapp_webhook', { body: {}, status: 401 })
})

test('conversations, messages, files, customers, labels', async () => {
  const id = await house.writes('15557700003', ['Hello', 'Is my order on its way?'], 'Ana Lind')
  const other = await house.writes('15557700004', {
    type: 'location',
    location: { latitude: 1, longitude: 2, name: 'Here' },
  })
  const { id: channel_id } = await house.whatsapp()
  await admin('start_conversation', {
    body: { channel_id, customer: { external_id: '+15557700005', name: 'Ben' } },
    status: 201,
  })
  await admin('start_conversation', {
    body: { channel_id, customer: { external_id: '+15557700005' } },
    status: 200,
  })
  const label = await admin('create_label', { body: { name: 'Refund', color: '#c2410c' } })
  await admin('update_label', { id: label.id, body: { name: 'Refunds' } })
  const change = { assignee_id: (await admin('get_me')).id, priority: 'high', label_ids: [label.id] }
  await admin('update_conversation', { id, body: change })
  const uploaded = await admin('upload_file', { form: file() })
  await admin('get_file', { id: uploaded.id })
  await admin('get_file_thumbnail', { id: uploaded.id })
  await admin('get_file_preview', { id: uploaded.id, status: 404 })
  const paper = await admin('upload_file', { form: file('%PDF-1.4\n%%EOF', 'application/pdf') })
  await admin('get_file_preview', { id: paper.id })
  await admin('send_message', {
    id,
    body: { attachment_ids: [uploaded.id], content: 'Here it is', client_id: 'a' },
    status: 201,
  })
  const words = { content: 'It leaves today.', client_id: 'b' }
  const sent = await admin('send_message', { id, body: words, status: 201 })
  await admin('send_message', { id, body: words, status: 200 })
  await admin('send_message', { id, body: { ...words, content: 'Other words' }, status: 409 })
  const note = await admin('send_message', {
    id,
    body: { content: '@olga look', client_id: 'c', is_private: true },
  })
  await admin('send_message', {
    id,
    body: { details: { location: { latitude: 1.5, longitude: 2.5 } }, client_id: 'd' },
  })
  await admin('check_message', { id, body: { content: 'May I?' } })
  await admin('check_message', { id: 999_999, body: { content: 'May I?' }, status: 404 })
  const messages = await admin('list_messages', { id })
  const customers = messages.items.find(each => each.sender_type === 'customer')
  await admin('list_messages', { id: other })
  await admin('edit_message', { id: note.id, body: { content: '@olga look here' } })
  await admin('delete_message', { id: note.id })
  await admin('react_to_message', { id: customers.id, body: { emoji: '👍' } })
  await admin('rate_message', { id: sent.id, body: { rating: 'positive', comment: 'Short' } })
  await admin('retry_message', { id: sent.id, body: { action: 'resend' }, status: 409 })
  await admin('get_message_history', { id: sent.id })
  await admin('get_message_history', { id: customers.id })
  await admin('list_conversations', { query: { q: 'ana', status: 'open', limit: 1 } })
  await admin('list_conversations')
  await admin('list_conversations', { query: { cursor: '%' }, status: 400 })
  await admin('list_conversations', {
    query: { assignee: 'me,none', waiting: true, sort: 'longest_waiting', label_id: label.id },
  })
  await admin('list_conversations', { query: { sort: 'loudest' }, status: 400 })
  await admin('count_conversations', { query: { status: 'open', up_to: 100 } })
  const shown = await admin('get_conversation', { id })
  await admin('get_conversation', { id: 999_999, status: 404 })
  await admin('mark_conversation_read', { id, body: { seq: shown.version } })
  await admin('mark_conversation_unread', { id, body: { from_seq: customers.seq } })
  await admin('mark_conversation_unread', { id, body: { from_seq: 0 }, status: 422 })
  await admin('follow_conversation', { id })
  await admin('set_reminder', { id, body: { at: new Date(Date.now() + 3_600_000).toISOString() } })
  await admin('set_reminder', { id, body: { at: '2020-01-01T00:00:00.000Z' }, status: 422 })
  await admin('delete_reminder', { id })
  await admin('unfollow_conversation', { id })
  await admin('update_conversations', { body: { ids: [id, 999_999], status: 'pending' }, status: 200 })
  const { job_id } = await admin('update_conversations', {
    body: { filter: { status: 'pending' }, expected: 1, remove_label_ids: [label.id] },
    status: 202,
  })
  await admin('get_bulk_job', { id: job_id })
  await admin('stop_bulk_job', { id: job_id })
  const undo = await admin('undo_bulk_job', { id: job_id })
  await admin('get_bulk_job', { id: undo.job_id })
  await admin('update_conversations', { body: { filter: { fly: 'high' }, status: 'open' }, status: 422 })
  const events = await admin('list_conversation_events', { id })
  assert.ok(events.items.some(each => each.kind === 'assigned' && each.assignee?.id === change.assignee_id))
  await admin('search', { query: { q: 'order' } })
  await admin('search', { query: { q: 'ana' } })
  await admin('list_deliveries', { query: { conversation_id: id } })
  const [one, two] = [shown.customer.id, (await admin('get_conversation', { id: other })).customer.id]
  await admin('update_customer', {
    id: one,
    body: { name: 'Ana of the bakery', custom_fields: { plan: 'pro' } },
  })
  const wish = { purpose: 'marketing', state: 'withdrawn' }
  await admin('set_customer_consents', { id: one, body: { items: [wish] } })
  await admin('set_customer_consents', { id: one, body: { items: [wish, wish] }, status: 422 })
  await admin('list_customer_consents', { id: one })
  const merged = await admin('merge_customers', { id: one, body: { customer_id: two } })
  await admin('undo_customer_merge', { id: one, merge_id: merged.merges[0].id })
  await admin('get_customer', { id: one })
  await admin('end_customer_visits', { id: one })
  await admin('erase_customer', { id: two })
  await admin('delete_label', { id: label.id })
  await admin('list_labels', { query: { deleted: true } })
  await admin('restore_label', { id: label.id })
  await admin('list_labels')
  await house.adds('kim', 'Kim Ode')
  await admin('send_direct_message', {
    body: { to: 'kim', content: 'Can you?', client_id: 'e' },
    status: 201,
  })
  await admin('send_direct_message', {
    body: { to: 'kim', content: 'Can you?', client_id: 'e' },
    status: 200,
  })
})

test('canned replies, views, flows, programs outside, numbers', async () => {
  const reply = await admin('create_canned_reply', { body: { shortcut: 'hours', content: 'From 9 to 17.' } })
  const picture = await admin('upload_file', { form: file() })
  await admin('update_canned_reply', {
    id: reply.id,
    body: { content: 'From 9 to 18.', folder: 'Times', is_shared: false, attachment_ids: [picture.id] },
  })
  const replies = await admin('list_canned_replies', { query: { q: 'times' } })
  assert.equal(replies.items[0].attachments[0].id, picture.id)
  await admin('delete_canned_reply', { id: reply.id })
  await admin('list_canned_replies', { query: { deleted: true } })
  await admin('restore_canned_reply', { id: reply.id })
  const view = await admin('create_view', { body: { name: 'Mine', filter: { assignee: 'me' } } })
  await admin('update_view', { id: view.id, body: { is_shared: true, folder: 'Mornings' } })
  await admin('list_views')
  await admin('count_views')
  await admin('delete_view', { id: view.id })
  await admin('list_views', { query: { deleted: true } })
  await admin('restore_view', { id: view.id })
  const hook = await admin('create_hook', {
    body: { name: 'Shop', url: `${house.fake}/hear`, events: ['message_created'] },
  })
  await admin('list_hooks')
  const id = await house.writes('15557700006', 'Hello', 'Cleo')
  const heard = async () => (await admin('list_hook_deliveries', { id: hook.id })).items
  const [delivery] = await until(async () => (await heard()).filter(each => each.state === 'delivered'))
  await admin('replay_hook_delivery', { id: delivery.id })
  await admin('update_hook', { id: hook.id, body: { is_on: false } })
  await admin('delete_hook', { id: hook.id })
  const flow = await admin('create_flow', {
    body: { name: 'Hours', trigger: { kind: 'manual' }, steps: [{ kind: 'message', text: 'From 9 to 17.' }] },
  })
  await admin('create_flow', { body: { name: 'None', steps: [{ kind: 'fly' }] }, status: 422 })
  await admin('update_flow', { id: flow.id, body: { name: 'Opening hours' } })
  const tried = await admin('dry_run_flow', {
    body: { flow: { steps: [{ kind: 'message', text: 'From 9 to 17.' }] }, answers: [], variables: {} },
  })
  assert.deepEqual([tried.status, tried.steps[0].text], ['done', 'From 9 to 17.'])
  const run = await admin('start_flow', { id: flow.id, body: { conversation_id: id, key: 'one' } })
  await admin('get_flow_run', { id: run.id })
  await admin('stop_flow_run', { id: run.id })
  await admin('list_flow_runs', { query: { conversation_id: id } })
  await admin('list_runs_of_flow', { id: flow.id })
  await admin('broadcast_flow', { id: flow.id, body: { key: 'sale', conversation_ids: [id, 999_999] } })
  await admin('get_flow', { id: flow.id })
  const { hook_url } = await admin('renew_flow_hook', { id: flow.id })
  const { id: channel_id } = await house.whatsapp()
  const trigger = { channel_id, customer: { external_id: '+15557700007' }, key: 'order-1' }
  await nobody('trigger_flow', { token: hook_url.split('/').at(-1), body: trigger, status: 201 })
  await nobody('trigger_flow', { token: hook_url.split('/').at(-1), body: trigger, status: 200 })
  await admin('list_flows')
  await admin('delete_flow', { id: flow.id })
  await admin('list_flows', { query: { deleted: true } })
  await admin('restore_flow', { id: flow.id })
  await admin('list_quarantined_events')
  await admin('list_audit_entries')
  await admin('list_audit_entries', {
    query: { object: 'flow', action: 'flow_created,flow_changed', q: 'hours' },
  })
  await admin('list_audit_entries', { query: { format: 'csv' } })
  for (const by of ['day', 'agent', 'channel']) await admin('get_report', { query: { by } })
  await admin('get_report', { query: { format: 'csv' } })
  await admin('get_stats')
})

test('every call was made, or stands above with a reason', () => {
  const silent = [...api.calls.keys()].filter(
    name => !api.called.has(name) && !ELSEWHERE[name] && !OF_OTHER_KINDS.test(name),
  )
  assert.deepEqual(silent, [], 'add a call to this file')
  const dead = Object.keys(ELSEWHERE).filter(name => !api.calls.has(name) || api.called.has(name))
  assert.deepEqual(dead, [], 'take out of ELSEWHERE')
})

/** What `look` finds, once it finds something. */
async function until(look) {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise(done => setTimeout(done, 50))) {
    const found = await look()
    if (found.length) return found
  }
  return assert.fail('it does not come')
}
