// The keys: what they do by themselves, what a person chose in their place, and which may be chosen.
import assert from 'node:assert/strict'
import test from 'node:test'

let act = () => {}
let stored = () => {}
const kept = new Map([['rapport.keys', '{"reply":"w","odd":7}']])
globalThis.addEventListener = (name, work) => (name === 'storage' ? (stored = work) : (act = work))
globalThis.Element ??= class {}
globalThis.document = { querySelector: () => null }
globalThis.localStorage = {
  getItem: name => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, value),
  removeItem: name => kept.delete(name),
}
const { chooseKey, isOwn, keysOf, resetKeys, shortcuts, spokenKeys, useKeys } =
  await import('../../static/js/core/shortcuts.js')
const { isPossible, ownerOf } = await import('../../static/js/core/shortcut_rules.js')

const heard = []
const run = name => () => heard.push(name)
useKeys([
  { name: 'next', keys: ['j', 'Alt+ArrowDown'], run: run('next') },
  { name: 'reply', keys: ['r'], run: run('reply') },
  { name: 'all', keys: ['g a', '1'], run: run('all') },
  { name: 'palette', keys: ['Mod+k'], run: run('palette') },
])
const [next, reply, all, palette] = shortcuts
const press = (key, more = {}) => act({ key, target: null, preventDefault() {}, ...more })
const doneBy = (...keys) => {
  heard.length = 0
  for (const key of keys) press(key)
  return [...heard]
}

test('a key that was chosen does it in this browser, and the old one does not', () => {
  assert.deepEqual([keysOf(reply), isOwn(reply), isOwn(next)], [['w'], true, false], 'as it was kept')
  assert.deepEqual(doneBy('w', 'r'), ['reply'])
  chooseKey(next, 'n')
  chooseKey(all, 'g z')
  assert.deepEqual(doneBy('n', 'j', 'g', 'z', 'g', 'a', '1'), ['next', 'all'])
  assert.deepEqual(JSON.parse(kept.get('rapport.keys')), { reply: 'w', next: 'n', all: 'g z' })
  kept.set('rapport.keys', '{"next":"t"}')
  stored({ key: 'rapport.keys' })
  assert.deepEqual(doneBy('t', 'r', '1'), ['next', 'reply', 'all'], 'another tab chose')
})

test('the default comes back, for one and for all', () => {
  chooseKey(next, 'n')
  chooseKey(reply, 'w')
  chooseKey(next, null)
  assert.deepEqual(doneBy('j', 'n', 'w'), ['next', 'reply'])
  resetKeys()
  assert.deepEqual(doneBy('j', 'r', 'w'), ['next', 'reply'])
  assert.equal(kept.has('rapport.keys'), false)
  chooseKey(reply, 'r')
  assert.equal(isOwn(reply), false, 'its own key is no choice')
})

test('no key is another’s, nor one that the browser or writing needs', () => {
  for (const key of ['y', '?', 'g m', 'Mod+j', 'Mod+Alt+j', 'Alt+ArrowUp', 'PageDown', 'F2', 'Shift+F2', 'ü'])
    assert.ok(isPossible(key), key)
  for (const key of [
    'Mod+c',
    'Mod+w',
    'Mod+Enter',
    'Enter',
    'Escape',
    'Tab',
    ' ',
    'ArrowDown',
    'F5',
    'Backspace',
    'Dead',
    'Alt+Dead',
    'Process',
  ])
    assert.equal(isPossible(key), false, key)
  assert.equal(ownerOf('r', next, shortcuts), reply)
  assert.equal(ownerOf('r', reply, shortcuts), undefined, 'its own')
  assert.equal(ownerOf('g', reply, shortcuts), all, 'the first of two would never be waited for')
  assert.equal(ownerOf('j x', reply, shortcuts), next)
  assert.equal(ownerOf('Mod+k', reply, shortcuts), palette)
  chooseKey(reply, 'w')
  assert.equal(ownerOf('r', next, shortcuts), undefined, 'what was left is free')
  assert.equal(ownerOf('w', next, shortcuts), reply)
  resetKeys()
})

test('what assistive software is told follows', () => {
  assert.equal(spokenKeys('reply', 'palette', 'all', 'nothing'), 'r Control+k 1')
  chooseKey(all, 'g z')
  assert.equal(spokenKeys('all'), null, 'there is no word for two after each other')
  chooseKey(reply, 'w')
  assert.equal(spokenKeys('reply'), 'w')
  resetKeys()
})
