// A screenshot made small: its colours counted, the 256 that stand for all of them chosen, and written with
// one byte a point. No library. Reads what Chromium writes: 8 bits, RGB or RGBA, not interlaced.
import { deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
const COLOURS = 256

/**
 * @param {Buffer} file
 * @returns {{width: number, height: number, points: Uint8Array}} points: red, green, blue …
 */
export function read(file) {
  let at = SIGNATURE.length
  let width = 0
  let height = 0
  let depth = 3
  const parts = []
  while (at < file.length) {
    const size = file.readUInt32BE(at)
    const name = file.toString('latin1', at + 4, at + 8)
    const data = file.subarray(at + 8, at + 8 + size)
    if (name === 'IHDR') {
      width = data.readUInt32BE(0)
      height = data.readUInt32BE(4)
      depth = data[9] === 6 ? 4 : 3
    }
    if (name === 'IDAT') parts.push(data)
    at += size + 12
  }
  return { width, height, points: unfiltered(inflateSync(Buffer.concat(parts)), width, height, depth) }
}

/** @param {Buffer} raw @param {number} width @param {number} height @param {number} depth bytes of a point */
function unfiltered(raw, width, height, depth) {
  const line = width * depth
  let above = new Uint8Array(line)
  const points = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)]
    const now = Uint8Array.from(raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1)))
    for (let x = 0; x < line; x++) {
      const left = x < depth ? 0 : now[x - depth]
      const corner = x < depth ? 0 : above[x - depth]
      now[x] += [0, left, above[x], (left + above[x]) >> 1, nearest(left, above[x], corner)][filter]
    }
    for (let x = 0; x < width; x++)
      for (let part = 0; part < 3; part++) points[(y * width + x) * 3 + part] = now[x * depth + part]
    above = now
  }
  return points
}

/** Paeth's guess. @param {number} left @param {number} above @param {number} corner */
function nearest(left, above, corner) {
  const guess = left + above - corner
  const [a, b, c] = [left, above, corner].map(each => Math.abs(guess - each))
  if (a <= b && a <= c) return left
  return b <= c ? above : corner
}

/** @param {{width: number, height: number, points: Uint8Array}} picture @returns {Buffer} */
export function write({ width, height, points }) {
  const { palette, indexOf } = chosen(points)
  const raw = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3
      raw[y * (width + 1) + 1 + x] = indexOf(points[at], points[at + 1], points[at + 2])
    }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(raw, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/**
 * The colours that stand for all: boxes of colours, the one with the widest spread halved until there are
 * enough.
 * @param {Uint8Array} points
 */
function chosen(points) {
  /** @type {Map<number, number>} */
  const counts = new Map()
  for (let at = 0; at < points.length; at += 3) {
    const colour = (points[at] << 16) | (points[at + 1] << 8) | points[at + 2]
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const all = [...counts].map(([colour, count]) => ({
    parts: [colour >> 16, (colour >> 8) & 255, colour & 255],
    count,
  }))
  let boxes = [boxOf(all)]
  while (boxes.length < COLOURS) {
    const widest = boxes.reduce((most, box) => (box.weight > most.weight ? box : most))
    if (widest.colours.length < 2) break
    const sorted = widest.colours.sort((a, b) => a.parts[widest.part] - b.parts[widest.part])
    const middle = sorted.length >> 1
    boxes = boxes.filter(box => box !== widest)
    boxes.push(boxOf(sorted.slice(0, middle)), boxOf(sorted.slice(middle)))
  }
  const palette = boxes.map(mean)
  const known = new Map(
    boxes.flatMap((box, index) =>
      box.colours.map(({ parts: [r, g, b] }) => [(r << 16) | (g << 8) | b, index]),
    ),
  )
  return { palette, indexOf: (r, g, b) => known.get((r << 16) | (g << 8) | b) }
}

/** @typedef {{parts: number[], count: number}} Colour */
/** @param {Colour[]} colours */
function boxOf(colours) {
  const spread = [0, 1, 2].map(part => {
    const values = colours.map(each => each.parts[part])
    return values.reduce((a, b) => Math.max(a, b), 0) - values.reduce((a, b) => Math.min(a, b), 255)
  })
  const part = spread.indexOf(Math.max(...spread))
  const count = colours.reduce((sum, each) => sum + each.count, 0)
  return { colours, part, weight: colours.length < 2 ? -1 : spread[part] * Math.sqrt(count) }
}

/** @param {{colours: Colour[]}} box */
const mean = ({ colours }) => {
  const count = colours.reduce((sum, each) => sum + each.count, 0)
  return [0, 1, 2].map(part =>
    Math.round(colours.reduce((sum, each) => sum + each.parts[part] * each.count, 0) / count),
  )
}

/** @param {string} name @param {Buffer} data */
function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(checksum(body))
  return Buffer.concat([size, body, sum])
}

/** CRC-32. @param {Buffer} bytes */
function checksum(bytes) {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return (sum ^ 0xffffffff) >>> 0
}
