// What somebody types finds what they mean: without accents and capitals, word by word, the best first.
import assert from 'node:assert/strict'
import test from 'node:test'
import { bestMatches, fold } from '../../static/js/core/text_match.js'

const named = names => names.map(name => ({ name }))
const found = (names, query) => bestMatches(named(names), query).map(each => each.name)

test('accents, capitals and joined letters are no difference', () => {
  assert.deepEqual(found(['Chloé', 'Ólafur', 'Straße', 'Łukasz', 'São Paulo'], 'chloe'), ['Chloé'])
  assert.deepEqual(found(['Ólafur', 'Olga'], 'olaf'), ['Ólafur'])
  assert.deepEqual(found(['Straße'], 'STRASSE'), ['Straße'])
  assert.deepEqual(found(['Łukasz'], 'luk'), ['Łukasz'])
  assert.equal(fold('أَحْمَد'), fold('احمد'), 'Arabic vowel signs and the hamza on an alif')
})

test('the name itself comes first, then its beginning, the beginnings of its words, and what is inside', () => {
  const names = ['Refund later', 'Late refund', 'Prefunded', 'Refund']
  assert.deepEqual(found(names, 'refund'), ['Refund', 'Refund later', 'Late refund', 'Prefunded'])
})

test('words may come in any order, and each has to be found', () => {
  assert.deepEqual(found(['Ada Lovelace', 'Ada Byron', 'Grace Hopper'], 'love ada'), ['Ada Lovelace'])
  assert.deepEqual(found(['Ada Lovelace'], 'ada hopper'), [])
})

test('what is said beside a name is found, after the names', () => {
  const items = [
    { name: 'Snooze', keywords: 'later sleep' },
    { name: 'Sleepy customers' },
    { name: 'Assign', hint: 'a' },
  ]
  assert.deepEqual(
    bestMatches(items, 'sleep').map(each => each.name),
    ['Sleepy customers', 'Snooze'],
  )
})

test('nothing typed keeps everything in its order, and signs of a pattern are letters', () => {
  assert.deepEqual(found(['b', 'a'], '  '), ['b', 'a'])
  assert.deepEqual(found(['a+b (c)', 'abc'], '+b ('), ['a+b (c)'])
})
