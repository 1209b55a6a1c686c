// A text is measured as its channel measures it, and cut only where somebody asks: nothing of it is lost.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { count, inParts, measureOf, over } from '../../static/js/chat/measure.js'

test('every channel counts in its own way', () => {
  const fits = (kind, text, wanted) =>
    assert.equal(over(text, measureOf(kind)) === 0, wanted, `${kind} ${text.length}`)
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

test('the rule is the one of the server', async () => {
  const rust = await readFile(new URL('../../src/channels/limits.rs', import.meta.url), 'utf8')
  for (const kind of ['Whatsapp', 'Instagram', 'Messenger', 'Telegram']) {
    const [, limit, unit] = rust.match(new RegExp(`ChannelKind::${kind} => \\((\\d+), Unit::(\\w+)\\)`)) ?? []
    assert.deepEqual(measureOf(kind.toLowerCase()), { limit: Number(limit), unit: unit.toLowerCase() })
  }
})

test('a text in parts loses nothing, tears no letter and makes no empty part', () => {
  for (const text of [
    '😀'.repeat(777),
    'word '.repeat(900),
    'a\n'.repeat(1500),
    `${'x'.repeat(999)}\n\n${' '.repeat(1500)}y`,
  ])
    for (const kind of ['whatsapp', 'instagram', 'messenger', 'telegram']) {
      const parts = inParts(text, measureOf(kind))
      assert.equal(parts.join(''), text)
      assert.ok(parts.every(part => over(part, measureOf(kind)) === 0))
    }
  assert.ok(inParts('word '.repeat(900), measureOf('instagram')).every(part => part.endsWith(' ')))
  assert.deepEqual(inParts('short', measureOf('instagram')), ['short'])
})
