// The thread under a bad network, in a long past, and while somebody reads: rows 1, 2, 4, 5, 6, 7, 12, 13,
// 22, 34, 35.
import assert from 'node:assert/strict'
import { badNetwork } from './chromium.mjs'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const rest = ms => new Promise(done => setTimeout(done, ms))

story(
  'frames that come twice and lines that drop show every message once, in its order',
  async ({ house, person }) => {
    await house.adds('ana', 'Ana Lind')
    const channel = await house.webchat()
    const visitor = await person({ width: 400, height: 700, before: badNetwork(7) })
    await visitor.opens(`${house.url}/widget/${channel.id}?whole`)
    await visitor.says('Hello, is anybody there?')
    await visitor.shows(['Hello, is anybody there?'])
    const agents = [await person({ before: badNetwork(9) }), await person({ before: badNetwork(11) })]
    await house.enters(agents[0], ADMIN)
    await house.enters(agents[1], 'ana')
    const expected = ['Hello, is anybody there?']
    for (const each of agents) {
      await each.clicks('[data-conversation]')
      await each.shows(expected)
    }
    for (let round = 0; round < 4; round++) {
      for (const [who, text] of [
        [visitor, `question ${round}`],
        [agents[0], `answer ${round}`],
        [agents[1], `and another ${round}`],
      ]) {
        await who.says(text)
        expected.push(text)
        for (const each of [visitor, ...agents]) await each.shows(expected)
      }
    }
    for (const each of agents) await each.until("!document.querySelector('[data-status=pending]')")
  },
)

story('a message goes from queued to read, never back, and says why it failed', async ({ house, person }) => {
  const id = await house.writes('351900000001', 'Where is my order?')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.says('On its way')
  await agent.until("document.querySelector('.message.mine').dataset.status === 'sent'")
  const sent = house.accepted.at(-1)
  await house.receipt(sent.id, 'read', '351900000001')
  await agent.until("document.querySelector('.message.mine').dataset.status === 'read'")
  await house.receipt(sent.id, 'delivered', '351900000001')
  house.refuses = {
    text: 'refuse me',
    status: 400,
    body: {
      error: {
        code: 131047,
        message: 'Re-engagement message',
        error_data: { details: 'More than 24 hours have passed' },
      },
    },
  }
  await agent.says('refuse me')
  await agent.until("document.querySelector('[data-status=failed]')")
  await agent.sees('More than 24 hours have passed')
  assert.equal(
    await agent.eval("document.querySelector('.message.mine').dataset.status"),
    'read',
    'an older receipt took a state back',
  )
  house.refuses = null
  await agent.chooses('Try again')
  await agent.until("document.querySelectorAll('.message.mine')[1].dataset.status === 'sent'")
  assert.equal(house.accepted.filter(each => each.body.text?.body === 'refuse me').length, 1)
})

story(
  'a conversation that the list brought stays open when the look for it alone fails',
  async ({ house, person }) => {
    const id = await house.writes('351900000031', 'Still here?')
    const agent = await person({
      before:
        "{ const fetched = fetch; window.fetch = (where, how) => (/conversations\\/\\d+$/.test(String(where)) ? new Promise((_, fail) => { window.fails = () => fail(new TypeError('the line is cut')) }) : fetched(where, how)) }",
    })
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Still here?'])
    await agent.eval('fails()')
    await agent.says('Yes')
    await agent.shows(['Still here?', 'Yes'])
  },
)

story('what was sent while offline survives a reload and goes out once', async ({ house, person }) => {
  const id = await house.writes('351900000002', 'Anybody?')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['Anybody?'])
  await house.kill()
  await agent.says('written without a server')
  await agent.shows(['Anybody?', 'written without a server'])
  await agent.there('.banner')
  await agent.sees('Your messages are saved')
  assert.equal(await agent.eval("document.querySelector('.message.mine').dataset.status"), 'pending')
  await house.starts()
  await agent.reloads()
  await agent.shows(['Anybody?', 'written without a server'])
  await agent.until("document.querySelector('.message.mine').dataset.status === 'sent'")
  await agent.gone('.banner')
  await agent.reloads()
  await agent.shows(['Anybody?', 'written without a server'])
  assert.equal(house.accepted.filter(each => each.body.text?.body === 'written without a server').length, 1)
})

story(
  'who reads at the end stays there; who reads further up is not moved and is told how much is new',
  async ({ house, person }) => {
    const id = await house.writes(
      '351900000003',
      Array.from({ length: 80 }, (_, i) => `line ${i}`),
    )
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until("[...document.querySelectorAll('.message .body')].at(-1)?.textContent === 'line 79'")
    const top = () => agent.eval("document.querySelector('.thread').scrollTop")
    await house.writes('351900000003', 'one more')
    await agent.until("[...document.querySelectorAll('.message .body')].at(-1)?.textContent === 'one more'")
    assert.equal(Math.abs(await top()) < 2, true, 'it did not stay at the end')
    await agent.eval("document.querySelector('.composer textarea').value = 'a\\nb\\nc\\nd\\ne'")
    assert.equal(Math.abs(await top()) < 2, true, 'the composer pushed the end away')
    await agent.eval("document.querySelector('.composer textarea').value = ''")
    await rest(400)
    await agent.eval("document.querySelector('.thread').scrollTop = -900")
    await agent.there('.latest')
    await rest(300)
    const at = () =>
      agent.eval(
        "(() => { const t = document.querySelector('.thread').getBoundingClientRect(); const row = [...document.querySelectorAll('.message')].find(e => e.getBoundingClientRect().top > t.top); return [row.dataset.key, Math.round(row.getBoundingClientRect().top)] })()",
      )
    const before = await at()
    await house.writes('351900000003', ['n1', 'n2', 'n3', 'n4', 'n5'])
    await agent.until("document.querySelector('.latest').textContent.includes('5 new')")
    assert.deepEqual(await at(), before, 'what is read has moved')
    await agent.clicks('.latest')
    await agent.gone('.latest')
    assert.equal(Math.abs(await top()) < 2, true)
  },
)

story(
  'a line stands above what is new, stays while one reads, and own messages are never unread',
  async ({ house, person }) => {
    const id = await house.writes('351900000004', ['old 1', 'old 2'])
    await house.admin('POST', `/conversations/${id}/read`, { seq: 2 })
    await house.admin('POST', `/conversations/${id}/messages`, { content: 'mine', client_id: 'm1' })
    await house.writes('351900000004', ['new 1', 'new 2'])
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.until(`document.querySelector('[data-conversation="${id}"] .badge')?.textContent === '2'`)
    await agent.clicks(`[data-conversation="${id}"]`)
    await agent.there('.unread-line')
    const after = () =>
      agent.eval(
        "document.querySelector('.unread-line').nextElementSibling.querySelector('.body').textContent",
      )
    assert.equal(await after(), 'new 1')
    await agent.gone(`[data-conversation="${id}"] .badge`)
    await house.writes('351900000004', 'new 3')
    await agent.sees('new 3')
    assert.equal(await after(), 'new 1', 'the line moved under the reader')
    const list = await house.admin('GET', '/conversations')
    await eventually(
      'it is read',
      async () =>
        (await house.admin('GET', '/conversations')).items.find(each => each.id === id).unread_count === 0,
      5_000,
    )
    assert.ok(list)
  },
)

story('read is what was in view of somebody who looked, and two tabs agree', async ({ house, person }) => {
  const id = await house.writes('351900000005', 'seen?')
  const first = await person()
  await house.enters(first, ADMIN)
  const second = await person({ beside: first })
  await second.opens(house.url)
  const badge = `[data-conversation="${id}"] .badge`
  await second.until(`document.querySelector('${badge}')?.textContent === '1'`)
  await first.eval("Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true })")
  await first.clicks(`[data-conversation="${id}"]`)
  await first.sees('seen?')
  await rest(600)
  assert.equal(
    await second.eval(`document.querySelector('${badge}').textContent`),
    '1',
    'read, though nobody looked',
  )
  await first.eval(
    "Object.defineProperty(document, 'hasFocus', { value: () => true, configurable: true }); dispatchEvent(new Event('focus'))",
  )
  await second.gone(badge)
  await first.gone(badge)
})

story('an answer from the phone shows once, says so, and makes nothing unread', async ({ house, person }) => {
  const id = await house.writes('351900000006', 'Do you deliver?')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['Do you deliver?'])
  await house.echo('351900000006', 'Yes, tomorrow')
  await agent.shows(['Do you deliver?', 'Yes, tomorrow'])
  await house.echo('351900000006', 'Yes, tomorrow too')
  await agent.shows(['Do you deliver?', 'Yes, tomorrow', 'Yes, tomorrow too'])
  await agent.sees('Sent from phone')
  assert.equal(await agent.eval("document.querySelectorAll('.message.mine').length"), 2)
  await eventually(
    'nothing is unread',
    async () => (await house.admin('GET', `/conversations/${id}`)).unread_count === 0,
  )
  await agent.until(
    "document.querySelector('[aria-live=polite].hidden-text')?.textContent.includes('tomorrow too')",
  )
  assert.equal(
    await agent.eval(
      "document.querySelector('.thread').getAttribute('role') + document.querySelector('.thread').ariaLive",
    ),
    'logoff',
  )
})

story('who wrote what, and where, stands beside it in words', async ({ house, person }) => {
  const ana = await house.adds('ana.reyes', 'Ana Reyes')
  const id = await house.writes('351900000019', 'Who are you all?')
  await ana('POST', `/conversations/${id}/messages`, { content: 'Ana', client_id: 'o1' })
  const { token } = await house.admin('POST', '/tokens', { name: 'shop' })
  await fetch(`${house.url}/api/v1/conversations/${id}/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ content: 'a program', client_id: 'o2' }),
  })
  await house.echo('351900000019', 'the phone')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['Who are you all?', 'Ana', 'a program', 'the phone'])
  const said = await agent.eval(
    "[...document.querySelectorAll('.message.mine')].map(each => [each.querySelector('.author')?.textContent ?? '', each.querySelector('.origin')?.textContent ?? ''])",
  )
  assert.deepEqual(
    said.map(([author], i) => (i === 0 ? author : '')),
    ['Ana Reyes', '', ''],
  )
  assert.deepEqual(
    said.map(([, origin]) => origin),
    ['', 'Sent via API', 'Sent from phone'],
  )
})

story(
  'ten thousand messages: at most 240 of them in the page, the oldest reached, the newest one click away',
  async ({ house, person }) => {
    let id = 0
    for (let part = 0; part < 50; part++)
      id = await house.writes(
        '351900000007',
        Array.from({ length: 200 }, (_, i) => `message ${part * 200 + i}`),
      )
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until(
      "[...document.querySelectorAll('.message .body')].at(-1)?.textContent === 'message 9999'",
    )
    const fling = `new Promise(done => {
    const it = document.querySelector('.thread'), end = Date.now() + 100_000
    let most = 0, still = 0, last = ''
    const step = () => {
      it.scrollTop -= 6000
      const count = it.querySelectorAll('.message').length, first = it.querySelector('.message .body').textContent
      most = Math.max(most, count)
      if (first === 'message 0' || Date.now() > end) return done([most, first])
      setTimeout(step, 5)
    }
    step()
  })`
    const [most, first] = await agent.eval(fling)
    assert.equal(first, 'message 0')
    assert.ok(most <= 240, `${most} message nodes`)
    await agent.there('.beginning')
    await agent.chooses('Jump to latest')
    await agent.until(
      "[...document.querySelectorAll('.message .body')].at(-1)?.textContent === 'message 9999'",
    )
    assert.ok((await agent.eval("document.querySelectorAll('.message').length")) <= 240)
  },
)

story(
  'sixteen hundred switches leave nodes and listeners as they were',
  async ({ house, person }) => {
    const ids = []
    for (let i = 0; i < 20; i++)
      ids.push(
        await house.writes(
          `35191000000${String(i).padStart(2, '0')}`,
          Array.from({ length: 8 }, (_, n) => `${i}: ${n}`),
        ),
      )
    const agent = await person()
    await house.enters(agent, ADMIN)
    const turn = count =>
      agent.eval(`(async () => { const ids = ${JSON.stringify(ids)}
    for (let i = 0; i < ${count}; i++) {
      history.pushState(null, '', '/?c=' + ids[i % ids.length]); dispatchEvent(new PopStateEvent('popstate'))
      await new Promise(done => setTimeout(done, 4))
    }
    await new Promise(done => setTimeout(done, 1500)) })()`)
    const measure = async () => {
      for (let i = 0; i < 3; i++) await agent.ask('HeapProfiler.collectGarbage')
      const { metrics } = await agent.ask('Performance.getMetrics')
      const of = name => metrics.find(each => each.name === name).value
      return { nodes: of('Nodes'), listeners: of('JSEventListeners') }
    }
    await agent.ask('Performance.enable')
    await turn(200)
    const before = await measure()
    await turn(1600)
    const after = await measure()
    assert.ok(after.nodes < before.nodes * 1.15 + 200, `nodes: ${before.nodes}, then ${after.nodes}`)
    assert.ok(
      after.listeners < before.listeners * 1.15 + 50,
      `listeners: ${before.listeners}, then ${after.listeners}`,
    )
  },
  { lasts: 480_000 },
)
