// The chat takes the hue of its page's colour, and nothing of a colour that has none.
import assert from 'node:assert/strict'
import test from 'node:test'
import { hueOf } from '../../static/js/widget/looks.js'

test('the hue of a colour as OKLCH has it', () => {
  for (const [color, hue] of [
    ['#ff0000', 29],
    ['#0f0', 142],
    ['#0000ff', 264],
    ['#2a5fe0', 264],
    ['#ff880080', 58],
  ])
    assert.ok(Math.abs((hueOf(color) ?? -99) - hue) <= 3, `${color}: ${hueOf(color)}`)
})

test('a grey has no hue, and what is no colour neither', () => {
  for (const color of ['#808080', '#fff', '#000000', '', 'red', '#12', 'url(x)'])
    assert.equal(hueOf(color), null, color)
})
