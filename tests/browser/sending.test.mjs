// What becomes of an answer: reactions, later, undone, templates, lost, refused, proposed by a model; and
// what a message can tell of itself.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const box = '.composer textarea'
const DAY = 86_400

story(
  'a reaction goes to the customer, theirs is seen, and the same again takes ours away',
  async ({ house, person }) => {
    const id = await house.writes('351960000001', 'Thank you!')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Thank you!'])
    await agent.eval(`document.querySelector('.message .actions [aria-label="React"]').click()`)
    await agent.chooses('❤️')
    await agent.until("document.querySelector('.message .reactions button')?.textContent.startsWith('❤️')")
    await eventually('the platform is told', () =>
      house.accepted.some(each => each.body.type === 'reaction' && each.body.reaction.emoji === '❤️'),
    )
    await agent.clicks('.message .reactions button')
    await agent.until("!document.querySelector('.message .reactions button')")
    assert.deepEqual((await house.admin('GET', `/conversations/${id}/messages`)).items[0].reactions, [])
    const answer = await house.admin('POST', `/conversations/${id}/messages`, {
      content: 'Gladly',
      client_id: 'r1',
    })
    const sent = await eventually('it is sent', async () =>
      (await house.admin('GET', `/conversations/${id}/messages`)).items.find(
        each => each.id === answer.id && each.platform_message_id,
      ),
    )
    await house.writes('351960000001', {
      type: 'reaction',
      reaction: { message_id: sent.platform_message_id, emoji: '🙏' },
    })
    await agent.until("document.querySelector('.message.mine .reactions button')?.textContent.includes('🙏')")
  },
)

story('a message says why it is here once', async ({ house, person }) => {
  const id = await house.writes('351960000002', 'How much?')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.says('Ten')
  await agent.until("document.querySelector('.message.mine')?.dataset.status === 'sent'")
  await agent.eval(`document.querySelector('.message.mine .actions [aria-label="More"]').click()`)
  await agent.chooses('Delivery history')
  await agent.until("document.querySelectorAll('dialog .history li').length >= 3")
  const told = await agent.eval(
    "[...document.querySelectorAll('dialog .history b')].map(each => each.textContent)",
  )
  for (const words of ['Stored', 'Queued for delivery', 'Sent to the platform', 'Platform responded'])
    assert.ok(told.includes(words), `${words} is not among ${told}`)
})

story(
  'an answer for later waits in sight, can be taken back, and goes out at its time',
  async ({ house, person }) => {
    const id = await house.writes('351960000003', 'Remind me')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.types(box, 'Here is your reminder')
    await agent.chooses('Send later')
    await agent.picks('.picker .option', 'In 1 hour')
    await agent.there('.message.mine .settle.later')
    assert.equal(await agent.eval(`document.querySelector('${box}').value`), '')
    await agent.chooses('Cancel sending')
    await agent.sees('This message was deleted')
    await agent.gone('.message.mine .settle.later')
    await agent.until(`document.querySelector('${box}').value === 'Here is your reminder'`)
    await house.admin('POST', `/conversations/${id}/messages`, {
      content: 'in a moment',
      client_id: 'l1',
      send_at: new Date(Date.now() + 2_500).toISOString(),
    })
    await agent.there('.message.mine .settle.later')
    const left = () =>
      house.accepted
        .filter(each => /reminder|in a moment/.test(each.body.text?.body))
        .map(each => each.body.text.body)
    assert.deepEqual(left(), [], 'it left too early')
    await agent.until("[...document.querySelectorAll('.message.mine')].at(-1).dataset.status === 'sent'")
    await agent.gone('.message.mine .settle.later')
    assert.deepEqual(left(), ['in a moment'])
  },
)

story(
  'while answers may be thought over, one can be taken back: its words return, and nothing was sent',
  async ({ house, person }) => {
    await house.admin('PATCH', '/settings', { undo_seconds: 60 })
    try {
      await thinksAgain({ house, person })
    } finally {
      await house.admin('PATCH', '/settings', { undo_seconds: 0 })
    }
  },
)

async function thinksAgain({ house, person }) {
  const id = await house.writes('351960000004', 'Discount?')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['Discount?'])
  await agent.says('90 percent')
  await agent.until(
    "document.querySelector('.message.mine .settle.later')?.textContent.includes('Sending in a moment')",
  )
  await agent.chooses('Undo')
  await agent.until(`document.querySelector('${box}').value === '90 percent'`)
  await agent.sees('This message was deleted')
  assert.equal(house.accepted.filter(each => JSON.stringify(each.body).includes('90 percent')).length, 0)
}

story(
  'when WhatsApp’s window has closed the box says so and offers the approved texts',
  async ({ house, person }) => {
    await house.approves([
      {
        name: 'order_ready',
        language: 'en',
        status: 'APPROVED',
        category: 'UTILITY',
        components: [{ type: 'BODY', text: 'Hi {{1}}, your order {{ 2 }} is ready.' }],
      },
      { name: 'not_yet', language: 'en', status: 'PENDING', components: [{ type: 'BODY', text: 'No' }] },
    ])
    const id = await house.writes('351960000005', 'Is it ready?', 'Rosa Vidal', 2 * DAY)
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until(
      "document.querySelector('.composer .window')?.textContent.includes('24-hour window is closed')",
    )
    await agent.clicks('.composer .window button')
    await agent.until("document.querySelectorAll('dialog .choices button:not(:disabled)').length === 1")
    await agent.clicks('dialog .choices button:not(:disabled)')
    await agent.types('dialog input[name="body.1"]', 'Rosa')
    await agent.types('dialog input[name="body.2"]', '42')
    await agent.chooses('Send template')
    await agent.until(
      "[...document.querySelectorAll('.message.mine .body')].at(-1)?.textContent === 'Hi Rosa, your order 42 is ready.'",
    )
    const sent = await eventually('it is handed over', () =>
      house.accepted.find(each => each.body.type === 'template'),
    )
    assert.equal(sent.body.template.name, 'order_ready')
  },
)

story(
  'when Instagram’s window has closed the box says until when a person may still answer, and the answer goes out so',
  async ({ house, person }) => {
    const id = await house.directs('1002003004005011', 'Do you still have the blue mugs?', 2 * DAY)
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until(
      "document.querySelector('.composer .window')?.textContent.includes('can still reply as a human agent')",
    )
    await agent.says('Two are left')
    await agent.until("document.querySelector('.message.mine')?.dataset.status === 'sent'")
    assert.equal(
      house.accepted.find(each => each.body.message?.text === 'Two are left').body.tag,
      'HUMAN_AGENT',
    )
  },
)

story('a lost answer is decided by a person: it arrived, or send it again', async ({ house, person }) => {
  const id = await house.tells(901, 'Are you there?')
  house.hangsUp = 'lost on the way'
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.says('lost on the way')
  await agent.chooses('Mark as sent')
  await agent.until("document.querySelector('.message.mine')?.dataset.status === 'sent'")
  await agent.says('lost on the way again')
  await agent.until("[...document.querySelectorAll('.message.mine')].at(-1).dataset.status === 'unconfirmed'")
  house.hangsUp = null
  await agent.chooses('Send again')
  await agent.until("[...document.querySelectorAll('.message.mine')].at(-1).dataset.status === 'sent'")
})

story(
  'a model’s draft is sent as it is, taken into the box, or put away; its answers are rated',
  async ({ house, person }) => {
    const { id: channel } = await house.bot()
    await house.admin('PATCH', `/channels/${channel}`, { options: { ai: { mode: 'draft', window_ms: 50 } } })
    house.model = 'We ship everywhere.'
    const id = await house.tells(902, 'Do you ship to Porto?')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until("document.querySelector('.proposal .words')?.textContent === 'We ship everywhere.'")
    assert.ok(
      !house.accepted.some(each => JSON.stringify(each.body).includes('everywhere')),
      'a draft was sent',
    )
    await agent.chooses('Send as is')
    await agent.gone('.proposal')
    await agent.until("document.querySelector('.message.mine .origin')?.textContent.includes('AI')")
    await agent.eval(`document.querySelector('.message.mine [aria-label="Bad reply"]').click()`)
    await agent.types('dialog input[name=comment]', 'Not to the moon')
    await agent.chooses('Save')
    await agent.until(
      "document.querySelector('.message.mine .rating')?.textContent.includes('Not to the moon')",
    )
    house.model = 'Two days.'
    await house.tells(902, 'How long?')
    await agent.until("document.querySelector('.proposal .words')?.textContent === 'Two days.'")
    await agent.chooses('Edit first')
    await agent.until(`document.querySelector('${box}').value === 'Two days.'`)
    await agent.gone('.proposal')
    await agent.press('Enter')
    await agent.until(
      "[...document.querySelectorAll('.message.mine .body')].at(-1)?.textContent === 'Two days.'",
    )
    house.model = 'Perhaps.'
    await house.tells(902, 'And to Faro?')
    await agent.until("document.querySelector('.proposal .words')?.textContent === 'Perhaps.'")
    await agent.chooses('Discard')
    await agent.gone('.proposal')
    assert.equal((await house.admin('GET', `/conversations/${id}`)).ai_draft, null)
  },
)

story(
  'a channel whose token broke is said over the inbox while one works, and goes when it is mended',
  async ({ house, person }) => {
    const id = await house.writes('351960000006', 'Hello?')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Hello?'])
    house.refuses = {
      text: 'refused for the token',
      status: 401,
      body: {
        error: { code: 190, error_subcode: 463, message: 'Session has expired', type: 'OAuthException' },
      },
    }
    await agent.says('refused for the token')
    await agent.until("document.querySelector('.banner')?.textContent.includes('Support line is paused')")
    house.refuses = null
    const { id: channel } = await house.whatsapp()
    await house.admin('PATCH', `/channels/${channel}`, { state: 'active' })
    await agent.gone('.banner')
    await house.admin('PATCH', `/channels/${channel}`, { state: 'paused' })
    await agent.there('.banner')
    await agent.chooses('Fix')
    await agent.until("location.pathname === '/admin' && location.hash === '#channels'")
    await house.admin('PATCH', `/channels/${channel}`, { state: 'active' })
  },
)
