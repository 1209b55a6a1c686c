// What a message carries beside its text becomes words, kind by kind; the shapes are those of
// src/channels/*/content.rs.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'

globalThis.document ??= { documentElement: { lang: 'en' }, createElement: () => ({}), addEventListener() {} }
const { cardsOf, webHref } = await import('../../static/js/chat/message_words.js')
const { setWords } = await import('../../static/js/core/words.js')
const wordsOf = async part =>
  JSON.parse(await readFile(new URL(`../../static/words/${part}en.json`, import.meta.url)))
setWords('en', { ...(await wordsOf('')), ...(await wordsOf('more/')) })

const hrefs = cards =>
  cards.flatMap(card => [card.href, ...card.lines.map(line => line.href)]).filter(Boolean)
const words = cards =>
  cards
    .flatMap(card => [
      card.title,
      ...card.lines.map(line => [line.label, line.text].filter(Boolean).join(': ')),
    ])
    .join(' | ')

function shows(details, content, ...expected) {
  const said = words(cardsOf(details, content))
  for (const each of expected) assert.ok(said.includes(each), `«${each}» is missing in «${said}»`)
}

test('a place of every platform has its name, its address and a map', () => {
  const location = { latitude: 52.5163, longitude: 13.3777, name: 'Gate', address: 'Platz 1', live: false }
  shows({ location }, null, 'Gate', 'Platz 1', '52.51630, 13.37770')
  assert.match(hrefs(cardsOf({ location }))[0], /mlat=52\.5163&mlon=13\.3777/)
  shows({ location: { latitude: 0, longitude: 0, name: null } }, null, 'Location', '0.00000, 0.00000')
  shows({ location: { latitude: null, longitude: null, name: 'Somewhere' } }, null, 'Somewhere')
})

test('a contact card has its numbers to be called and copied, with or without them', () => {
  const contacts = [
    { name: 'Dana Reyes', phones: ['+1 555 770 0988'], emails: ['dana@example.org'], organization: 'Reyes' },
    { name: 'Plumber', phones: [], organization: 'Fast Pipes' },
  ]
  shows({ contacts }, null, 'Dana Reyes', '+1 555 770 0988', 'dana@example.org', 'Plumber', 'Fast Pipes')
  assert.deepEqual(hrefs(cardsOf({ contacts })), ['tel:+15557700988', 'mailto:dana@example.org'])
})

test('an order has its items and their total', () => {
  const item = (id, quantity, price) => ({
    product_retailer_id: id,
    quantity,
    item_price: price,
    currency: 'EUR',
  })
  const order = { catalog_id: 'c1', product_items: [item('cake', 2, '3.50'), item('tea', 1, 2)] }
  shows({ order }, null, 'Order', '2 × cake · €3.50', '1 × tea · €2.00', 'Total: €9.00', 'c1')
})

test('an approved message is shown as it was read, not as it was filled in', () => {
  const details = {
    template: { name: 'booking', language: 'en', parameters: ['Mira'] },
    rendered: {
      header: 'Your table',
      body: 'Hi Mira',
      footer: 'The Bakery',
      buttons: [
        { kind: 'url', text: 'Open', url: 'https://a.example/42' },
        { kind: 'quick_reply', text: 'No' },
      ],
      cards: [{ body: 'Rye', buttons: [{ kind: 'quick_reply', text: 'This one' }] }],
    },
  }
  shows(
    details,
    'Hi Mira',
    'Your table',
    'The Bakery',
    'Open: https://a.example/42',
    '▸ No',
    'Rye',
    'This one',
  )
  assert.ok(!words(cardsOf(details, 'Hi Mira')).includes('booking'))
  assert.deepEqual(hrefs(cardsOf(details, 'Hi Mira')), ['https://a.example/42'])
})

test('a form says field and value, and what cannot be read as it came', () => {
  const interactive = response_json => ({ interactive: { kind: 'nfm_reply', response_json } })
  const json = JSON.stringify({
    flow_token: 'x',
    screen_0_first_name_1: 'Ana',
    guests: 4,
    vegan: true,
    days: ['Mon', 'Tue'],
  })
  shows(interactive(json), 'Sent', 'first name: Ana', 'guests: 4', 'vegan: Yes', 'days: Mon, Tue')
  assert.equal(words(cardsOf(interactive(json), 'Sent')).includes('flow'), false)
  shows(interactive('{torn'), 'Sent', '{torn')
})

test('answers, buttons and cards of other tools say what was chosen and what was offered', () => {
  shows(
    { interactive: { kind: 'list_reply', title: '19:30', description: 'Window, 2 people' } },
    '19:30',
    'Window',
  )
  const action = { buttons: [{ reply: { title: 'Yes please' } }], parameters: { url: 'https://a.example/x' } }
  shows({ interactive: { kind: 'button', action } }, 'Shall we?', 'Yes please', 'https://a.example/x')
  const elements = [
    {
      title: 'Cake',
      subtitle: 'Fresh',
      buttons: [{ title: 'Buy', url: 'https://a.example/buy' }, { title: 'More' }],
    },
  ]
  shows({ template: { elements } }, 'Cake', 'Cake', 'Fresh', 'Buy: https://a.example/buy', 'More')
  shows({ template: { name: 'reminder', language: 'en', parameters: ['Ana', '9:00'] } }, null, 'Ana', '9:00')
  assert.deepEqual(cardsOf({ interactive: { kind: 'button_reply', id: 'x', title: 'Yes' } }, 'Yes'), [])
})

test('an ad, a story, a post, a link and a product lead to where they are from', () => {
  const referral = {
    source_url: 'https://fb.example/ad7781',
    source_type: 'ad',
    source_id: '12',
    headline: 'Two pastries',
    body: 'Only this week',
    image_url: 'https://media.example/7781.jpg',
  }
  shows(
    { referral },
    'Hi',
    'Two pastries',
    'Only this week',
    'https://fb.example/ad7781',
    '7781.jpg',
    'Ad: 12',
  )
  shows({ referral: { ref: 'spring', source: 'start' } }, '/start spring', 'spring')
  const meta = { ad_id: 7, ads_context_data: { ad_title: 'Shoes', photo_url: 'https://media.example/p.jpg' } }
  shows({ referral: meta }, null, 'Shoes', 'p.jpg', 'Ad: 7')
  shows({ story: { id: '1', url: 'https://cdn.example/s' } }, null, 'Story', 'https://cdn.example/s')
  shows({ share: { kind: 'ig_post', title: 'Spring menu', url: 'https://a.example/p' } }, null, 'Spring menu')
  shows({ share: { kind: 'link', title: null, url: 'https://a.example/l' } }, null, 'https://a.example/l')
  shows({ product: { catalog_id: 'c', product_retailer_id: 'sku-9' } }, 'Is it there?', 'sku-9')
  shows({ links: [{ title: 'here', url: 'https://a.example/h' }] }, 'look here', 'https://a.example/h')
})

test('a poll has its options, a call its fate, an unknown kind its name', () => {
  const options = [
    { text: 'Mon', voter_count: 0 },
    { text: 'Tue', voter_count: 3 },
  ]
  shows({ poll: { question: 'When?', options } }, 'When?', 'Mon', 'Tue · 3')
  shows({ call: { missed: true, outgoing: false, seconds: null } }, 'Missed call', 'Missed call')
  shows({ call: { missed: false, outgoing: false, seconds: 75 } }, 'Call', 'Call', '1:15')
  shows(
    { unsupported: { type: 'giveaway_winners', code: null, title: 'Bike' } },
    null,
    'giveaway winners',
    'Bike',
  )
  shows({ unsupported: { type: 'x', code: '131060', on_phone: true } }, null, '131060', 'on the phone')
  shows({ quoted_text: 'only this part' }, 'yes', 'only this part')
})

test('nothing but an address of the web is followed, and odd details say nothing', () => {
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc', 'nothing', null, 7, {}])
    assert.equal(webHref(url), null)
  assert.deepEqual(hrefs(cardsOf({ share: { title: 'x', url: 'javascript:alert(1)' } })), [])
  const odd = [null, 7, 'x', [], {}, [null], { product_items: 7 }, { options: {} }]
  const names =
    'call contacts interactive links location order poll product referral share story template unsupported'
  for (const name of names.split(' ')) for (const value of odd) cardsOf({ [name]: value }, null)
  assert.deepEqual(cardsOf({ standby: true, album: '7', topic: '4' }), [])
})
