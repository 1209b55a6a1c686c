// Finding one's way, and being told: rows 14 to 20, 27 to 30 and 36.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const rest = ms => new Promise(done => setTimeout(done, ms))
const box = '.composer textarea'
const hide = on =>
  `Object.defineProperty(document, 'hidden', { value: ${on}, configurable: true }); Object.defineProperty(document, 'visibilityState', { value: '${on ? 'hidden' : 'visible'}', configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`
const WATCHED = `window.shown = []; window.Notification = class { static permission = 'granted'; static requestPermission() { return Promise.resolve('granted') } constructor(title, how) { shown.push({ title, ...how }) } close() {} }`

story(
  'two agents see each other typing; the customer’s typing goes by itself, and nothing of it is kept',
  async ({ house, person }) => {
    await house.adds('ana', 'Ana Lind')
    const id = await house.writes('351930000001', 'Hello')
    const [first, second] = [await person(), await person()]
    await house.enters(first, ADMIN, `/?c=${id}`)
    await house.enters(second, 'ana', `/?c=${id}`)
    for (const each of [first, second]) {
      await each.shows(['Hello'])
      await each.there('.rail .online')
    }
    await first.eval(
      'window.frames_out = []; const send = WebSocket.prototype.send; WebSocket.prototype.send = function (data) { frames_out.push(JSON.parse(data).type); return send.call(this, data) }',
    )
    const began = Date.now()
    await eventually('the other sees it', async () => {
      await first.types(box, 'x')
      return second.eval("document.querySelector('.writing').textContent.includes('is also replying')")
    })
    const told = await first.eval("frames_out.filter(each => each === 'typing').length")
    assert.ok(told <= 1 + (Date.now() - began) / 3000, `${told} frames`)
    await first.eval(`document.querySelector('${box}').value = ''`)
    await first.types(box, 'I am writing')
    await second.until("document.querySelector('.writing').textContent === ''", 9_000)
    await first.press('Enter')
    await second.shows(['Hello', 'I am writing'])
  },
)

story('who hides the page for five seconds is away, and back when they look', async ({ house, person }) => {
  const bea = await house.adds('bea', 'Bea Ode')
  await house.admin('POST', '/direct-messages', { to: bea.id, content: 'Morning', client_id: 'b1' })
  const [first, second] = [await person(), await person()]
  await house.enters(first, ADMIN)
  await house.enters(second, 'bea')
  await first.clicks('[data-conversation] .name')
  await first.eval(
    "[...document.querySelectorAll('[data-conversation]')].find(each => each.textContent.includes('Bea')).click()",
  )
  await first.until("document.querySelector('.main .meta')?.textContent.includes('Online')")
  await second.eval(hide(true))
  await first.until("document.querySelector('.main .meta')?.textContent.includes('Away')")
  await second.eval(hide(false))
  await first.until("document.querySelector('.main .meta')?.textContent.includes('Online')")
})

story(
  'who opens the inbox is online for their colleagues, and away when their last tab has closed',
  async ({ house, person }) => {
    const ben = await house.adds('ben', 'Ben Ode')
    await house.admin('POST', '/direct-messages', { to: ben.id, content: 'Morning', client_id: 'd1' })
    const [first, second] = [await person(), await person()]
    await house.enters(first, ADMIN)
    await first.picks('[data-conversation]', 'Ben')
    await first.until("document.querySelector('.main .meta')?.textContent.includes('Away')")
    await house.enters(second, 'ben')
    const third = await person({ beside: second })
    await third.opens(house.url)
    await third.there('[data-conversation]')
    await first.until("document.querySelector('.main .meta')?.textContent.includes('Online')")
    await second.close()
    await rest(300)
    assert.match(await first.eval("document.querySelector('.main .meta').textContent"), /Online/)
    await third.close()
    await first.until("document.querySelector('.main .meta')?.textContent.includes('Away')")
  },
)

story(
  'a notification comes only to a hidden page, once per message across tabs, and only after a click has asked',
  async ({ house, person }) => {
    const id = await house.writes('351930000002', 'first')
    const one = await person({ before: WATCHED })
    await house.enters(one, ADMIN)
    const two = await person({ beside: one, before: WATCHED })
    await two.opens(house.url)
    await two.there('[data-conversation]')
    await house.writes('351930000002', 'while somebody looks')
    await one.until(
      `document.querySelector('[data-conversation="${id}"]').textContent.includes('somebody looks')`,
    )
    await two.until(
      `document.querySelector('[data-conversation="${id}"]').textContent.includes('somebody looks')`,
    )
    for (const tab of [one, two]) await tab.eval(hide(true))
    await house.writes('351930000002', 'while nobody looks')
    const count = async () => (await one.eval('shown.length')) + (await two.eval('shown.length'))
    await eventually('a notification', async () => (await count()) > 0)
    await rest(400)
    assert.equal(await count(), 1)
    const shown = [...(await one.eval('shown')), ...(await two.eval('shown'))][0]
    assert.deepEqual(
      [shown.tag, shown.body, shown.title],
      [`conversation-${id}`, 'while nobody looks', 'Customer 351930000002'],
    )
    assert.match(await one.eval('document.title'), /^\(\d+\) Inbox/)
    assert.ok(await one.eval("document.querySelector('link[rel=icon]').href.includes('icon-dot')"))
    const asked = await person({
      before:
        "window.asked = 0; window.Notification = class { static permission = 'default'; static requestPermission() { asked++; return Promise.resolve('denied') } }",
    })
    await house.enters(asked, ADMIN)
    assert.equal(await asked.eval('asked'), 0, 'asked without a click')
  },
)

story('sound, volume and quiet hours are each person’s own', async ({ house, person }) => {
  const agent = await person()
  await house.enters(agent, ADMIN)
  await agent.clicks('.rail .me')
  await agent.chooses('Sound and notifications')
  await agent.there('dialog input[type=range]')
  await agent.eval(
    "(() => { const [sound, quiet] = document.querySelectorAll('dialog input[type=checkbox]'); sound.click(); quiet.click() })()",
  )
  const kept = JSON.parse(await agent.eval("localStorage.getItem('rapport.alerts')"))
  assert.deepEqual([kept.sound, kept.quiet], [false, true])
})

story(
  'every key does what its sheet says, none while one types, and single keys can be turned off',
  async ({ house, person }) => {
    const first = await house.writes('351930000003', 'one'),
      second = await house.writes('351930000004', 'two')
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.until(
      `document.querySelector('[data-conversation]')?.dataset.conversation === '${second}' && document.querySelectorAll('[data-conversation]')[1]?.dataset.conversation === '${first}'`,
    )
    await agent.press('j')
    await agent.until(`location.search.includes('c=${second}')`)
    // The keys go through the list, and the list keeps them: a second `j` is no letter to the customer.
    await agent.press('j')
    await agent.until(`location.search.includes('c=${first}')`)
    await agent.there('.composer textarea')
    await agent.until(`document.activeElement.dataset.conversation === '${first}'`)
    assert.equal(await agent.eval(`document.querySelector('${box}').value`), '')
    await agent.press('Enter')
    await agent.until("document.activeElement.tagName === 'TEXTAREA'")
    await agent.press('Escape')
    await agent.until(`document.activeElement.dataset.conversation === '${first}'`)
    await agent.press('r')
    await agent.until("document.activeElement.tagName === 'TEXTAREA'")
    await agent.press('ArrowUp', { alt: true })
    await agent.until(`location.search.includes('c=${second}')`)
    await agent.until("document.activeElement.tagName === 'TEXTAREA'")
    await agent.press('e')
    assert.equal(
      await agent.eval(`document.querySelector('${box}').value`),
      'e',
      'a key acted while one typed',
    )
    await agent.press('Backspace')
    await agent.press('Escape')
    await agent.press('a')
    await agent.there('.picker [role=option]')
    await agent.press('Escape')
    // What is closed leaves the list, and the next one opens.
    await agent.press('e')
    await agent.sees('Status set to Closed')
    await agent.until(`location.search.includes('c=${first}')`)
    await agent.opens(`${house.url}/?status=any&c=${second}`)
    await agent.there('.composer textarea')
    await agent.press('Escape')
    await agent.press('o')
    await agent.sees('Status set to Open')
    await agent.press('?', { shift: true })
    await agent.there('dialog .shortcuts')
    assert.ok((await agent.eval("document.querySelectorAll('dialog .shortcuts dt').length")) >= 12)
    await agent.clicks('dialog input[type=checkbox]')
    await agent.press('Escape')
    await agent.gone('dialog')
    await agent.press('/')
    await rest(150)
    assert.notEqual(
      await agent.eval('document.activeElement.type'),
      'search',
      'a key that was turned off acted',
    )
  },
)

story(
  'the palette finds people, conversations and actions by a few letters, within 50 ms, the last used first',
  async ({ house, person }) => {
    await house.adds('marta', 'Marta Ruiz')
    await house.admin('POST', '/canned-replies', { shortcut: 'glad', content: 'Gladly, {name}.' })
    const id = await house.writes('351930000005', 'hola', 'Íñigo Salazar')
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.until(`document.querySelector('[data-conversation="${id}"]')`)
    await agent.press('k', { ctrl: true })
    await agent.there('dialog.palette input')
    const type = text =>
      agent.eval(
        `new Promise(done => { const it = document.querySelector('dialog.palette input'); it.value = '${text}'; const from = performance.now(); it.dispatchEvent(new Event('input')); setTimeout(() => done([performance.now() - from, document.querySelector('dialog.palette li')?.textContent ?? '']), 0) })`,
      )
    const [took, found] = await type('inigo')
    assert.match(found, /Íñigo Salazar/)
    assert.ok(took < 50, `${took} ms`)
    await type('marta')
    await agent.until("document.querySelector('dialog.palette li')?.textContent.includes('Marta Ruiz')")
    assert.match((await type('keyb'))[1], /Keyboard/i)
    await type('inigo')
    await agent.press('Enter')
    await agent.until(`location.search.includes('c=${id}')`)
    await agent.press('k', { ctrl: true })
    await agent.until("document.querySelector('dialog.palette li')?.textContent.includes('Íñigo')")
    await type('glad')
    await agent.until("document.querySelector('dialog.palette li')?.textContent.includes('/glad')")
    await agent.press('Enter')
    await agent.until(`document.querySelector('${box}').value === 'Gladly, Íñigo Salazar.'`)
  },
)

story(
  'filters lie in the address: back, reload and a copied link lead there again',
  async ({ house, person }) => {
    // Whom one answers one takes: of those before, none is mine.
    for (const it of (await house.admin('GET', '/conversations?assignee=me')).items)
      await house.admin('PATCH', `/conversations/${it.id}`, { assignee_id: null })
    const id = await house.writes('351930000006', 'mine')
    await house.admin('PATCH', `/conversations/${id}`, {
      assignee_id: (await house.admin('GET', '/me')).user?.id ?? (await house.admin('GET', '/me')).id,
    })
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.until(`document.querySelector('[data-conversation="${id}"]')`)
    const rows = () =>
      agent.eval(
        "[...document.querySelectorAll('[data-conversation]')].map(each => Number(each.dataset.conversation))",
      )
    await agent.clicks('.views button:nth-child(2)')
    await agent.until("location.search === '?view=mine'")
    assert.deepEqual(await rows(), [id])
    await agent.reloads()
    await agent.until(`document.querySelectorAll('[data-conversation]').length === 1`)
    await agent.until("Number(document.querySelector('.views button .badge').textContent) > 1") // what is unread elsewhere
    await agent.eval('history.back()')
    await agent.until("location.search === '' && document.querySelectorAll('[data-conversation]').length > 1")
    await agent.opens(`${house.url}/?status=closed&view=unassigned`)
    await agent.sees('No matches')
    await agent.until(
      "[...document.querySelectorAll('.chip')].some(each => each.checkVisibility() && each.textContent.includes('Closed'))",
    )
  },
)

story('a search leads to the message itself, with what stands around it', async ({ house, person }) => {
  const id = await house.writes(
    '351930000007',
    Array.from({ length: 700 }, (_, n) => (n === 150 ? 'the zanzibar parcel' : `line ${n}`)),
  )
  const agent = await person()
  await house.enters(agent, ADMIN)
  await agent.press('/')
  await agent.types('.find input', 'zanzibar')
  await agent.there('[data-hit]')
  await agent.until("document.querySelector('[data-hit] mark')?.textContent === 'zanzibar'")
  await agent.clicks('[data-hit]')
  await agent.until(
    `location.search.includes('c=${id}') && document.querySelector('.message.found')?.textContent.includes('zanzibar')`,
  )
  assert.ok(
    await agent.eval(
      "(() => { const it = document.querySelector('.message.found').getBoundingClientRect(); return it.top > 0 && it.bottom < innerHeight })()",
    ),
    'it is not in view',
  )
  assert.ok((await agent.messages()).includes('line 149'))
  await agent.chooses('Jump to latest')
  await agent.until("[...document.querySelectorAll('.message .body')].at(-1)?.textContent === 'line 699'")
})

story(
  'what is done shows at once, can be undone, and is put back when the server refuses',
  async ({ house, person }) => {
    const id = await house.writes('351930000008', 'close me')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['close me'])
    await agent.clicks('.main > header .button.primary')
    await agent.sees('Status set to Closed')
    await agent.chooses('Undo')
    await eventually(
      'it is open again',
      async () => (await house.admin('GET', `/conversations/${id}`)).status === 'open',
    )
    await agent.until("document.querySelector('.main .meta').textContent.includes('Open')")
    await agent.eval(
      "window.fetch = (fetch => (...all) => String(all[0]).includes('/conversations/') && all[1]?.method === 'PATCH' ? Promise.resolve(new Response(JSON.stringify({ code: 'not_today', detail: 'Not today.' }), { status: 422 })) : fetch(...all))(fetch)",
    )
    await agent.clicks('.main > header .button.primary')
    await agent.sees('Not today.')
    await agent.until("document.querySelector('.main .meta').textContent.includes('Open')")
  },
)

story(
  'an empty place says the next step: no channel, no result, no such conversation',
  async ({ house, person }) => {
    const agent = await person()
    await house.enters(agent, ADMIN, '/?q=nobodyiscalledthat')
    await agent.sees('No results')
    await agent.opens(`${house.url}/?c=999999`)
    await agent.sees('Conversation not found')
    await agent.opens(`${house.url}/?view=direct`)
    await agent.there('[data-conversation], .empty')
  },
  { expected: ['(Not Found)'] },
)

story(
  'who was signed out elsewhere is told, and loses nothing that was typed',
  async ({ house, person }) => {
    await house.adds('cleo', 'Cleo Kant')
    const id = await house.writes('351930000009', 'hello')
    const agent = await person()
    await house.enters(agent, 'cleo', `/?c=${id}`)
    await agent.types(box, 'not sent yet')
    const cookies = await agent.ask('Network.getCookies', { urls: [house.url] })
    const session = cookies.cookies.find(each => each.name.includes('rapport_session'))
    await fetch(`${house.url}/api/v1/logout`, {
      method: 'POST',
      headers: { cookie: `${session.name}=${session.value}` },
    })
    await agent.sees("You've been signed out")
    assert.equal(await agent.eval(`document.querySelector('${box}').value`), 'not sent yet')
    await agent.chooses('Sign in')
    await agent.types('input[name=username]', 'cleo')
    await agent.types('input[name=password]', 'correct horse battery')
    await agent.press('Enter')
    await agent.until(`document.querySelector('${box}')?.value === 'not sent yet'`)
  },
  { expected: ['(Unauthorized)'] },
)

story(
  'a page that is older than its server says so, and reloads when one likes',
  async ({ house, person }) => {
    const agent = await person({
      before:
        "const fetched = fetch; window.fetch = async (...all) => { const answer = await fetched(...all); return all[0] === location.pathname && window.older ? new Response((await answer.text()).replace(/\\/s\\/[^/]+\\//g, '/s/another/')) : answer }",
    })
    await house.enters(agent, ADMIN)
    await agent.there('[data-conversation]')
    await agent.eval('window.older = true')
    await house.kill()
    await agent.there('.banner')
    await house.starts()
    await agent.sees('A new version is available')
    await agent.chooses('Reload')
    await agent.until("!window.older && document.documentElement.dataset.ready === ''")
  },
)
