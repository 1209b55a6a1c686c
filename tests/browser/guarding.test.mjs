// What is typed is not lost by a slip, what cannot be undone asks twice, and nothing short-lived stands in
// the way.
import assert from 'node:assert/strict'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()

story(
  'a form with something typed in it is not closed by Escape, the ×, a click beside it or Back without a question',
  async ({ house, person }) => {
    const admin = await person()
    await house.enters(admin, ADMIN, '/admin#canned')
    await admin.sees('Canned replies')
    const open = async () => {
      await admin.chooses('New canned reply')
      await admin.there('dialog[open] form')
    }
    const ways = [
      () => admin.press('Escape'),
      () => admin.clicks('dialog[open] > header button'),
      () => admin.eval("document.querySelector('dialog[open]').click()"),
      () => admin.eval('history.back()'),
    ]
    for (const way of ways) {
      await open()
      await way()
      await admin.gone('dialog')
      assert.equal(await admin.eval('location.hash'), '#canned', 'the page beneath stays')
    }
    await open()
    await admin.types('dialog [name=content]', 'Half an answer')
    for (const way of ways) {
      await way()
      await admin.sees('Discard changes?')
      await admin.press('Enter') // the focus is on what keeps it
      await admin.until("document.querySelectorAll('dialog').length === 1")
      assert.equal(
        await admin.eval("document.querySelector('dialog [name=content]').value"),
        'Half an answer',
      )
    }
    await admin.press('Escape')
    await admin.chooses('Discard')
    await admin.gone('dialog')
    assert.equal(await admin.eval('location.hash'), '#canned')
    await open()
    await admin.eval('history.back()') // though two dialogs were open before
    await admin.gone('dialog')
    assert.equal(await admin.eval('location.hash'), '#canned')
    await open()
    await admin.types('dialog [name=shortcut]', 'hi')
    await admin.types('dialog [name=content]', 'Hello')
    await admin.chooses('Save')
    await admin.gone('dialog')
    // A search in a dialog only looks for something.
    await admin.opens(`${house.url}/`)
    await admin.until("document.documentElement.dataset.ready === ''")
    await admin.press('k', { ctrl: true })
    await admin.there('dialog input')
    await admin.ask('Input.insertText', { text: 'close' })
    await admin.press('Escape')
    await admin.gone('dialog')
  },
)

story(
  'Back after a dialog leads where it led before, and a place that a dialog leads to is one step',
  async ({ house, person }) => {
    const id = await house.writes('351980000001', 'Hello', 'Rosa Vidal')
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.clicks(`[data-conversation="${id}"]`)
    await agent.shows(['Hello'])
    await agent.press('Escape')
    for (let turn = 0; turn < 2; turn++) {
      await agent.press('?')
      await agent.there('dialog')
      await agent.press('Escape')
      await agent.gone('dialog')
      await agent.until('!history.state?.dialog')
    }
    await agent.eval('history.back()')
    await agent.until("!location.search.includes('c=')")
    await agent.eval('history.forward()')
    await agent.until(`location.search.includes('c=${id}')`)
    await agent.until("document.activeElement.tagName === 'TEXTAREA'")
    await agent.press('Escape')
    await agent.press('?')
    await agent.there('dialog')
    await agent.eval('history.back()')
    await agent.gone('dialog')
    assert.match(await agent.eval('location.search'), new RegExp(`c=${id}`), 'the conversation stays')
    // A link that is followed in the moment a dialog closes is followed, and one step leads back from there.
    await agent.opens(`${house.url}/admin#canned`)
    await agent.chooses('New canned reply')
    await agent.there('dialog')
    await agent.eval("document.querySelector('dialog header button').click(); location.hash = '#labels'")
    await agent.gone('dialog')
    await agent.until("document.querySelector('.places [aria-current]').hash === '#labels'")
    await agent.eval('history.back()')
    await agent.until("document.querySelector('.places [aria-current]').hash === '#canned'")
    await agent.eval('history.back()')
    await agent.until("location.pathname === '/'")
  },
)

story('a short message is one, is replaced by the next, and lies over nothing', async ({ house, person }) => {
  for (let n = 0; n < 14; n++) await house.writes(`3519900000${String(n).padStart(2, '0')}`, `Question ${n}`)
  for (const [width, height] of [
    [1360, 700],
    [390, 700],
  ]) {
    const agent = await person({ width, height })
    await house.enters(agent, ADMIN)
    await agent.there('[data-conversation]')
    for (let n = 0; n < 3; n++) {
      await agent.clicks('[data-conversation]')
      await agent.there('.composer textarea')
      await agent.eval('document.activeElement.blur()')
      const before = await agent.eval('document.querySelectorAll("[data-conversation]").length')
      await agent.press('e')
      await agent.until(`document.querySelectorAll("[data-conversation]").length < ${before}`)
      await agent.there('.toast')
      if (width < 600) await agent.there('[data-conversation]') // a phone goes back to the list
    }
    assert.equal(await agent.eval("document.querySelectorAll('.toast').length"), 1)
    await agent.picture(`${PICTURES}/toast-${width}.png`)
    assert.deepEqual(
      await agent.eval(`(() => {
          const over = document.querySelector('.toast').getBoundingClientRect()
          return [...document.querySelectorAll('button, a, input, textarea')].filter(each => {
            if (each.closest('.toast') || !each.checkVisibility()) return false
            const it = each.getBoundingClientRect(), frame = each.closest('.rows')?.getBoundingClientRect()
            const bottom = Math.min(it.bottom, frame?.bottom ?? 1e9)
            return it.left < over.right && it.right > over.left && it.top < over.bottom && bottom > over.top
          }).map(each => each.textContent || each.ariaLabel)
        })()`),
      [],
      'what can be clicked lies beneath it',
    )
  }
})

story(
  'two tabs show one draft, and what is sent in one is gone from the other',
  async ({ house, person }) => {
    const id = await house.writes('351980000002', 'Hello')
    const one = await person()
    await house.enters(one, ADMIN, `/?c=${id}`)
    await one.shows(['Hello'])
    const two = await person({ beside: one })
    await two.opens(`${house.url}/?c=${id}`)
    await two.shows(['Hello'])
    const words = "document.querySelector('.composer textarea').value"
    await one.types('.composer textarea', 'Half')
    await two.until(`${words} === 'Half'`)
    await two.types('.composer textarea', ' and half')
    await one.until(`${words} === 'Half and half'`)
    await one.press('Enter')
    await one.shows(['Hello', 'Half and half'])
    await two.until(`${words} === ''`)
  },
)

story(
  'a canned reply and a flow speak one language: who has no name is greeted by the default, and what is not filled in is not sent without a question',
  async ({ house, person }) => {
    const admin = await person()
    await house.enters(admin, ADMIN, '/admin#canned')
    await admin.chooses('New canned reply')
    await admin.types('dialog [name=shortcut]', 'hello')
    await admin.types('dialog [name=content]', 'Hello ')
    await admin.chooses('Insert')
    await admin.picks('.menu button', "Customer's first name")
    await admin.until(
      "document.querySelector('dialog [name=content]').value === 'Hello {{customer.first_name|there}}'",
    )
    await admin.picture(`${PICTURES}/insert.png`)
    await admin.chooses('Save')
    await admin.gone('dialog')
    await house.admin('POST', '/canned-replies', {
      shortcut: 'order',
      content: 'Order {{order_number}} of {first_name}',
    })
    const named = await house.writes('351980000003', 'Hi', 'Rosa Vidal')
    const channel = await house.webchat()
    const visitor = await person({ width: 400, height: 700 })
    await visitor.opens(`${house.url}/widget/${channel.id}?whole`)
    await visitor.says('Anybody?')
    const nameless = (
      await eventually('it is stored', async () =>
        (await house.admin('GET', `/conversations?channel_id=${channel.id}`)).items.at(0),
      )
    ).id
    const area = '.composer textarea',
      value = `document.querySelector('${area}').value`
    const take = async (id, shortcut, becomes) => {
      await admin.opens(`${house.url}/?c=${id}`)
      await admin.there(area)
      await admin.types(area, `/${shortcut}`)
      await admin.there('.offers [role=option]')
      await admin.press('Enter')
      await admin.until(`${value} === ${JSON.stringify(becomes)}`)
    }
    await take(named, 'hello', 'Hello Rosa')
    await admin.press('Enter')
    await admin.shows(['Hi', 'Hello Rosa'])
    await take(nameless, 'hello', 'Hello there')
    await admin.press('Enter')
    await admin.shows(['Anybody?', 'Hello there'])
    await take(named, 'order', 'Order {{order_number}} of Rosa')
    await admin.press('Enter')
    await admin.sees('Unfilled placeholders')
    await admin.chooses('Cancel')
    await admin.gone('dialog')
    assert.equal(await admin.eval(value), 'Order {{order_number}} of Rosa', 'nothing was lost')
    await admin.shows(['Hi', 'Hello Rosa'])
    await admin.press('Enter')
    await admin.chooses('Send anyway')
    await admin.shows(['Hi', 'Hello Rosa', 'Order {{order_number}} of Rosa'])
  },
)

story(
  'a channel is called working only once something came from it, and a failed test is said where one looks',
  async ({ house, person }) => {
    const bot = await house.admin('POST', '/channels', {
      kind: 'whatsapp',
      name: 'The other line',
      external_id: '77',
      credentials: {},
    })
    const admin = await person()
    await house.enters(admin, ADMIN, '/admin#channels')
    const mark = name => `document.querySelector('[aria-label="${name}"] .state-mark')?.textContent`
    await admin.until(`${mark('The other line')} === 'No events yet'`)
    await admin.opens(`${house.url}/admin#overview`)
    await admin.until("/No events (yet )?from/.test(document.querySelector('.verdict')?.textContent)")
    await admin.opens(`${house.url}/admin#channels`)
    await admin.chooses('Test: The other line')
    await admin.sees('Setup is incomplete.')
    await admin.press('Escape')
    await admin.until(`${mark('The other line')}?.startsWith('Test failed')`)
    await admin.sees('Missing: access_token')
    await admin.picture(`${PICTURES}/channels-honest.png`)
    await admin.opens(`${house.url}/admin#overview`)
    await admin.until(
      "/The test of The other line failed/.test(document.querySelector('.verdict')?.textContent)",
    )
    await house.admin('DELETE', `/channels/${bot.id}`)
    await house.writes('351980000004', 'Hello')
    await admin.opens(`${house.url}/admin#channels`)
    await admin.until(`${mark('Support line')} === 'Active'`)
  },
)

story(
  'three conversations of one name are told apart by ear: channel, colleague and state are in the name of the row',
  async ({ house, person }) => {
    const ana = await house.adds('ana', 'Ana Lind')
    const first = await house.writes('351980000005', 'ok', 'Jonas Lindqvist'),
      second = await house.tells(4711, 'ok')
    await house.admin('PATCH', `/conversations/${first}`, { assignee_id: ana.id })
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.there(`[data-conversation="${first}"]`)
    const { nodes } = await agent.ask('Accessibility.getFullAXTree')
    const names = nodes
      .filter(each => each.role?.value === 'button')
      .map(each => each.name?.value ?? '')
      .filter(name => / ok/.test(name))
    assert.ok(
      names.some(name => /Jonas Lindqvist.*WhatsApp Support line.*Assigned to Ana Lind/.test(name)),
      names.join('\n'),
    )
    assert.ok(
      names.some(name => /Telegram Our bot.*Unassigned/.test(name)),
      names.join('\n'),
    )
    assert.equal(second > 0, true)
    assert.ok(await agent.eval(`document.querySelectorAll('[aria-keyshortcuts]').length >= 3`))
  },
)
