// Messages whose webhooks were lost: marked where they are read, told on the channel's card; what cannot be
// had is named. And who can do something about it is told, on every page, that a channel's access ends soon.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const MINUTE = 60_000
const says = (selector, words) =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].some(it => it.textContent.includes(${JSON.stringify(words)}))`

/** What the platform says of a channel, once it is so. */
const becomes = (house, kind, isSo) =>
  eventually(`${kind} is known`, async () => {
    const { items } = await house.admin('GET', '/channels?limit=100')
    const channel = items.find(each => each.kind === kind)
    return channel && isSo(channel.upkeep) ? channel : null
  })

story('what was read back is marked, and what cannot be had is named', async ({ house, person }) => {
  const from = '1002003004005'
  house.past = Array.from({ length: 23 }, (_, n) => ({
    id: `aWdP${n}`,
    from,
    text: `Lost word ${n}`,
    at: new Date(Date.now() - (60 + n) * MINUTE).toISOString(),
  }))
  const conversation = await house.directs(from, 'Is anybody there?')
  await becomes(house, 'instagram', ({ messages }) => messages?.recovered === 20 && messages.missing === 3)
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${conversation}`)
  await agent.until(says('.message .recovered', 'Recovered, written'))
  await agent.until(says('.happened', '20 messages recovered'))
  await agent.until(says('.happened', '3 messages from'))
  await agent.until(says('.message', 'Lost word 19'))
  assert.equal(await agent.eval(says('.message', 'Lost word 20')), false, 'what is named only is not made up')
  const admin = await person()
  await house.enters(admin, ADMIN, '/admin#channels')
  await admin.until(says('.channel .upkeep', '20 messages recovered'))
  await admin.until(says('.channel .upkeep .trouble', "3 messages can't be recovered"))
})

story('a channel that gives no way to read what was missed says so', async ({ house, person }) => {
  await house.whatsapp()
  const admin = await person()
  await house.enters(admin, ADMIN, '/admin#channels')
  await admin.until(says('.channel .upkeep', 'no way to read the missed messages'))
})

story('that access ends soon is told on every page, to those who can renew it', async ({ house, person }) => {
  const day = 86_400
  house.tokenLife = {
    is_valid: true,
    expires_at: 0,
    data_access_expires_at: Math.floor(Date.now() / 1000) + 10 * day,
  }
  await house.admin('POST', '/channels', {
    kind: 'messenger',
    name: 'Our page',
    external_id: '205577100043210',
    credentials: { access_token: 'a token', app_secret: 'x', verify_token: 'y', app_id: '88451' },
  })
  await becomes(house, 'messenger', ({ token }) => token?.data_access_expires_at)
  const admin = await person()
  await house.enters(admin, ADMIN)
  await admin.until(says('.banner:not([hidden])', 'Our page: access expires'))
  const board = await person()
  await house.enters(board, ADMIN, '/admin#channels')
  await board.until(says('.banner:not([hidden])', 'Our page: access expires'))
  await board.until(says('.channel .upkeep .trouble', 'Access to customer data expires'))
  await house.adds('ben', 'Ben Ode')
  const agent = await person()
  await house.enters(agent, 'ben')
  await agent.until("document.querySelector('.list, .side') !== null")
  assert.equal(await agent.eval(says('.banner:not([hidden])', 'access expires')), false)
})
