// Every word the pages ask for is there, in every language and used by some page, with the same values in it
// and the plurals it needs, and translated: the same as English only where a list here says so.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { LANGUAGES } from '../../static/js/core/words.js'

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

// The pages load these together; the dashboard has words of its own under headings that others have, too.
const PARTS = ['', 'more/', 'sign/', 'docs/', 'widget/']
const all = (name, parts = PARTS) =>
  Object.assign({}, ...parts.map(part => flat(read(`words/${part}${name}.json`))))
const english = all('en')
const dashboard = all('en', ['admin/'])
const others = Object.keys(LANGUAGES).filter(name => name !== 'en')

/** The values in a text, in the order of the alphabet. */
const holes = text => [...String(text).matchAll(/\{(\w+)\}/g)].map(found => found[1]).sort()
const same = (one, other) => holes(one).join() === holes(other).join()

const files = (folder, ends) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile() && each.name.endsWith(ends))
    .map(each => readFileSync(`${each.parentPath}/${each.name}`, 'utf8'))
const pages = files(new URL('js/', HERE).pathname, '.js').join('\n')
// What the server calls its statuses, kinds and errors: the pages ask for these by a value that comes over
// the wire.
const server = files(new URL('../src/', HERE).pathname, '.rs').join('\n')

/** Keys that a page's code names whole, and patterns of those that it puts together. */
function askedFor(code) {
  const whole = new Set([...code.matchAll(/['"`]([a-z_]+(?:\.[a-z_]+)+)['"`]/g)].map(found => found[1]))
  const made = [...code.matchAll(/`([a-z_]+\.[a-z_.]*(?:\$\{[^`{}]*\}[a-z_.]*)+)`/g)].map(found => found[1])
  const listed = [...code.matchAll(/named\(\s*['"]([a-z_]+)['"]/g)].map(found => `${found[1]}.\${}`)
  return { whole, made: [...new Set([...made, ...listed])] }
}
const pattern = made => new RegExp(`^${made.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '([a-z_]+)')}$`)

/** Keys that no page asks for: neither whole, nor made with values that the pages or the server know. */
function unused(keys, code, values) {
  const { whole, made } = askedFor(code)
  // `customer.first_name` is asked for as `customer_first_name`.
  const dotted = values.match(/[a-z_]+\.[a-z_]+/g) ?? []
  const known = new Set([...values.match(/[A-Za-z_]+/g), ...dotted.map(each => each.replace('.', '_'))])
  const camel = word => word.replace(/(^|_)([a-z])/g, (_, _before, letter) => letter.toUpperCase())
  const wanted = made.map(pattern)
  const isMade = key => {
    const parts = wanted.flatMap(each => each.exec(key.replace(/_hint$/, ''))?.slice(1) ?? [])
    return parts.some(value => known.has(value) || known.has(camel(value)))
  }
  return keys.filter(key => !whole.has(key) && !isMade(key))
}

// Names that no language translates, and whole texts that a language shares with English.
const NAMES =
  /\b(Rapport|WhatsApp|Instagram|Messenger|Telegram|API|GIF|KB|MB|URL|ID|CSV|AI|UTC|Webhooks?|Tokens?|Emoji|min|ms|h|s|d)\b/g
const SHARED = {
  es: [
    'Audio',
    'Chat',
    'Endpoints',
    'Manual',
    'No',
    'Spam',
    'Sticker',
    'Total',
    'Variables: {name}, {customer}',
    'Video',
  ],
  pt: ['Chat', 'Endpoints', 'Item', 'Link', 'Manual', 'Online', 'Spam', 'Status', 'Story', 'Total', 'Volume'],
  fr: [
    'Action',
    'Agent',
    'Audio',
    'Catalogue',
    'Chat',
    'Code',
    'Contact',
    'Conversation',
    'Conversations',
    'Message',
    'Messages',
    'Note',
    'Options',
    'Photo',
    'Session',
    'Spam',
    'Sticker',
    'Story',
    'Suggestions',
    'Total',
    'Type',
    'Volume',
  ],
  de: [
    'Admin',
    'Agent',
    'Audio',
    'Browser',
    'Chat',
    'Code',
    'Dashboard',
    'Details',
    'Echo',
    'Flow',
    'Flows',
    'Label',
    'Labels',
    'Link',
    'Name',
    'Online',
    'Person',
    'Schema: {type}',
    'Server',
    'Spam',
    'Status',
    'Sticker',
    'Story',
    'System',
    'Text',
    'Trend',
    'Video',
    'optional',
  ],
  it: [
    'Account',
    'Audio',
    'Browser',
    'Chat',
    'Email',
    'File',
    'Link',
    'No',
    'Online',
    'Password',
    'Report',
    'Schema: {type}',
    'Server',
    'Spam',
    'Sticker',
    'Trigger',
    'Video',
    'Volume',
  ],
  id: [
    'Admin',
    'Audio',
    'Edit',
    'Edit /{shortcut}',
    'Edit label',
    'Edit webhook',
    'Edit {name}',
    'Email',
    'Filter',
    'Label',
    'Manual',
    'Server',
    'Spam',
    'Status',
    'Total',
    'Video',
    'Volume',
    'median',
  ],
}
/** Whether a text says the same as English although it has words that can be translated. */
const untranslated = (text, model) =>
  text === model && /\p{L}{2}/u.test(text.replace(/\{\w+\}/g, '').replace(NAMES, ''))

/** What is wrong with a language, each as a line that names the key. */
function faultsOf(name, words, english, shared = SHARED[name] ?? []) {
  const out = []
  const needed = new Intl.PluralRules(name).resolvedOptions().pluralCategories
  for (const key in english) if (!(key in words)) out.push(`${key} is missing`)
  for (const key in words) {
    const text = words[key],
      model = english[key]
    if (model === undefined) out.push(`${key} is asked for by nobody`)
    else if (typeof text !== typeof model) out.push(`${key} has plurals in one of them only`)
    else if (typeof text === 'object') out.push(...faultsOfForms(key, text, model, needed, name))
    else if (!same(text, model)) out.push(`${key} has other values: ${holes(text)} for ${holes(model)}`)
    else if (!text.trim()) out.push(`${key} is empty`)
    else if (untranslated(text, model) && !shared.includes(text)) out.push(`${key} is English: ${text}`)
  }
  return out
}
function faultsOfForms(key, text, model, needed, name) {
  const out = []
  for (const form of needed)
    // "many" of Spanish, French, Italian and Portuguese is for millions: they say "other" there.
    if (!(form in text) && !(form === 'many' && name !== 'ar')) out.push(`${key} lacks ${form}`)
  for (const form in text) {
    // "one day" and "two days" need no figure in some languages.
    const may = ['zero', 'one', 'two'].includes(form)
      ? holes(model.other).filter(each => each !== 'count')
      : null
    const has = holes(text[form]).filter(each => !may || each !== 'count')
    if (has.join() !== (may ?? holes(model.other)).join()) out.push(`${key}.${form} has other values`)
    if (untranslated(text[form], model[form])) out.push(`${key}.${form} is English: ${text[form]}`)
  }
  return out
}

const keys = [...Object.keys(english), ...Object.keys(dashboard)]

test('every word the pages ask for is there', () => {
  const literal = [...pages.matchAll(/\bt\(\s*['"]([a-z_.]+)['"]/g)].map(found => found[1])
  const chosen = [...pages.matchAll(/\bt\([^'"`()]*\?\s*'([a-z_.]+)'\s*:\s*'([a-z_.]+)'/g)]
  const asked = [...literal, ...chosen.flatMap(found => found.slice(1))]
  assert.ok(literal.length > 300 && chosen.length > 0, 'the code is read')
  assert.deepEqual(
    asked.filter(key => !keys.includes(key)),
    [],
  )
  const headings = new Set(keys.map(key => key.split('.')[0]))
  const made = askedFor(pages).made.filter(each => headings.has(each.split('.')[0]))
  assert.deepEqual(
    made.filter(each => !keys.some(key => pattern(each).test(key))),
    [],
    'no key is made so',
  )
})

test('no word is kept that no page asks for', () => {
  const code = `${pages}\n${server}`
  assert.deepEqual(unused(keys, pages, code), [])
})

test('every file of words is of a language that can be chosen, in every part', () => {
  for (const part of [...PARTS, 'admin/'])
    assert.deepEqual(
      readdirSync(new URL(`words/${part}`, HERE))
        .filter(name => name.endsWith('.json'))
        .sort(),
      Object.keys(LANGUAGES)
        .map(name => `${name}.json`)
        .sort(),
      part,
    )
})

for (const name of others)
  test(`${name} says everything that English says, in its own words`, () => {
    assert.deepEqual(faultsOf(name, all(name), english), [])
    assert.deepEqual(faultsOf(name, all(name, ['admin/']), dashboard), [], 'in the dashboard')
  })

test('the list of what is shared with English names nothing else', () => {
  const model = { ...english, ...dashboard }
  for (const [name, texts] of Object.entries(SHARED)) {
    const words = { ...all(name), ...all(name, ['admin/']) }
    const shared = new Set(keys.filter(key => words[key] === model[key]).map(key => words[key]))
    assert.deepEqual(
      texts.filter(text => !shared.has(text)),
      [],
      name,
    )
  }
})

test('each fault would be found', () => {
  const days = { one: '{count} day', other: '{count} days' }
  const model = { 'a.save': 'Save', 'a.hello': 'Hello {name}', 'a.days': days }
  const good = {
    'a.save': 'Guardar',
    'a.hello': 'Hola {name}',
    'a.days': { one: '{count} día', other: '{count} días' },
  }
  const found = changed => faultsOf('es', { ...good, ...changed }, model, []).join()
  assert.equal(found({}), '')
  assert.match(found({ 'a.more': 'Más' }), /a.more is asked for by nobody/)
  assert.match(found({ 'a.save': 'Save' }), /a.save is English/)
  assert.match(found({ 'a.save': ' ' }), /a.save is empty/)
  assert.match(found({ 'a.hello': 'Hola' }), /a.hello has other values/)
  assert.match(found({ 'a.hello': 'Hola {nombre}' }), /a.hello has other values/)
  assert.match(found({ 'a.days': days }), /a.days.one is English/)
  assert.match(found({ 'a.days': '{count} días' }), /a.days has plurals in one of them only/)
  assert.match(found({ 'a.days': { other: '{count} días' } }), /a.days lacks one/)
  assert.match(found({ 'a.days': { one: 'un día', other: 'días' } }), /a.days.other has other values/)
  const { 'a.save': _, ...less } = good
  assert.deepEqual(faultsOf('es', less, model, []), ['a.save is missing'])
  assert.deepEqual(faultsOf('ar', { 'a.days': { other: '{count}' } }, { 'a.days': days }).length, 5)
  const code =
    "t('a.save'); t(`b.$" + "{kind}`); named('c', it.state); t(`d.$" + "{x}_next`); const kind = 'chat'"
  assert.deepEqual(
    unused(
      ['a.save', 'a.gone', 'b.chat', 'b.gone', 'c.open', 'c.gone', 'd.chat_next', 'd.chat'],
      code,
      `${code} Open`,
    ),
    ['a.gone', 'b.gone', 'c.gone', 'd.chat'],
  )
})
