// A text is measured as its channel measures it, and cut only where somebody asks: nothing of it is lost.
import assert from 'node:assert/strict'
import test from 'node:test'
import { count, goesAs, inParts, measureOf, over } from '../../static/js/chat/measure.js'

// As GET /api/v1/channel-kinds says it; the story `voices` holds the server's numbers.
const text = (limit, unit) => ({ text: { limit, unit }, files: [], abilities: [] })
const KINDS = {
  whatsapp: text(4096, 'characters'),
  instagram: text(1000, 'bytes'),
  messenger: text(2000, 'characters'),
  telegram: text(4096, 'utf16'),
}

test('every channel counts in its own way', () => {
  const fits = (kind, text, wanted) =>
    assert.equal(over(text, measureOf(KINDS[kind])) === 0, wanted, `${kind} ${text.length}`)
  fits('whatsapp', 'é'.repeat(4096), true)
  fits('whatsapp', 'é'.repeat(4097), false)
  fits('whatsapp', '😀'.repeat(4096), true)
  fits('instagram', '😀'.repeat(250), true)
  fits('instagram', '😀'.repeat(251), false)
  fits('instagram', 'é'.repeat(501), false)
  fits('messenger', '報'.repeat(2000), true)
  fits('messenger', '報'.repeat(2001), false)
  fits('telegram', '😀'.repeat(2048), true)
  fits('telegram', '😀'.repeat(2049), false)
  fits(null, 'x'.repeat(65_536), true)
  fits('webchat', 'é'.repeat(32_769), false)
  assert.equal(count('aé報😀', 'bytes'), new TextEncoder().encode('aé報😀').length)
})

test('a file goes as the first thing it fits, else as a document, else not at all', () => {
  const takes = (kind, from, mime_types, max_bytes, more = {}) => ({
    kind,
    from,
    mime_types,
    max_bytes,
    max_sides: null,
    max_ratio: null,
    ...more,
  })
  const photo = takes('image', ['image'], ['image/png'], 100, { max_sides: 1000, max_ratio: 20 })
  const kind = { ...text(1, 'bytes'), files: [photo, takes('document', ['image', 'document'], [], 500)] }
  const picture = (size, width, height, mime_type = 'image/png') =>
    goesAs(kind, { kind: 'image', mime_type, size, width, height })
  assert.equal(picture(100, 500, 500), 'image')
  assert.equal(picture(101, 500, 500), 'document')
  assert.equal(picture(100, 501, 500), 'document')
  assert.equal(picture(100, 2, 41), 'document')
  assert.equal(picture(100, 5, 5, 'image/bmp'), 'document')
  assert.equal(picture(501, 5, 5), null)
  assert.equal(goesAs(kind, { kind: 'video', mime_type: 'video/mp4', size: 1, width: 1, height: 1 }), null)
  assert.equal(goesAs(null, { kind: 'video', mime_type: 'video/mp4', size: 1, width: 1, height: 1 }), 'video')
})

test('a text in parts loses nothing, tears no letter and makes no empty part', () => {
  for (const text of [
    '😀'.repeat(777),
    'word '.repeat(900),
    'a\n'.repeat(1500),
    `${'x'.repeat(999)}\n\n${' '.repeat(1500)}y`,
  ])
    for (const kind of ['whatsapp', 'instagram', 'messenger', 'telegram']) {
      const parts = inParts(text, measureOf(KINDS[kind]))
      assert.equal(parts.join(''), text)
      assert.ok(parts.every(part => over(part, measureOf(KINDS[kind])) === 0))
    }
  assert.ok(inParts('word '.repeat(900), measureOf(KINDS.instagram)).every(part => part.endsWith(' ')))
  assert.deepEqual(inParts('short', measureOf(KINDS.instagram)), ['short'])
})
