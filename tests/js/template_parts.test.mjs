// What is filled into an approved message, and what is sent of it; what is found by words, whatever the
// language.
import assert from 'node:assert/strict'
import test from 'node:test'
import {
  filled,
  found,
  isForeign,
  languagesOf,
  messageOf,
  placesIn,
  placesOf,
  valuesIn,
} from '../../static/js/core/template_parts.js'

const rich = {
  name: 'receipt',
  language: 'en',
  is_named: false,
  content: {
    header: { format: 'image' },
    body: { text: 'At {{2}} for {{1}}: {{2}}.', examples: { 1: 'Mira', 2: '19:30' } },
    buttons: [
      { kind: 'quick_reply', text: 'No' },
      { kind: 'url', text: 'Open', url: 'https://a.example/{{1}}', example: 'x' },
      { kind: 'phone', text: 'Call' },
      { kind: 'copy_code', text: 'Copy' },
    ],
  },
}

test('each place is asked for once, in the order in which it is read', () => {
  assert.deepEqual(placesIn('{{ 2 }} and {{1}}, {{2}}'), ['2', '1'])
  assert.deepEqual(
    placesOf(rich.content).map(each => each.name),
    ['header', 'body.2', 'body.1', 'button.1', 'button.3'],
  )
  assert.equal(placesOf(rich.content)[1].example, '19:30')
})

test('what is sent has values by position, files by their ids and buttons by their places', () => {
  const values = { header: '7', 'body.1': 'Mira', 'body.2': '19:30', 'button.1': 'r/1', 'button.3': '25OFF' }
  assert.deepEqual(messageOf(rich, values), {
    name: 'receipt',
    language: 'en',
    components: {
      header: { image: 7 },
      body: ['Mira', '19:30'],
      buttons: [
        { index: 1, kind: 'url', value: 'r/1' },
        { index: 3, kind: 'copy_code', value: '25OFF' },
      ],
    },
  })
  assert.deepEqual(valuesIn(rich.content, messageOf(rich, values).components), values)
  assert.deepEqual(messageOf({ name: 'plain', language: 'en', content: { body: { text: 'Hi' } } }, {}), {
    name: 'plain',
    language: 'en',
  })
})

test('values go by name where the template has names, and a place on the map is read', () => {
  const content = {
    header: { format: 'location' },
    body: { text: 'Hi {{first_name}}' },
    carousel: [{ header: { format: 'video' }, body: { text: 'For {{first_name}}' } }],
  }
  const values = {
    header: '52.5, 13.4; The Gate',
    'body.first_name': 'Mira',
    'card0.header': '9',
    'card0.body.first_name': 'Ana',
  }
  assert.deepEqual(messageOf({ name: 'a', language: 'en', is_named: true, content }, values).components, {
    header: { location: { latitude: 52.5, longitude: 13.4, name: 'The Gate' } },
    body: { first_name: 'Mira' },
    carousel: [{ header: { video: 9 }, body: { first_name: 'Ana' } }],
  })
})

test('words are found whatever their case and accents, and a language narrows them', () => {
  const all = [
    { name: 'order_ready', language: 'en', body: 'Your order is ready' },
    { name: 'order_ready', language: 'pt_BR', body: 'Até amanhã' },
    { name: 'x', title: 'Ready soon', language: 'en', body: '' },
  ]
  const names = (...asked) => found(all, ...asked).map(each => `${each.name} ${each.language}`)
  assert.deepEqual(names('READY order'), ['order_ready en', 'order_ready pt_BR'])
  assert.deepEqual(names('amanha'), ['order_ready pt_BR'])
  assert.deepEqual(names('', 'en'), ['order_ready en', 'x en'])
  assert.deepEqual(languagesOf(all), ['en', 'pt_BR'])
})

test('a preview keeps what is not filled in yet, and what nobody can fill in is known', () => {
  assert.equal(
    filled('Hi {{ 1 }} at {{2}}', place => ({ 1: 'Mira' })[place]),
    'Hi Mira at {{2}}',
  )
  assert.ok(isForeign({ body: { text: 'Hi' }, buttons: [{ kind: 'other' }] }))
  assert.ok(!isForeign(rich.content))
})
