// Every word the pages ask for is there, in every language, with the same values in it and the plurals it needs.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'

const HERE = new URL('../../static/', import.meta.url)
const read = path => JSON.parse(readFileSync(new URL(path, HERE)))
const FORMS = new Set(['zero', 'one', 'two', 'few', 'many', 'other'])
const flat = (all, before = '', out = {}) => {
  for (const [key, value] of Object.entries(all)) {
    if (value && typeof value === 'object' && !Object.keys(value).every(form => FORMS.has(form)))
      flat(value, `${before}${key}.`, out)
    else out[before + key] = value
  }
  return out
}
const PARTS = ['', 'more/', 'sign/', 'docs/', 'widget/']
const all = (name, parts = PARTS) =>
  Object.assign({}, ...parts.map(part => flat(read(`words/${part}${name}.json`))))
const english = all('en')
const others = readdirSync(new URL('words/', HERE)).filter(
  name => name.endsWith('.json') && name !== 'en.json',
)
const holes = text =>
  [...String(text).matchAll(/\{(\w+)\}/g)]
    .map(found => found[1])
    .sort()
    .join()

test('every word the pages ask for is there', () => {
  const admin = all('en', ['admin/'])
  for (const folder of ['chat', 'core', 'inbox', 'sign', 'widget', 'docs', 'admin']) {
    for (const file of readdirSync(new URL(`js/${folder}/`, HERE))) {
      const code = readFileSync(new URL(`js/${folder}/${file}`, HERE), 'utf8')
      for (const [, key] of code.matchAll(/\bt\('([a-z_.]+\.[a-z_]+)'/g))
        assert.ok(key in english || key in admin, `${folder}/${file} asks for ${key}`)
    }
  }
})

for (const file of others)
  for (const parts of [PARTS, ['admin/']]) {
    test(`${file} says everything that English says${parts === PARTS ? '' : ' in the dashboard'}`, () => {
      const name = file.replace('.json', ''),
        words = all(name, parts),
        english = all('en', parts)
      assert.deepEqual(
        Object.keys(english).filter(key => !(key in words)),
        [],
        'missing',
      )
      assert.deepEqual(
        Object.keys(words).filter(key => !(key in english)),
        [],
        'asked for by nobody',
      )
      const needed = new Intl.PluralRules(name).resolvedOptions().pluralCategories
      for (const key in words) {
        if (typeof english[key] === 'object') {
          assert.ok(typeof words[key] === 'object', `${key} has plurals`)
          for (const form of needed)
            assert.ok(
              form in words[key] || (form === 'many' && 'other' in words[key] && name !== 'ar'),
              `${key} lacks ${form}`,
            )
        } else assert.equal(holes(words[key]), holes(english[key]), key)
      }
    })
  }
