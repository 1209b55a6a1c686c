// A template that is being written: what is wrong with it is said at its field, and what is sent is what the
// API takes.
import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.document ??= { documentElement: { lang: 'en' }, createElement: () => ({}), addEventListener() {} }
const { contentOf, draftOf, faultsOf, placesOfDraft } =
  await import('../../static/js/admin/template_draft.js')

const good = {
  ...draftOf(null),
  name: 'order_ready',
  body: 'Hi {{1}}, it is ready.',
  examples: { 'body.1': 'Mira' },
}
const wrong = change => Object.keys(faultsOf({ ...good, ...change }))
const button = (kind, more) => ({ kind, text: 'Yes', value: '', example: '', ...more })

test('what the platform would take has no fault, and is sent as the API takes it', () => {
  assert.deepEqual(faultsOf(good), {})
  assert.deepEqual(placesOfDraft(good), ['body.1'])
  assert.deepEqual(contentOf({ ...good, footer: 'Bye', buttons: [button('quick_reply')] }), {
    body: { text: 'Hi {{1}}, it is ready.', examples: { 1: 'Mira' } },
    footer: 'Bye',
    buttons: [{ kind: 'quick_reply', text: 'Yes' }],
  })
  assert.deepEqual(contentOf({ ...good, category: 'authentication' }), {})
})

test('each limit is said at its field', () => {
  assert.deepEqual(wrong({ name: 'Order ready' }), ['name'])
  assert.deepEqual(wrong({ language: '' }), ['language'])
  assert.deepEqual(wrong({ body: '' }), ['body'])
  assert.deepEqual(wrong({ body: 'x'.repeat(1025) }), ['body'])
  assert.deepEqual(wrong({ body: '{{1}}, it is ready.' }), ['body'])
  assert.deepEqual(wrong({ body: 'Ready, {{1}}' }), ['body'])
  assert.deepEqual(wrong({ body: 'Hi {{2}}, ok', examples: { 'body.2': 'x' } }), ['body'])
  assert.deepEqual(wrong({ examples: {} }), ['body_1'])
  assert.deepEqual(wrong({ footer: 'x'.repeat(61) }), ['footer'])
  assert.deepEqual(wrong({ format: 'text', header: 'x'.repeat(61) }), ['header'])
  assert.deepEqual(wrong({ format: 'image' }), ['header'])
  assert.deepEqual(wrong({ format: 'image', sample: 7 }), [])
})

test('buttons have their kinds, lengths and order', () => {
  assert.deepEqual(wrong({ buttons: [button('quick_reply', { text: 'x'.repeat(26) })] }), ['buttons'])
  assert.deepEqual(wrong({ buttons: Array.from({ length: 11 }, () => button('quick_reply')) }), ['buttons'])
  const link = button('url', { value: 'https://a.example/{{1}}', example: '42' })
  assert.deepEqual(wrong({ buttons: [link] }), [])
  assert.deepEqual(wrong({ buttons: [{ ...link, example: '' }] }), ['buttons'])
  assert.deepEqual(wrong({ buttons: [button('quick_reply'), link, button('quick_reply')] }), ['buttons'])
  assert.deepEqual(wrong({ buttons: [button('phone', { value: 'call me' })] }), ['buttons'])
  assert.deepEqual(wrong({ buttons: [button('copy_code', { example: '25OFF' })] }), [])
})

test('what was sent before is read back as it was written', () => {
  const again = draftOf({
    name: 'order_ready',
    language: 'en',
    category: 'UTILITY',
    content: contentOf(good),
  })
  assert.deepEqual(again, good)
})
