// The pure parts of the views: links, addresses, words, charts, verdicts, schemas.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'

globalThis.document ??= { documentElement: {}, createElement: () => ({}), addEventListener() {} }
globalThis.CSS ??= { supports: () => true }
const { hrefOf, pieces } = await import('../../static/js/chat/links.js')
const { between, filterOf, placeOf } = await import('../../static/js/inbox/saved_query.js')
const { fits, query } = await import('../../static/js/inbox/list_filter.js')
const { isSearch, read, write } = await import('../../static/js/inbox/url_state.js')
const { preview } = await import('../../static/js/inbox/conversation_names.js')
const { setWords, t } = await import('../../static/js/core/words.js')
const { exampleOf, typeOf } = await import('../../static/js/docs/schema.js')
const { channelOf, reachable } = await import('../../static/js/admin/kinds.js')
const { nameOf } = await import('../../static/js/core/shortcuts.js')
const wordsOf = async part =>
  JSON.parse(await readFile(new URL(`../../static/words/${part}en.json`, import.meta.url)))
const english = { ...(await wordsOf('')), ...(await wordsOf('admin/')), ...(await wordsOf('docs/')) }
setWords('en', english)

test('only addresses that may be followed become links', () => {
  const check = (text, ...links) =>
    assert.deepEqual(
      pieces(text)
        .filter(each => typeof each !== 'string')
        .map(each => each.text),
      links,
      text,
    )
  check('see https://a.example/b.', 'https://a.example/b')
  check('(https://a.example/x_(y)) and', 'https://a.example/x_(y)')
  check('mail ana@example.org, please', 'ana@example.org')
  check('javascript:alert(1) data:text/html,x vbscript:x')
  check('HTTPS://EXAMPLE.ORG', 'HTTPS://EXAMPLE.ORG')
  check('nothing here')
  assert.equal(hrefOf('javascript:alert(1)')?.startsWith('javascript'), false)
  assert.equal(
    pieces('a https://b.example c')
      .map(each => each.text ?? each)
      .join(''),
    'a https://b.example c',
  )
})

test('the address says where one is, and leads there again', () => {
  for (const search of [
    '',
    '?view=mine',
    '?view=direct&c=5',
    '?status=closed&channel=3&q=ana+b&c=9',
    '?q=lamp&from=2026-11-01&to=2026-11-21&who=7',
    '?who=7&c=9&at=4',
  ])
    assert.equal(write(read(search)), search)
  assert.equal(read('?view=nonsense&c=x').view, 'all')
  assert.equal(read('?c=x').c, null)
  assert.equal(read('?from=yesterday&to=2026-1-1').from, '')
})

test('the days of a search begin and end at this person’s midnight, the last one counts', () => {
  const { from, to } = between({ from: '2026-11-01', to: '2026-11-01' })
  assert.deepEqual(
    [new Date(from).getHours(), new Date(from).getDate(), new Date(to).getHours(), new Date(to).getDate()],
    [0, 1, 0, 2],
  )
  assert.deepEqual(between({ from: '', to: '' }), { from: '', to: '' })
  assert.equal(between({ from: '2026-99-99', to: '' }).from, null)
  assert.deepEqual(
    [isSearch(read('?channel=3')), isSearch(read('?who=3')), isSearch(read('?q=a'))],
    [false, true, true],
  )
})

test('a saved view leads where it was saved', () => {
  for (const search of [
    '?view=mine&status=closed',
    '?view=unassigned&channel=3&label=2',
    '?view=direct&status=any',
    '?status=any&priority=high&q=ana',
    '?status=any&mentioned=true',
  ])
    assert.equal(write({ ...read(''), ...placeOf(filterOf(read(search))) }), search)
  assert.equal(filterOf(read('?view=mine')).assignee, 'me')
})

test('a view holds what belongs to it', () => {
  const place = more => ({ ...read(''), ...more })
  const customer = { kind: 'customer', status: 'open', channel_id: 3, assignee_id: 7 }
  const direct = { kind: 'direct', status: 'open', channel_id: null, assignee_id: null }
  assert.ok(fits(customer, place({}), 7))
  assert.ok(fits(direct, place({}), 7))
  assert.ok(fits(customer, place({ view: 'mine' }), 7))
  assert.ok(!fits(customer, place({ view: 'mine' }), 8))
  assert.ok(!fits(direct, place({ view: 'unassigned' }), 7))
  assert.ok(fits(direct, place({ view: 'direct', status: 'closed' }), 7))
  assert.ok(!('status' in query(place({ view: 'direct', status: 'closed' }))))
  assert.ok(!fits(direct, place({ status: 'closed' }), 7), 'as the server counts it')
  assert.ok(!fits(customer, place({ view: 'direct' }), 7))
  assert.ok(!fits({ ...customer, status: 'closed' }, place({}), 7))
  assert.ok(!fits(direct, place({ channel: '3' }), 7))
  assert.ok(fits({ ...customer, status: 'closed', is_mentioned: true }, place({ mentioned: true }), 7))
  assert.ok(!fits(customer, place({ mentioned: true }), 7))
  assert.ok(
    fits({ ...customer, labels: [{ id: 4 }], priority: 'high' }, place({ label: '4', priority: 'high' }), 7),
  )
})

test('words behind who said them stand apart, so that they keep their own direction', () => {
  const it = last => ({
    kind: 'customer',
    participants: [],
    last_message: { content: 'Lunch\n at one?', ...last },
  })
  assert.equal(
    preview(it({ sender_type: 'support', sender: { id: 7 } }), 7),
    'You: \u2068Lunch at one?\u2069',
  )
  assert.equal(
    preview(it({ sender_type: 'support', sender: { id: 8, name: 'Ana' } }), 7),
    'Ana: \u2068Lunch at one?\u2069',
  )
  assert.equal(
    preview(it({ sender_type: 'support', sender: { id: 7 }, is_private: true }), 7),
    'Note: \u2068Lunch at one?\u2069',
  )
  assert.equal(preview(it({ sender_type: 'customer', sender: { id: 9 } }), 7), 'Lunch at one?')
})

test('plurals follow the language, missing words show their key', () => {
  assert.equal(t('thread.new', { count: 1 }), '1 new')
  assert.equal(t('time.days', { count: 1 }), '1 day')
  assert.equal(t('time.days', { count: 2 }), '2 days')
  assert.equal(t('no.such.word'), 'no.such.word')
  assert.equal(t('docs.other'), 'Other')
})

test('a schema that contains itself has an end', () => {
  const api = {
    components: {
      schemas: {
        Tree: {
          type: 'object',
          properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
        },
      },
    },
  }
  assert.deepEqual(exampleOf(api, { $ref: '#/components/schemas/Tree' }), { children: [{}] })
  assert.equal(typeOf(api, { type: 'array', items: { $ref: '#/components/schemas/Tree' } }), '[Tree]')
})

const asked = (name, place, form, choices = []) => ({ name, place, form, choices, is_required: false })

test('a form becomes the contract’s channel', () => {
  const bot = channelOf(
    { kind: 'telegram', fields: [asked('bot_token', 'credential', 'secret')] },
    { name: ' Bot ', bot_token: '123:ABC' },
  )
  assert.deepEqual(bot, { kind: 'telegram', name: 'Bot', options: {}, credentials: { bot_token: '123:ABC' } })
  const number = channelOf(
    {
      kind: 'whatsapp',
      fields: [
        asked('external_id', 'account', 'text'),
        asked('waba_id', 'option', 'text'),
        asked('access_token', 'credential', 'secret'),
        asked('coexistence', 'option', 'flag'),
      ],
    },
    { name: 'W', external_id: '1', access_token: 'a', waba_id: '', coexistence: 'yes' },
  )
  assert.deepEqual(number.options, { coexistence: true })
  assert.deepEqual([number.external_id, number.credentials], ['1', { access_token: 'a' }])
  assert.deepEqual(
    channelOf(
      { kind: 'webchat', fields: [asked('allowed_sites', 'option', 'sites')] },
      { name: 'W', allowed_sites: 'https://a.example, https://b.example' },
    ).options.allowed_sites,
    ['https://a.example', 'https://b.example'],
  )
})

test('an address of this machine is not promised to a platform', () => {
  assert.ok(reachable('https://inbox.example/webhooks/whatsapp'))
  for (const address of ['http://inbox.example/x', 'https://localhost/x', 'https://127.0.0.1:8080/x'])
    assert.ok(!reachable(address), address)
})

test('keys have one name each', () => {
  assert.equal(nameOf({ key: 'J', shiftKey: true }), 'j')
  assert.equal(nameOf({ key: '?', shiftKey: true }), '?')
  assert.equal(nameOf({ key: 'ArrowDown', altKey: true }), 'Alt+ArrowDown')
  assert.equal(nameOf({ key: 'k', metaKey: true }), 'Mod+k')
})
