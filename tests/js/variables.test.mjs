// What stands between braces in canned replies: the same language as in flows, and the older spellings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill, unfilled, valuesOf } from '../../static/js/core/variables.js'

const me = { full_name: 'Olga Petrova' }
const of = (customer, more = {}) => valuesOf({ customer, channel_name: 'Shop', ...more }, me)

test('a place is filled, its default stands in for nobody knows whom, and what has neither stays to be seen', () => {
  const rosa = of({ name: ' Rosa  Vidal' }),
    nobody = of({ name: null, external_id: '15550170004' })
  assert.equal(fill('Hi {{customer.first_name|there}}!', rosa), 'Hi Rosa!')
  assert.equal(fill('Hi {{ customer.first_name | there }}!', nobody), 'Hi there!')
  assert.equal(fill('Hi {{customer.first_name}}', nobody), 'Hi {{customer.first_name}}')
  assert.equal(fill('{{channel.name}}, {{agent.first_name}}', nobody), 'Shop, Olga')
  assert.equal(fill('{{order|the order}} {{order}}', rosa), 'the order {{order}}')
  assert.deepEqual(unfilled('a {{order}} {b} {{x|y}}'), ['{{order}}', '{{x|y}}'])
})

test('the older spellings go on working, and other braces are left alone', () => {
  const rosa = of({ name: 'Rosa Vidal' })
  assert.equal(fill('{first_name} {name} {{name}} {agent}', rosa), 'Rosa Rosa Vidal Rosa Vidal Olga Petrova')
  assert.equal(fill('{"a": {b}} {}', rosa), '{"a": {b}} {}')
  assert.deepEqual(unfilled('{"a": {b}}'), [])
})

test('what a value holds is never looked through again', () => {
  assert.equal(fill('{{customer.name}}', of({ name: '{{agent.name}}' })), '{{agent.name}}')
})
