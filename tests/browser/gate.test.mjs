// What the gate says above the reply box, while it is open: who may not be written to, what may not arrive,
// and what can be done instead; what a customer agreed to, beside it; a missed call answered by a message.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const DAY = 24 * 3_600
const box = '.composer textarea'
const line = words =>
  `document.querySelector('.composer .window:not([hidden])')?.textContent.includes(${JSON.stringify(words)})`
const silent = "!document.querySelector('.composer .window:not([hidden])')"
const sent = (house, words) => house.accepted.filter(each => JSON.stringify(each.body).includes(words)).length
const customerOf = async (house, id) => (await house.admin('GET', `/conversations/${id}`)).customer.id

story(
  'a customer who is blocked meanwhile is not written to: the line says so, a note may go, and one click unblocks',
  async ({ house, person }) => {
    const id = await house.writes('351970000001', 'Buy my pills')
    const customer = await customerOf(house, id)
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Buy my pills'])
    await agent.types(box, 'No, thank you')
    await agent.until(`${silent} && !document.querySelector('.send').disabled`)
    await house.admin('PATCH', `/customers/${customer}`, { blocked: true })
    await agent.until(line('You have blocked this customer'))
    await agent.until("document.querySelector('.send').disabled")
    await agent.press('Enter')
    assert.equal(await agent.eval(`document.querySelector('${box}').value`), 'No, thank you', 'it is lost')

    await agent.clicks('.composer .window .instead button:last-child')
    await agent.there('.composer form.note')
    await agent.until("document.querySelector('.composer .window')?.checkVisibility() === false")
    await agent.says('He sells pills')
    await agent.there('.message.note')
    await agent.chooses('Reply')
    await agent.until(line('You have blocked this customer'))
    await agent.chooses('Unblock')
    await agent.until(`${silent} && !document.querySelector('.send').disabled`)
    assert.equal((await house.admin('GET', `/customers/${customer}`)).blocked, false)
    assert.equal(sent(house, 'No, thank you'), 0)
    await agent.eval(`document.querySelector('${box}').focus()`)
    await agent.press('Enter')
    await eventually('it is handed over', () => sent(house, 'No, thank you') === 1 || null)
  },
)

story(
  'a channel that is turned off warns and keeps what is written, and only an admin is led to its settings',
  async ({ house, person }) => {
    await house.adds('ida', 'Ida Ode')
    const id = await house.tells(5001001, 'Hello')
    const { id: channel } = await house.bot()
    const [admin, agent] = [await person(), await person()]
    await house.enters(admin, ADMIN, `/?c=${id}`)
    await house.enters(agent, 'ida', `/?c=${id}`)
    await agent.shows(['Hello'])
    await house.admin('PATCH', `/channels/${channel}`, { state: 'off' })
    for (const each of [admin, agent]) await each.until(line('is turned off'))
    await admin.until(line('Open channel settings'))
    assert.equal(await agent.eval(line('Open channel settings')), false, 'an agent cannot')
    await agent.says('It waits')
    await agent.until("document.querySelector('.message.mine')?.dataset.status === 'queued'")
    await house.admin('PATCH', `/channels/${channel}`, { state: 'active' })
    await agent.until(silent)
    await agent.until("document.querySelector('.message.mine')?.dataset.status === 'sent'")
  },
)

story(
  'the window that closes while one writes is said at once, and what is written is handed over all the same',
  async ({ house, person }) => {
    const id = await house.writes('351970000002', 'Is it ready?', 'Rosa Vidal', DAY - 8)
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Is it ready?'])
    await agent.until(line('24-hour window is closed'))
    await agent.until(line('Send template'))
    await agent.says('In an hour')
    await eventually('it is handed over', () => sent(house, 'In an hour') === 1 || null)
  },
)

story(
  'what a customer agreed to stands beside the conversation, is changed there, and follows their own word',
  async ({ house, person }) => {
    const id = await house.writes('351970000003', 'Hello')
    const customer = await customerOf(house, id)
    const wish = async () => (await house.admin('GET', `/customers/${customer}/consents`)).items[0]
    const agent = await person({ width: 1500 })
    await house.enters(agent, ADMIN, `/?c=${id}`)
    const select = '.consents select'
    await agent.there(select)
    assert.equal(await agent.eval(`document.querySelector('${select}').value`), '', 'nobody asked')
    await agent.eval(
      `(it => { it.value = 'granted'; it.dispatchEvent(new Event('change', { bubbles: true })) })(document.querySelector('${select}'))`,
    )
    await agent.until(
      "document.querySelector('.consents small')?.textContent.includes('Noted by a colleague')",
    )
    assert.deepEqual([(await wish()).state, (await wish()).source], ['granted', 'user'])
    await house.writes('351970000003', 'STOP')
    await agent.until(`document.querySelector('${select}').value === 'withdrawn'`)
    await agent.until("document.querySelector('.consents small')?.textContent.includes('own word')")
    assert.equal((await wish()).source, 'customer')
  },
)

story(
  'a missed call is answered by a message, and whether the customer may be called is said',
  async ({ house, person }) => {
    const from = '351970000004',
      seconds = () => String(Math.floor(Date.now() / 1000))
    const { results } = await house.hook(
      {
        contacts: [{ profile: { name: 'Rosa Vidal' }, wa_id: from }],
        calls: [
          {
            from,
            to: '15550783881',
            id: 'wacid.missed',
            timestamp: seconds(),
            event: 'terminate',
            direction: 'USER_INITIATED',
          },
        ],
      },
      'calls',
    )
    const id = results[0].conversation_id
    const agent = await person({ width: 1500 })
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.sees('Missed call')
    await agent.eval('document.activeElement.blur()')
    await agent.chooses('Reply by message')
    await agent.until(`document.activeElement === document.querySelector('${box}')`)
    await agent.says('Sorry, we were busy')
    await agent.until("document.querySelector('.message.mine')?.dataset.status === 'sent'")

    const until = Math.floor(Date.now() / 1000) + 7 * DAY
    await house.writes(from, {
      type: 'interactive',
      interactive: {
        type: 'call_permission_reply',
        call_permission_reply: { response: 'accept', is_permanent: false, expiration_timestamp: until },
      },
    })
    await agent.until("document.querySelector('.consents')?.textContent.includes('Allowed until')")
  },
)
