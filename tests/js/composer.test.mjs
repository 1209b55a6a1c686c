// What the keys of the reply box do, and by which words emoji are found.
import assert from 'node:assert/strict'
import test from 'node:test'

globalThis.matchMedia ??= () => ({ matches: false })
const { actOf } = await import('../../static/js/chat/composer_keys.js')
const { ALL, search } = await import('../../static/js/chat/emoji_names.js')

/** What a key does: what it sent, the mark it made, or nothing. */
function pressed(key, how = {}, { value = '', canFollow = true, marks = true, quoting = false } = {}) {
  const did = []
  const act = actOf(
    { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...how },
    { area: { value }, mark: sign => did.push(`mark ${sign}`) },
    {
      submit: then => did.push(`sends ${then ?? ''}`.trim()),
      canFollow,
      hasMarks: () => marks,
      isQuoting: () => quoting,
      unquote: () => did.push('unquotes'),
      editLast: () => did.push('edits'),
    },
  )
  act?.()
  return did.join() || null
}
const ctrl = { ctrlKey: true }

test('Enter sends, with others it closes or snoozes, with Shift it breaks the line', () => {
  assert.equal(pressed('Enter'), 'sends')
  assert.equal(pressed('Enter', ctrl), 'sends')
  assert.equal(pressed('Enter', { ...ctrl, shiftKey: true }), 'sends close')
  assert.equal(pressed('Enter', { ...ctrl, altKey: true }), 'sends snooze')
  assert.equal(pressed('Enter', { shiftKey: true }), null)
  assert.equal(pressed('Enter', { ...ctrl, shiftKey: true }, { canFollow: false }), null)
})

test('Ctrl+B and Ctrl+I mark where marks mean something', () => {
  assert.equal(pressed('b', ctrl), 'mark *')
  assert.equal(pressed('I', ctrl), 'mark _')
  assert.equal(pressed('b', ctrl, { marks: false }), null)
  assert.equal(pressed('b'), null)
})

test('arrow up in an empty box changes what was said, Escape leaves the quote', () => {
  assert.equal(pressed('ArrowUp'), 'edits')
  assert.equal(pressed('ArrowUp', {}, { value: 'x' }), null)
  assert.equal(pressed('Escape', {}, { quoting: true }), 'unquotes')
  assert.equal(pressed('Escape'), null)
})

test('emoji are found by their names and by the words of one’s own language, each is there once', () => {
  assert.equal(new Set(ALL.map(each => each.emoji)).size, ALL.length)
  assert.ok(ALL.length > 300)
  assert.ok(search('truck', 'en').includes('🚚'))
  assert.ok(search('camion', 'es').includes('🚚'), 'without its accent')
  assert.ok(search('Lieferung', 'de').includes('📦'))
  assert.ok(search('قلب', 'ar').includes('❤️'))
  assert.deepEqual(search('zzzz', 'en'), [])
  assert.ok(search('birthday cake', 'en').includes('🎂'))
})
