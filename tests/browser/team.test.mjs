// What a team does with its conversations: calling each other, sorting, keeping views, asking, knowing the
// customer.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const row = id => `[data-conversation="${id}"]`
const hide = on =>
  `Object.defineProperty(document, 'hidden', { value: ${on}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`
const WATCHED = `window.shown = []; window.Notification = class { static permission = 'granted'; static requestPermission() { return Promise.resolve('granted') } constructor(title, how) { shown.push({ title, ...how }) } close() {} }`
/** Leaves the reply box, so that single keys act. */
const leavesTheBox = async agent => {
  await agent.until("document.activeElement.tagName === 'TEXTAREA'")
  await agent.press('Escape')
  await agent.until("document.activeElement.tagName !== 'TEXTAREA'")
}

story(
  'a colleague called in a note is told, finds what calls them, and it goes when they have read it',
  async ({ house, person }) => {
    await house.adds('ben', 'Ben Ode')
    const id = await house.writes('351950000001', 'Where is my lamp?')
    await house.admin('PATCH', `/conversations/${id}`, {
      status: 'closed',
      assignee_id: (await house.admin('GET', '/me')).id,
    })
    const ben = await person({ before: WATCHED })
    await house.enters(ben, 'ben')
    // Their list is followed when what is written now shows there.
    const other = await house.writes('351950000000', 'one')
    await ben.there(row(other))
    await house.writes('351950000000', 'two')
    await ben.until(`document.querySelector('${row(other)} .preview').textContent === 'two'`)
    await ben.eval(hide(true))
    await house.admin('POST', `/conversations/${id}/messages`, {
      content: '@ben do you know this lamp?',
      is_private: true,
      client_id: 'm1',
    })
    await ben.until('shown.length === 1')
    assert.deepEqual(await ben.eval('[shown[0].title, shown[0].body]'), [
      `${ADMIN} mentioned you`,
      '@ben do you know this lamp?',
    ])
    await ben.eval(hide(false))
    await ben.chooses('Filter')
    await ben.chooses('Mentions you')
    await ben.until(
      `location.search.includes('mentioned=true') && document.querySelector('${row(id)} [aria-label="Mentions you"]')?.checkVisibility()`,
    )
    await ben.clicks(row(id))
    await ben.sees('do you know this lamp?')
    await eventually(
      'it is read',
      async () => !(await house.admin('GET', `/conversations?mentioned=true`)).items.length,
    )
    await ben.until(`!document.querySelector('${row(id)}')`)
  },
)

story(
  'labels, a priority and sleep are put, seen in the list, filtered by, and taken back',
  async ({ house, person }) => {
    const label = await house.admin('POST', '/labels', { name: 'Refund', color: '#cc3300' })
    const id = await house.writes('351950000002', 'Money back')
    const other = await house.writes('351950000003', 'Just a question')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Money back'])
    await leavesTheBox(agent)
    await agent.press('l')
    await agent.chooses('Refund')
    await agent.until(`document.querySelector('${row(id)} .marks .label')?.textContent === 'Refund'`)
    await agent.there('.picker') // open for the next one
    await agent.press('Escape')
    await agent.gone('.picker')
    await agent.there('.person .labels .label')
    await agent.clicks('.main .care')
    await agent.chooses('Priority')
    await agent.chooses('Urgent')
    await agent.there(`${row(id)} .priority.urgent`)
    const kept = await eventually('the server has both', async () => {
      const it = await house.admin('GET', `/conversations/${id}`)
      return it.priority && it.labels.length && it
    })
    assert.deepEqual([kept.priority, kept.labels.map(each => each.id)], ['urgent', [label.id]])
    await agent.opens(`${house.url}/?label=${label.id}`)
    await agent.there(row(id))
    assert.equal(
      await agent.eval(`!!document.querySelector('${row(other)}')`),
      false,
      'the filter lets another one through',
    )
    await agent.opens(`${house.url}/?c=${id}`)
    await agent.shows(['Money back'])
    await leavesTheBox(agent)
    await agent.press('s')
    await agent.chooses('Until they reply')
    await agent.sees('Snoozed until they reply.')
    await agent.until(`!document.querySelector('${row(id)}')`)
    assert.equal((await house.admin('GET', `/conversations/${id}`)).status, 'snoozed')
    // Another one has opened meanwhile; who takes the act back is led back, too.
    await agent.chooses('Undo')
    await agent.there(row(id))
    await agent.until(`location.search.includes('c=${id}')`)
    await agent.shows(['Money back'])
    await leavesTheBox(agent)
    await agent.press('s')
    await agent.chooses('Until they reply')
    await eventually(
      'it sleeps',
      async () => (await house.admin('GET', `/conversations/${id}`)).status === 'snoozed',
    )
    await house.writes('351950000002', 'I am here again')
    await agent.there(row(id))
    assert.equal(
      (await house.admin('GET', `/conversations/${id}`)).status,
      'open',
      'it sleeps although its customer wrote',
    )
  },
)

story('a sleeping conversation wakes by itself, without a reload', async ({ house, person }) => {
  const id = await house.writes('351950000004', 'Call me back')
  const agent = await person()
  await house.enters(agent, ADMIN)
  await agent.there(row(id))
  const sleeps = seconds =>
    house.admin('PATCH', `/conversations/${id}`, {
      status: 'snoozed',
      snoozed_until: new Date(Date.now() + seconds * 1000).toISOString(),
    })
  await sleeps(3600)
  await agent.until(`!document.querySelector('${row(id)}')`)
  await sleeps(1.5)
  await agent.there(row(id))
})

story('what left the list while the line was away is gone once it is back', async ({ house, person }) => {
  const [closed, stays] = [
    await house.writes('351950000021', 'Thank you, that is all'),
    await house.writes('351950000022', 'One more thing'),
  ]
  const agent = await person()
  await house.enters(agent, ADMIN)
  await agent.there(row(closed))
  await agent.offline(true)
  await agent.there('.banner:not([hidden])')
  await house.admin('PATCH', `/conversations/${closed}`, { status: 'closed' })
  await agent.offline(false)
  await agent.until(`!document.querySelector('${row(closed)}')`)
  await agent.there(row(stays))
})

story(
  'a menu that is open stays at its button, and leads on from there, while messages come',
  async ({ house, person }) => {
    await house.admin('POST', '/labels', { name: 'Courier', color: '#3355cc' })
    const id = await house.writes('351950000008', 'Is it on its way?')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Is it on its way?'])
    await agent.says('It is')
    await agent.until("document.querySelector('.message.mine')?.dataset.status === 'sent'")
    const under = button =>
      agent.until(
        `(() => { const menu = document.querySelector('.menu, .picker').getBoundingClientRect(), at = document.querySelector(${JSON.stringify(button)}).getBoundingClientRect(); return menu.top >= at.bottom && menu.top < at.bottom + 20 && menu.left <= at.right && menu.right >= at.left })()`,
      )
    await agent.clicks('.main > header .care')
    await under('.main > header .care')
    await house.writes('351950000008', 'Hello?')
    await agent.shows(['Is it on its way?', 'It is', 'Hello?'])
    await agent.chooses('Labels')
    await agent.there('.picker [role=option]')
    await under('.main > header .care')
    await agent.press('Escape')
    // Nor does a change of a message take away its own buttons.
    await agent.eval(
      "document.querySelector('.message.mine').kept = document.querySelector('.message.mine .actions button:last-child')",
    )
    const mine = (await house.admin('GET', `/conversations/${id}/messages`)).items.find(
      each => each.content === 'It is',
    )
    await house.admin('PUT', `/messages/${mine.id}/reaction`, { emoji: '👍' })
    await agent.until("document.querySelector('.message.mine .reactions')?.textContent.includes('👍')")
    assert.ok(await agent.eval("document.querySelector('.message.mine').kept.isConnected"))
  },
)

story(
  'several are closed, labelled and given away at once; labels they had stay',
  async ({ house, person }) => {
    const first = await house.admin('POST', '/labels', { name: 'Old', color: '#666666' })
    await house.admin('POST', '/labels', { name: 'Sale', color: '#0066cc' })
    const ids = [
      await house.writes('351950000005', 'one'),
      await house.writes('351950000006', 'two'),
      await house.writes('351950000007', 'three'),
    ]
    await house.admin('PATCH', `/conversations/${ids[0]}`, { label_ids: [first.id] })
    const agent = await person()
    await house.enters(agent, ADMIN)
    for (const id of ids) await agent.there(row(id))
    const choose = async () => {
      await agent.chooses('Select conversations')
      for (const id of ids.slice(0, 2)) await agent.clicks(row(id))
      await agent.until("document.querySelector('.bulk b')?.textContent === '2 selected'")
    }
    await choose()
    await agent.picks('.bulk button', 'Labels')
    await agent.chooses('Sale')
    await agent.sees('updated.')
    await agent.press('Escape')
    const labels = async id =>
      (await house.admin('GET', `/conversations/${id}`)).labels.map(each => each.name).sort()
    await eventually('both are labelled', async () => (await labels(ids[1])).length === 1)
    assert.deepEqual(
      [await labels(ids[0]), await labels(ids[1]), await labels(ids[2])],
      [['Old', 'Sale'], ['Sale'], []],
    )
    await agent.gone('.bulk')
    await choose()
    await agent.picks('.bulk button', 'Close')
    await agent.until(
      `!document.querySelector('${row(ids[0])}') && !document.querySelector('${row(ids[1])}') && !!document.querySelector('${row(ids[2])}')`,
    )
    assert.equal((await house.admin('GET', `/conversations/${ids[1]}`)).status, 'closed')
  },
)

story(
  'a view is saved, leads there again after a reload, and goes when one removes it',
  async ({ house, person }) => {
    const id = await house.writes('351950000008', 'urgent thing')
    await house.admin('PATCH', `/conversations/${id}`, { priority: 'urgent' })
    const agent = await person()
    await house.enters(agent, ADMIN, '/?priority=urgent')
    await agent.there(row(id))
    await agent.chooses('Save view')
    await agent.types('dialog input[name=name]', 'Burning')
    await agent.press('Enter')
    await agent.until(
      "[...document.querySelectorAll('.saved .view')].some(each => each.textContent.includes('Burning'))",
    )
    await agent.opens(house.url)
    await agent.chooses('Burning')
    await agent.until("location.search.includes('priority=urgent')")
    await agent.chooses('Delete view Burning')
    await agent.until("![...document.querySelectorAll('.saved .view')].length")
    assert.deepEqual((await house.admin('GET', '/views')).items, [])
    await agent.chooses('Undo')
    await agent.until(
      "[...document.querySelectorAll('.saved .view')].some(each => each.textContent.includes('Burning'))",
    )
    assert.equal((await house.admin('GET', '/views')).items[0].name, 'Burning')
  },
)

story(
  'spam leaves every list with what its sender writes next, is found where spam is, and comes back',
  async ({ house, person }) => {
    const ids = [
      await house.writes('351950000011', 'buy now'),
      await house.writes('351950000032', 'buy more'),
      await house.writes('351950000033', 'where is my parcel?'),
    ]
    const agent = await person()
    await house.enters(agent, ADMIN)
    for (const id of ids) await agent.there(row(id))
    const choose = async () => {
      await agent.chooses('Select conversations')
      for (const id of ids.slice(0, 2)) await agent.clicks(row(id))
      await agent.until("document.querySelector('.bulk b')?.textContent === '2 selected'")
    }
    const only = (here, away) =>
      agent.until(
        [
          ...here.map(id => `!!document.querySelector('${row(id)}')`),
          ...away.map(id => `!document.querySelector('${row(id)}')`),
        ].join(' && '),
      )
    await choose()
    await agent.picks('.bulk button', 'Mark as spam')
    await only([ids[2]], ids.slice(0, 2))
    await house.writes('351950000011', 'buy, buy, buy')
    await house.writes('351950000033', 'hello?')
    await agent.until(`document.querySelector('${row(ids[2])}').textContent.includes('hello?')`)
    await only([ids[2]], ids.slice(0, 2))
    await agent.opens(`${house.url}/?status=any`)
    await only([ids[2]], ids.slice(0, 2))
    await agent.opens(`${house.url}/?status=spam`)
    await only(ids.slice(0, 2), [ids[2]])
    await choose()
    await agent.picks('.bulk button', 'Not spam')
    await only([], ids)
    await agent.opens(house.url)
    await only(ids, [])
    assert.equal((await house.admin('GET', `/conversations/${ids[0]}`)).status, 'open')
  },
)

story(
  'several colleagues are one group; asked about a customer, they find the way there',
  async ({ house, person }) => {
    const [ana, cleo] = [await house.adds('ana', 'Ana Lind'), await house.adds('cleo', 'Cleo Kant')]
    const id = await house.writes('351950000009', 'Do you ship to Porto?', 'Rosa Vidal')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Do you ship to Porto?'])
    await leavesTheBox(agent)
    await agent.press('d')
    await agent.chooses('Add Ana Lind')
    await agent.types('dialog input[type=search]', 'cleo')
    await agent.chooses('Add Cleo Kant')
    await agent.types('dialog textarea', 'Lunch?')
    await agent.chooses('Send')
    await agent.until(
      "location.search.includes('view=direct') && document.querySelector('.main h1')?.textContent === 'Ana Lind, Cleo Kant'",
    )
    await agent.shows(['Lunch?'])
    for (const each of [ana, cleo])
      assert.equal((await each('GET', '/conversations?kind=direct')).items[0].participants.length, 3)
    await agent.opens(`${house.url}/?c=${id}`)
    await agent.shows(['Do you ship to Porto?'])
    await agent.clicks('.main .care')
    await agent.chooses('Ask a colleague')
    await agent.picks('dialog .choices button', 'Ana Lind')
    await agent.types('dialog textarea', 'Do we?')
    await agent.chooses('Send')
    await agent.sees('Asked Ana Lind about this.')
    const colleague = await person()
    await house.enters(colleague, 'ana', '/?view=direct')
    await colleague.picks('[data-conversation]', 'Do we?')
    await colleague.shows(['Do we?'])
    await colleague.chooses('About this conversation')
    await colleague.until(`location.search.includes('c=${id}')`)
    await colleague.sees('Do you ship to Porto?')
    await colleague.until(
      `[...document.querySelectorAll('.profile button')].some(each => each.textContent === '${ADMIN}')`,
    )
    assert.ok(
      !house.accepted.some(each => each.body.to?.endsWith('351950000009')),
      'something went to the customer',
    )
  },
)

story(
  'a customer has fields of their own, is blocked, merged with another and parted again, and deleted',
  async ({ house, person }) => {
    const id = await house.writes('351950000010', 'first name', 'Rosa Vidal')
    const twin = await house.tells(555, 'the same person')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.chooses('Add field')
    await agent.types('dialog input[name=name]', 'Plan')
    await agent.types('dialog input[name=value]', 'Gold')
    await agent.press('Enter')
    await agent.until("document.querySelector('.profile .facts')?.textContent === 'PlanGold'")
    await agent.gone('dialog')
    await agent.chooses('Gold')
    await agent.until("document.querySelector('dialog input[name=value]')")
    await agent.eval("document.querySelector('dialog input[name=value]').value = ''")
    await agent.chooses('Save')
    await agent.until("document.querySelector('.profile .facts')?.textContent === ''")
    await agent.chooses('Customer actions')
    await agent.chooses('Block')
    await agent.sees('Blocked. Messages from this customer')
    await agent.chooses('Customer actions')
    await agent.chooses('Unblock')
    await agent.gone('.profile .blocked')
    await agent.chooses('Customer actions')
    await agent.chooses('Merge with another customer')
    await agent.picks('dialog .choices button', 'Person 555')
    await agent.chooses('Merge')
    await agent.sees('Customers merged.')
    await agent.until("document.querySelector('.profile')?.textContent.includes('Also known as')")
    assert.equal(
      (await house.admin('GET', `/conversations/${twin}`)).customer.id,
      (await house.admin('GET', `/conversations/${id}`)).customer.id,
    )
    await agent.chooses('Customer actions')
    await agent.chooses('Undo merge with Person 555')
    await agent.chooses('Undo merge')
    await agent.sees('Merge undone.')
    assert.notEqual(
      (await house.admin('GET', `/conversations/${twin}`)).customer.id,
      (await house.admin('GET', `/conversations/${id}`)).customer.id,
    )
    await house.adds('eva', 'Eva Lund')
    const colleague = await person()
    await house.enters(colleague, 'eva', `/?c=${id}&q=first`)
    await colleague.shows(['first name'])
    await colleague.there('[data-hit]')
    // What they still look up of the customer would be answered 404, rightly.
    await colleague.there('.profile .button')
    await agent.chooses('Customer actions')
    await agent.chooses('Delete customer and data')
    await agent.types(
      'dialog [name=typed]',
      await agent.eval("document.querySelector('dialog form label').textContent.split(': ').at(-1)"),
    )
    await agent.chooses('Delete permanently')
    for (const each of [agent, colleague])
      await each.until(
        `!document.querySelector('${row(id)}') && !document.body.textContent.includes('first name')`,
      )
    await colleague.sees('Conversation not found')
    await agent.until("location.search === ''")
    await assert.rejects(house.admin('GET', `/conversations/${id}`), /404/)
  },
  // What somebody was still looking up of it when it went.
  { expected: ['/events?limit='] },
)

story(
  'what happened grows older on the screen; neither that nor a message draws the panel anew',
  async ({ house, person }) => {
    const id = await house.writes('351950000013', 'Hello')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.there('.profile .button')
    // (What they agreed to is asked for again: a word of theirs may change it.)
    const asked =
      "performance.getEntriesByType('resource').filter(each => /\\/customers\\/\\d+$/.test(each.name)).length"
    const before = await agent.eval(`document.querySelector('.profile .button').focus(), ${asked}`)
    await agent.eval(
      "import(performance.getEntriesByType('resource').find(each => each.name.endsWith('/core/time.js')).name).then(({ now }) => { now.set(Date.now() + 130_000) })",
    )
    await agent.until(
      "['.person .facts', '.conversation[aria-current=true]'].every(each => document.querySelector(each).textContent.includes('2 min'))",
    )
    assert.ok(
      await agent.eval("document.activeElement.matches('.profile .button')"),
      'the focus stays where it was',
    )
    const last = "document.querySelectorAll('.person .facts time')[1].dateTime",
      then = await agent.eval(last)
    await house.writes('351950000013', 'Anybody there?')
    await agent.shows(['Hello', 'Anybody there?'])
    await agent.until(`${last} > '${then}'`)
    assert.ok(
      await agent.eval("document.activeElement.matches('.profile .button')"),
      'nor does a message take it away',
    )
    assert.equal(await agent.eval(asked), before, 'nobody is asked for')
  },
)

story(
  'a customer is given another name by hand; what their platform says later does not take it away',
  async ({ house, person }) => {
    const id = await house.writes('351950000012', 'Hello', 'rosa_77')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Hello'])
    await agent.chooses('Rename')
    await agent.until("document.activeElement.name === 'name' && document.activeElement.value === 'rosa_77'")
    await agent.eval("document.activeElement.value = ''")
    await agent.types('dialog input[name=name]', 'Rosa from the harbour')
    await agent.press('Enter')
    await agent.gone('dialog')
    const called = name =>
      agent.until(
        `[document.querySelector('.person h2 > span'), document.querySelector('.main h1'), document.querySelector('${row(id)} .name')].every(each => each.textContent === ${JSON.stringify(name)})`,
      )
    await called('Rosa from the harbour')
    await house.writes('351950000012', 'It is me', 'rosa_78')
    await agent.shows(['Hello', 'It is me'])
    await called('Rosa from the harbour')
    await agent.reloads()
    await called('Rosa from the harbour')
    await agent.chooses('Rename')
    await agent.sees("the customer's own name: rosa_78")
    await agent.until("document.activeElement.name === 'name'")
    await agent.eval("document.activeElement.value = ''")
    await agent.press('Enter')
    await called('rosa_78')
  },
)

story('a customer is found by the last digits of their number', async ({ house, person }) => {
  const id = await house.writes('351950004711', 'nothing to do with it', 'Íñigo Salazar')
  const another = await house.writes('351950004811', 'nor with this', 'Rui Salazar')
  const agent = await person()
  await house.enters(agent, ADMIN)
  for (const each of [id, another]) await agent.there(row(each))
  await agent.types('.find input', '4711')
  await agent.until("document.querySelectorAll('[data-conversation], [data-hit]').length === 1")
  await agent.clicks(row(id))
  await agent.until(`location.search.includes('c=${id}')`)
})
