// Every kind of message of every platform, from its webhook to words on a screen: what is stored can be read,
// and followed where it leads somewhere. The bodies of tests/platforms as they are, and one of our own for
// each kind that is not there.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const SECRET = 'a_secret_of_the_kinds'
const ACCOUNTS = {
  whatsapp: '731904466218053',
  instagram: '17841460000712345',
  messenger: '205577100043210',
  telegram: '7045512398',
}
const fixture = file =>
  JSON.parse(readFileSync(new URL(`../platforms/${file}.json`, import.meta.url), 'utf8'))

/** @param {any} house */
async function connects(house) {
  const channels = {}
  for (const [kind, external_id] of Object.entries(ACCOUNTS))
    channels[kind] = await house.admin('POST', '/channels', {
      kind,
      name: `The ${kind}`,
      external_id,
      options: kind === 'whatsapp' ? { waba_id: '290417755120884', coexistence: true } : {},
      credentials:
        kind === 'telegram'
          ? { bot_token: `${external_id}:a-token`, webhook_secret: SECRET }
          : { access_token: 'a token', app_secret: SECRET, verify_token: 'a verify token' },
    })
  return channels
}

/** Posts a body as its platform would; gives the results. */
async function posts(house, channel, json) {
  const body = JSON.stringify(json)
  const proof =
    channel.kind === 'telegram'
      ? { 'x-telegram-bot-api-secret-token': SECRET }
      : { 'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}` }
  const path = channel.kind === 'telegram' ? `telegram/${channel.id}` : channel.kind
  const answer = await fetch(`${house.url}/webhooks/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...proof },
    body,
  })
  assert.equal(answer.status, 200, await answer.clone().text())
  return (await answer.json()).results
}

let number = 0
const second = () => Math.floor(Date.now() / 1000)
const whatsappValue = (value, field = 'messages') => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '290417755120884',
      changes: [
        {
          field,
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '15550142210', phone_number_id: ACCOUNTS.whatsapp },
            contacts: [{ profile: { name: 'Mira Oduya' }, wa_id: '15557700421' }],
            ...value,
          },
        },
      ],
    },
  ],
})
/** A WhatsApp message of this type. */
const wa = (type, object, more = {}) =>
  whatsappValue({
    messages: [
      {
        from: '15557700421',
        id: `wamid.K${++number}`,
        timestamp: String(second()),
        type,
        ...(object === undefined ? {} : { [type]: object }),
        ...more,
      },
    ],
  })
const call = rest =>
  whatsappValue(
    {
      calls: [
        {
          from: '15557700421',
          to: '15550142210',
          id: `wacid.K${++number}`,
          timestamp: String(second()),
          event: 'terminate',
          direction: 'USER_INITIATED',
          ...rest,
        },
      ],
    },
    'calls',
  )
/** What somebody writes by Instagram or Messenger. */
const meta = (object, account) => event => ({
  object,
  entry: [
    {
      id: account,
      time: Date.now(),
      messaging: [
        { sender: { id: '1002003004' }, recipient: { id: account }, timestamp: Date.now(), ...event },
      ],
    },
  ],
})
const insta = meta('instagram', ACCOUNTS.instagram)
const page = meta('page', ACCOUNTS.messenger)
const mid = rest => ({ message: { mid: `m_k${++number}`, ...rest } })
const has = (type, payload, more = {}) => mid({ attachments: [{ type, payload, ...more }] })
/** What somebody writes to the bot. */
const tg = rest => ({
  update_id: ++number,
  message: {
    message_id: 5000 + number,
    date: second(),
    from: { id: 198844001, is_bot: false, first_name: 'Mira' },
    chat: { id: 198844001, first_name: 'Mira', type: 'private' },
    ...rest,
  },
})
const form = JSON.stringify({ flow_token: 'x', delivery_date: '2026-12-24', guests: 4 })

/** By platform: what comes, the words that must stand on the screen, and where they must lead. */
const KINDS = {
  whatsapp: () => [
    [fixture('whatsapp-text'), []],
    [fixture('whatsapp-image-caption'), ['Photo']],
    [fixture('whatsapp-video'), ['Video']],
    [fixture('whatsapp-voice'), ['Voice']],
    [fixture('whatsapp-document'), ['.pdf']],
    [fixture('whatsapp-sticker'), ['Sticker']],
    [fixture('whatsapp-location'), ['Kavárna U Mostu', 'Nábřeží 12, Praha'], 'mlat=50.08804'],
    [
      fixture('whatsapp-contacts'),
      ['Dana Reyes', '+1 555 770 0988', 'Plumber', 'Fast Pipes'],
      'tel:+15557700988',
    ],
    [fixture('whatsapp-interactive-list-reply'), ['19:30', 'Window, 2 people']],
    [fixture('whatsapp-template-button'), ['Yes, I am coming']],
    [
      fixture('whatsapp-referral-ad'),
      ['Hi, I saw your ad', 'Two pastries for one', 'Only this week'],
      'https://fb.example/ad7781',
    ],
    [fixture('whatsapp-unsupported'), ['poll creation', '131051']],
    [wa('audio', { id: 'a1', mime_type: 'audio/mpeg' }), ['Audio']],
    [wa('interactive', { type: 'button_reply', button_reply: { id: 'b', title: 'Go on' } }), ['Go on']],
    [
      wa('interactive', {
        type: 'nfm_reply',
        nfm_reply: { name: 'flow', body: 'Sent', response_json: form },
      }),
      ['delivery date: 2026-12-24', 'guests: 4'],
    ],
    [
      wa('order', {
        catalog_id: 'c1',
        text: 'please',
        product_items: [
          { product_retailer_id: 'cake', quantity: 2, item_price: 3.5, currency: 'EUR' },
          { product_retailer_id: 'tea', quantity: 1, item_price: 2, currency: 'EUR' },
        ],
      }),
      ['please', '2 × cake', '€9.00'],
    ],
    [
      wa(
        'text',
        { body: 'is it here?' },
        { context: { referred_product: { catalog_id: 'c1', product_retailer_id: 'cake' } } },
      ),
      ['is it here?', 'cake'],
    ],
    [wa('text', { body: 'passed on' }, { context: { forwarded: true } }), ['passed on', 'Forwarded']],
    [wa('text', { body: '' }), ['text']],
    [wa('location', undefined), ['location']],
    [wa('image', null), ['image']],
    [wa('hologram', { depth: 3 }), ['hologram']],
    [call({ status: 'FAILED' }), ['Missed call']],
    [call({ status: 'COMPLETED', duration: 65 }), ['Call', '1:05']],
  ],
  instagram: () => [
    [fixture('instagram-text'), []],
    [fixture('instagram-image'), ['Photo']],
    [fixture('instagram-share'), ['Spring menu'], 'https://lookaside.example-cdn.net/'],
    [fixture('instagram-story-mention'), ['story'], 'https://lookaside.example-cdn.net/'],
    [
      fixture('instagram-story-reply'),
      ['That croissant!! 😍', 'story'],
      'https://lookaside.example-cdn.net/',
    ],
    [fixture('instagram-postback'), ['Opening hours']],
    [fixture('instagram-quick-reply'), ['Pick-up']],
    [fixture('instagram-unsupported'), ['not supported by the platform']],
    [insta(has('video', { url: 'https://cdn.example/1' })), ['Video']],
    [insta(has('audio', { url: 'https://cdn.example/1' })), ['Audio']],
    [insta(has('file', { url: 'https://cdn.example/list.pdf' })), ['list.pdf']],
    [
      insta(has('ig_reel', { url: 'https://cdn.example/reel', title: 'Kneading' })),
      ['Kneading'],
      'https://cdn.example/reel',
    ],
    [insta(has('hologram', { title: 'Deep' })), ['hologram', 'Deep']],
    [
      insta(
        mid({
          text: 'from the ad',
          referral: {
            ad_id: '77',
            source: 'ADS',
            ads_context_data: { ad_title: 'Fresh bread', photo_url: 'https://cdn.example/ad.jpg' },
          },
        }),
      ),
      ['from the ad', 'Fresh bread', '77'],
      'https://cdn.example/ad.jpg',
    ],
    [insta({ message: null }), ['message']],
    [insta(mid({ text: '' })), ['not supported by the platform']],
  ],
  messenger: () => [
    [fixture('messenger-text'), []],
    [fixture('messenger-attachments'), ['Photo']],
    [fixture('messenger-postback'), ['Get started', 'window-sticker']],
    [page(has('sticker', { url: 'https://cdn.example/s', sticker_id: 3 })), ['Sticker']],
    [
      page(has('location', { coordinates: { lat: 52.5, long: 13.25 } }, { title: 'The gate' })),
      ['The gate', '52.50000, 13.25000'],
      'mlat=52.5',
    ],
    [
      page(has('fallback', null, { title: 'Our shop', url: 'https://shop.example/x' })),
      ['Our shop'],
      'https://shop.example/x',
    ],
    [
      page(
        has('template', {
          template_type: 'button',
          text: 'Shall we?',
          buttons: [{ title: 'Yes please' }, { title: 'See', url: 'https://shop.example/see' }],
        }),
      ),
      ['Shall we?', 'Yes please', 'See'],
      'https://shop.example/see',
    ],
    [
      page(
        has('template', {
          template_type: 'generic',
          elements: [
            {
              title: 'Cake',
              subtitle: 'With cream',
              buttons: [{ title: 'Buy', url: 'https://shop.example/cake' }],
            },
          ],
        }),
      ),
      ['Cake', 'With cream', 'Buy'],
      'https://shop.example/cake',
    ],
    [page(has('appointment_booking', { title: 'At noon' })), ['appointment', 'At noon']],
    [page({ postback: null }), ['postback']],
  ],
  telegram: () => [
    [fixture('telegram-text'), []],
    [fixture('telegram-photo-caption'), ['Photo']],
    [fixture('telegram-voice'), ['Voice']],
    [fixture('telegram-document'), ['.']],
    [fixture('telegram-sticker'), ['Sticker']],
    [fixture('telegram-venue'), ['Pier Kiosk 4', '12 Riverside'], 'mlat=51.5079'],
    [fixture('telegram-contact'), ['Mira', '+15557700421'], 'tel:+15557700421'],
    [fixture('telegram-callback-query'), ['size:m']],
    [
      tg({ location: { latitude: 1.5, longitude: 2.25, live_period: 60 } }),
      ['Live location', '1.50000, 2.25000'],
      'mlat=1.5',
    ],
    [
      tg({
        poll: {
          id: '1',
          question: 'Tea?',
          options: [
            { text: 'Green', voter_count: 2 },
            { text: 'Black', voter_count: 0 },
          ],
        },
      }),
      ['Tea?', 'Green', 'Black'],
    ],
    [tg({ dice: { emoji: '🎲', value: 4 } }), ['🎲 4']],
    [tg({ video: { file_id: 'v', file_unique_id: 'v' } }), ['Video']],
    [tg({ video_note: { file_id: 'v', file_unique_id: 'v', length: 240 } }), ['Video']],
    [tg({ animation: { file_id: 'v', file_unique_id: 'v', file_name: 'cat.mp4' } }), ['cat.mp4']],
    [tg({ audio: { file_id: 'v', file_unique_id: 'v', file_name: 'song.mp3' } }), ['song.mp3']],
    [
      tg({
        text: 'read this',
        entities: [{ type: 'text_link', offset: 5, length: 4, url: 'https://shop.example/this' }],
      }),
      ['read this'],
      'https://shop.example/this',
    ],
    [tg({ text: 'yes', quote: { text: 'the words I mean' } }), ['yes', 'the words I mean']],
    [
      tg({ text: 'look', forward_origin: { type: 'hidden_user', sender_user_name: 'Somebody' } }),
      ['look', 'Forwarded', 'Somebody'],
    ],
    [tg({ giveaway: { prize_description: 'A cake' } }), ['giveaway', 'A cake']],
    [tg({ story: { id: 3 } }), ['story']],
    [tg({ pinned_message: { message_id: 1, date: 0 } }), ['pinned message']],
    [tg({ text: '' }), ['text']],
    [tg({ contact: {} }), ['contact']],
  ],
}

for (const [kind, rows] of Object.entries(KINDS))
  story(
    `everything that comes by ${kind} can be read, and followed where it leads`,
    async ({ house, person }) => {
      house.kinds ??= await connects(house)
      /** By conversation: what must be read there. @type {Map<number, any[]>} */
      const wanted = new Map()
      for (const [body, words, leads] of rows()) {
        const [result] = await posts(house, house.kinds[kind], body)
        assert.equal(result.outcome, 'stored', JSON.stringify(body))
        const all = wanted.get(result.conversation_id) ?? []
        wanted.set(result.conversation_id, [...all, { id: result.message_id, words, leads, body }])
      }
      const agent = await person({ height: 3000 })
      for (const [conversation, all] of wanted) {
        if (agent.requests.length) await agent.opens(`${house.url}/?c=${conversation}`)
        else await house.enters(agent, ADMIN, `/?c=${conversation}`)
        for (const { id, words, leads, body } of all) {
          const at = `document.querySelector('[data-key="#${id}"]')`
          await agent.until(`${at}`)
          const shown = () => agent.eval(`${at}.innerText`)
          for (const each of words)
            await agent
              .until(`${at}.innerText.toLowerCase().includes(${JSON.stringify(each.toLowerCase())})`, 5_000)
              .catch(async () =>
                assert.fail(`«${each}» cannot be read in «${await shown()}»: ${JSON.stringify(body)}`),
              )
          assert.ok(
            (await shown()).replace(/[\d:\s]|AM|PM/g, '').length > 1,
            `nothing to read: ${JSON.stringify(body)}`,
          )
          if (leads)
            await agent
              .until(
                `[...${at}.querySelectorAll('a')].some(each => each.href.includes(${JSON.stringify(leads)}))`,
                5_000,
              )
              .catch(() => assert.fail(`nothing leads to ${leads}: ${JSON.stringify(body)}`))
        }
      }
    },
    { expected: ['404', '502'] },
  )

/** Puts a file into the reply box: these bytes first, then as many more as it takes. */
const puts = (agent, name, type, head, size) =>
  agent.eval(`(() => {
    const files = new DataTransfer()
    files.items.add(new File([new Uint8Array(${JSON.stringify(head)}), new Uint8Array(${size})], ${JSON.stringify(name)}, { type: ${JSON.stringify(type)} }))
    const input = document.querySelector('.composer input[type=file]')
    input.files = files.files
    input.dispatchEvent(new Event('change'))
  })()`)
const PNG = [
  137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 9, 0, 0, 0, 9, 8, 6, 0, 0, 0,
]

story(
  'before it is sent, the reply box says what goes as a document and what cannot go',
  async ({ house, person }) => {
    const agent = await person()
    const photos = await house.writes('351980000001', 'Send me the plan')
    await house.enters(agent, ADMIN, `/?c=${photos}`)
    await agent.there('.composer textarea')
    await puts(agent, 'small.png', 'image/png', PNG, 1000)
    await agent.there('.uploading.ready')
    assert.ok(!(await agent.eval('document.querySelector(".files").innerText')).includes('document'))
    await puts(agent, 'plan.png', 'image/png', PNG, 5 * 1024 * 1024)
    await agent.sees('will be sent as a document on this channel')
    house.kinds ??= await connects(house)
    const [asked] = await posts(house, house.kinds.instagram, insta(mid({ text: 'Send me the list' })))
    const pages = asked.conversation_id
    await agent.opens(`${house.url}/?c=${pages}`)
    await agent.there('.composer textarea')
    await puts(agent, 'list.txt', 'text/plain', [97, 98, 99], 10)
    await agent.sees("this channel doesn't support this type of file")
    await puts(agent, 'huge.png', 'image/png', PNG, 8 * 1024 * 1024)
    await agent.sees('too large for this channel, 8')
  },
)

story('a place and a card are sent from the reply box and read in the thread', async ({ house, person }) => {
  const agent = await person()
  const id = await house.writes('351980000002', 'Where are you, and who is there?')
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.there('.composer textarea')
  await agent.chooses('Send a location or contact')
  await agent.chooses('Location')
  await agent.types('dialog input[name=point]', '52.5163, 13.3777')
  await agent.types('dialog input[name=name]', 'The gate')
  await agent.press('Enter')
  await agent.until(
    "[...document.querySelectorAll('.message.mine a')].some(each => each.href.includes('mlat=52.5163'))",
  )
  await agent.chooses('Send a location or contact')
  await agent.chooses('Contact')
  await agent.types('dialog input[name=name]', 'Dana Reyes')
  await agent.types('dialog input[name=phone]', '+1 555 770 0988')
  await agent.press('Enter')
  await agent.until(
    "[...document.querySelectorAll('.message.mine a')].some(each => each.href === 'tel:+15557700988')",
  )
  await eventually('both are with the platform', () =>
    ['location', 'contacts'].every(type => house.accepted.some(each => each.body.type === type)),
  )
})

story('a recording of this browser goes out as a voice note', async ({ house, person }) => {
  const agent = await person()
  const id = await house.writes('351980000003', 'Call me')
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.there('.composer textarea')
  await agent.chooses('Record a voice message')
  await agent.until("document.querySelector('dialog .recording time')?.textContent.endsWith('1')")
  await agent.chooses('Stop')
  await agent.chooses('Attach')
  await agent.there('.uploading.ready')
  await agent.clicks('.composer .send')
  const sent = await eventually('it is with the platform', () =>
    house.accepted.find(each => each.body.type === 'audio'),
  )
  assert.equal(sent.body.audio.voice, true)
})
