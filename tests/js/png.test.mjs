// A picture that was made small shows what it showed: colours of few are kept, of many nearly.
import assert from 'node:assert/strict'
import test from 'node:test'
import { write } from '../../script/png.mjs'

const picture = (width, height, colourAt) => {
  const points = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) points.set(colourAt(x, y), (y * width + x) * 3)
  return { width, height, points }
}
test('few colours stay as they are, and the file is a picture', () => {
  const file = write(picture(8, 4, (x, y) => [x * 30, y * 60, 7]))
  assert.deepEqual([...file.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10])
  assert.equal(file.readUInt32BE(16), 8)
  assert.equal(file.readUInt32BE(20), 4)
  const palette = file.subarray(file.indexOf('PLTE') + 4)
  const colours = new Set(
    Array.from({ length: 32 }, (_, at) => [...palette.subarray(at * 3, at * 3 + 3)].join()),
  )
  assert.ok(colours.has('210,180,7') && colours.has('0,0,7'))
})

test('of many colours 256 are left', () => {
  const file = write(picture(64, 64, (x, y) => [x * 4, y * 4, (x * y) % 256]))
  assert.equal(file.readUInt32BE(file.indexOf('PLTE') - 4), 256 * 3)
})
