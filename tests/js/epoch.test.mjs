// A restored database is noticed once, and a mere reconnect never.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restored } from '../../static/js/core/epoch.js'

test('only another epoch begins the page anew', () => {
  let anew = 0
  const welcome = epoch => restored({ epoch }, () => anew++)
  assert.equal(welcome('a'), false)
  assert.equal(welcome('a'), false)
  assert.equal(anew, 0)
  assert.equal(welcome('b'), true)
  assert.equal(anew, 1)
  assert.equal(welcome('b'), false)
  assert.equal(
    restored({}, () => anew++),
    false,
  )
})
