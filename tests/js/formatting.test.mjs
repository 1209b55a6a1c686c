// The marks of the platforms: what is read out of a text, and that nothing of it is lost on the way.
import assert from 'node:assert/strict'
import test from 'node:test'

const { dialectOf, formatted, hasMarks, OURS, toggled } = await import('../../static/js/chat/formatting.js')
const { pieces, telOf } = await import('../../static/js/chat/links.js')

const whole = all =>
  all.map(each => (typeof each === 'string' ? each : each.before + whole(each.inside) + each.after)).join('')
/** Each piece by its kind: `bold(so)`. */
const spelled = all =>
  all.map(each => (typeof each === 'string' ? each : `${each.kind}(${spelled(each.inside)})`)).join('')
const read = (text, kind = 'marks_and_quotes') => spelled(formatted(text, dialectOf(kind)))

test('marks mean what WhatsApp means by them', () => {
  assert.equal(read('a *b* _c_ ~d~ `e`'), 'a bold(b) italic(c) strike(d) code(e)')
  assert.equal(read('*_both_*'), 'bold(italic(both))')
  assert.equal(read('(*b*), *b*!'), '(bold(b)), bold(b)!')
  assert.equal(read('```\nlet *x*\n```'), 'block(\nlet *x*\n)')
  assert.equal(read('`*x*`'), 'code(*x*)')
  assert.equal(read('> said *so*\nand then'), 'quote(said bold(so))and then')
})

test('what only looks like a mark stays as it was typed', () => {
  for (const text of [
    '2*3*4',
    'snake_case_name',
    '* a * b *',
    '*open',
    '**',
    '_ _',
    'a\n*b\nc*',
    '5 > 3',
    '>no space',
    'cd ~/bin',
  ])
    assert.equal(read(text), text, text)
})

test('an address with marks in it stays one link', () => {
  assert.equal(read('*see https://a.example/_x_y now*'), 'bold(see link(https://a.example/_x_y) now)')
  assert.equal(read('*https://a.example/b*'), 'bold(link(https://a.example/b))')
  assert.equal(read('https://a.example/a_b_c'), 'link(https://a.example/a_b_c)')
})

test('each platform has its own marks: none where they would be shown as typed', () => {
  assert.equal(read('> *a*', 'marks'), '> bold(a)')
  for (const kind of ['none', 'of_tomorrow', null]) {
    assert.equal(read('> *a* ```b```', kind), '> *a* ```b```')
    assert.equal(hasMarks(kind), false)
  }
  assert.equal(read('_a_', OURS), 'italic(a)')
})

test('nothing is lost: the pieces with their marks are the text, whatever it is', () => {
  let seed = 7
  const random = count => (seed = (seed * 48271) % 2147483647) % count
  const parts = [
    '*',
    '_',
    '~',
    '`',
    '```',
    '> ',
    '\n',
    ' ',
    'a',
    'é',
    '👍',
    'https://a.example/_b*',
    '@',
    '+351 912 345 678',
    '(',
    ')',
    '.',
  ]
  for (let turn = 0; turn < 4000; turn++) {
    const text = Array.from({ length: random(24) }, () => parts[random(parts.length)]).join('')
    for (const kind of ['marks_and_quotes', 'marks', 'none'])
      assert.equal(whole(formatted(text, dialectOf(kind))), text, JSON.stringify(text))
  }
})

test('a long line of marks is read in no time', () => {
  const from = performance.now()
  formatted('*a '.repeat(20_000), dialectOf(OURS))
  formatted('_*~'.repeat(10_000), dialectOf(OURS))
  assert.ok(performance.now() - from < 1500, `${performance.now() - from} ms`)
})

test('marks go around the words that are chosen, and away again', () => {
  const put = (text, from, to, sign) => {
    const it = toggled(text, from, to, sign)
    return text.slice(0, it.from) + it.words + text.slice(it.to)
  }
  assert.equal(put('say hello now', 4, 9, '*'), 'say *hello* now')
  assert.equal(put('say *hello* now', 5, 10, '*'), 'say hello now')
  assert.equal(put('say *hello* now', 4, 11, '*'), 'say hello now')
  assert.equal(put('say hello now', 3, 10, '_'), 'say _hello_ now', 'white stays outside')
  assert.equal(put('', 0, 0, '*'), '**')
})

test('a phone number can be called, and what is none cannot', () => {
  assert.equal(telOf('+351 912 345 678'), 'tel:+351912345678')
  const links = text =>
    pieces(text)
      .filter(each => typeof each !== 'string')
      .map(each => each.href)
  assert.deepEqual(links('Call +351 912 345 678 or (030) 123 45 67.'), [
    'tel:+351912345678',
    'tel:0301234567',
  ])
  assert.deepEqual(links('912 345 678'), ['tel:912345678'])
  for (const text of [
    'order 123456789',
    'on 2026-11-21 at 10:30',
    'on 21.11.2026',
    '192.168.100.200',
    '1.000.000.000 people',
    'card 4111 1111 1111 1111',
    'ref AB-0123456789',
    '10:30-12:45',
    'https://a.example/351912345678',
  ])
    assert.deepEqual(
      links(text).filter(each => each.startsWith('tel:')),
      [],
      text,
    )
})
