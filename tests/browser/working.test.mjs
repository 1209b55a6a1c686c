// The rhythm of the list: choosing several, undoing by key, views by keys, commands with their object, what
// is done offline, reminders, filters of several values, times that are typed.
import assert from 'node:assert/strict'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const row = id => `[data-conversation="${id}"]`
const open = "Number(new URLSearchParams(location.search).get('c'))"
const focused = 'Number(document.activeElement.dataset?.conversation ?? 0)'
const chosen =
  "[...document.querySelectorAll('.chosen-one')].map(each => Number(each.dataset.conversation)).sort().join()"
const same = (ids, what) => `${what} === '${[...ids].sort().join()}'`
const palette = async (agent, text) => {
  await agent.press('k', { ctrl: true })
  await agent.there('dialog.palette input')
  await agent.ask('Input.insertText', { text })
}
/** The first thing the palette offers, taken once it is the one that is meant. */
const commands = async (agent, text, label) => {
  await palette(agent, text)
  await agent.until(
    `document.querySelector('dialog.palette li b')?.textContent.includes(${JSON.stringify(label)})`,
  )
  await agent.press('Enter')
  await agent.gone('dialog.palette')
}
const three = async (house, from) => [
  await house.writes(`${from}1`, 'one', 'Ada One', 30),
  await house.writes(`${from}2`, 'two', 'Bo Two', 20),
  await house.writes(`${from}3`, 'three', 'Cleo Three', 10),
]

story(
  'x, Shift+click and Ctrl+A choose; j moves on without opening; Escape leaves',
  async ({ house, person }) => {
    const [first, second, third] = await three(house, '35195100000')
    const agent = await person()
    await house.enters(agent, ADMIN)
    for (const id of [first, second, third]) await agent.there(row(id))
    await agent.press('j')
    await agent.until(`${open} === ${third} && ${focused} === ${third}`)
    await agent.press('x')
    await agent.until(same([third], chosen))
    assert.equal(await agent.eval(focused), third, 'the focus fell out of the list')
    await agent.press('j')
    await agent.press('x')
    await agent.until(same([second, third], chosen))
    assert.equal(await agent.eval(open), third, 'it opened what was to be chosen')
    await agent.press('a', { ctrl: true })
    await agent.until("document.querySelector('.bulk b')?.textContent.includes('selected')")
    await agent.until(
      `${chosen}.split(',').length === document.querySelectorAll('[data-conversation]').length`,
    )
    await agent.press('Escape')
    await agent.gone('.bulk')
    await agent.eval(
      `for (const id of [${third}, ${first}]) document.querySelector('[data-conversation="' + id + '"]').dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey: true }))`,
    )
    await agent.until(same([first, second, third], chosen))
    await agent.picks('.bulk button', 'Close')
    const all = status =>
      eventually(`all three are ${status}`, async () => {
        const three = await Promise.all(
          [first, second, third].map(id => house.admin('GET', `/conversations/${id}`)),
        )
        return three.every(it => it.status === status)
      })
    await all('closed')
    await agent.gone('.bulk')
    await agent.press('z', { ctrl: true })
    await all('open')
  },
)

story(
  'Ctrl+Z takes back what was done last, step by step, and never what is typed',
  async ({ house, person }) => {
    const [first, second, third] = await three(house, '35195200000')
    const agent = await person()
    await house.enters(agent, ADMIN)
    for (const id of [first, second, third]) await agent.there(row(id))
    await agent.press('j')
    await agent.until(`${open} === ${third}`)
    await agent.press('e')
    await agent.until(`${open} === ${second} && ${focused} === ${second}`)
    await agent.sees('Cleo Three: Status set to Closed.')
    await agent.press('e')
    await agent.until(`${open} === ${first}`)
    await agent.press('z', { ctrl: true })
    await agent.until(`${open} === ${second} && !!document.querySelector('${row(second)}')`)
    await agent.press('Escape')
    await agent.press('z', { ctrl: true })
    await agent.until(`${open} === ${third} && !!document.querySelector('${row(third)}')`)
    for (const id of [second, third])
      await eventually(
        'it is open again',
        async () => (await house.admin('GET', `/conversations/${id}`)).status === 'open',
      )
    await agent.types('.composer textarea', 'half a line')
    await agent.press('z', { ctrl: true })
    assert.equal((await house.admin('GET', `/conversations/${third}`)).status, 'open')
  },
)

story(
  'after closing by mouse the next one opens too, in a filtered view as well',
  async ({ house, person }) => {
    const [first, second, third] = await three(house, '35195300000')
    for (const id of [first, second, third])
      await house.admin('PATCH', `/conversations/${id}`, { priority: 'urgent' })
    const agent = await person()
    await house.enters(agent, ADMIN, `/?priority=urgent&c=${second}`)
    for (const id of [first, second, third]) await agent.there(row(id))
    await agent.clicks('.main > header .button.primary')
    await agent.until(`${open} === ${first} && !document.querySelector('${row(second)}')`)
    await agent.until(`location.search.includes('priority=urgent')`)
  },
)

story('numbers and g with a letter lead to the views', async ({ house, person }) => {
  const agent = await person()
  await house.enters(agent, ADMIN)
  await agent.there('.views')
  for (const [keys, view] of [
    [['2'], 'mine'],
    [['g', 'u'], 'unassigned'],
    [['g', 'w'], 'waiting'],
    [['5'], 'direct'],
    [['g', 'a'], null],
  ]) {
    for (const key of keys) await agent.press(key)
    await agent.until(`new URLSearchParams(location.search).get('view') === ${JSON.stringify(view)}`)
  }
  await agent.press('?', { shift: true })
  await agent.there('dialog .shortcuts')
  assert.match(await agent.eval("document.querySelector('dialog .shortcuts').textContent"), /Go to Waiting/)
})

story(
  'a person chooses another key: it acts, the help and the menus say so, and no key is given twice',
  async ({ house, person }) => {
    const [first, second] = await three(house, '35195360000')
    const agent = await person()
    await house.enters(agent, ADMIN, '/?status=any')
    await agent.there(row(second))
    await agent.press('?', { shift: true })
    await agent.there('dialog .shortcuts')
    await agent.chooses('Change the key: Snooze')
    await agent.sees('Press a key…')
    await agent.press('j')
    await agent.sees('j is already the key for: Next conversation')
    await agent.press('c', { ctrl: true })
    await agent.sees("Ctrl+C can't be used")
    await agent.press('z')
    await agent.gone('dialog .trouble')
    await agent.gone('dialog .listening')
    const snooze = `[...document.querySelectorAll('dialog .shortcuts > div')].find(each => each.querySelector('dt').textContent === 'Snooze')`
    await agent.until(`${snooze}.querySelector('kbd').textContent === 'z'`)
    await agent.picture(`${PICTURES}/shortcuts.png`)
    await agent.press('Escape')
    await agent.gone('dialog')
    await agent.opens(`${house.url}/?status=any&c=${first}`)
    await agent.there('.composer textarea')
    await agent.press('Escape')
    await agent.clicks('.main > header .care')
    await agent.until(
      "[...document.querySelectorAll('[role=menuitem]')].find(each => each.textContent.includes('Snooze'))?.querySelector('kbd').dataset.key === 'z'",
    )
    await agent.press('Escape')
    await agent.gone('[role=menu]')
    await agent.press('s')
    await agent.press('z')
    await agent.there('.picker')
    await agent.press('Escape')
    await agent.gone('.picker')
    await agent.press('k', { ctrl: true })
    await agent.types('dialog input', 'snooze')
    await agent.until("[...document.querySelectorAll('dialog kbd')].some(each => each.textContent === 'z')")
    await agent.press('Escape')
    await agent.gone('dialog')
    // From one's own menu, back to what it was.
    await agent.clicks('.rail .me')
    await agent.picks('[role=menuitem]', 'Keyboard shortcuts')
    await agent.chooses('Reset all keys')
    await agent.until(`${snooze}.querySelector('kbd').textContent === 's'`)
  },
)

story(
  'commands take their object: assign, snooze, label, priority, status, views, theme',
  async ({ house, person }) => {
    const chi = await house.adds('chi', 'Chi Nguyen')
    const label = await house.admin('POST', '/labels', { name: 'Refund', color: '#cc3300' })
    const id = await house.writes('351954000001', 'Money back', 'Ada One', 30)
    const agent = await person()
    await house.enters(agent, ADMIN, `/?status=any&c=${id}`)
    await agent.there(row(id))
    const it = () => house.admin('GET', `/conversations/${id}`)
    await commands(agent, 'assign chi', 'Assign to Chi Nguyen')
    await eventually('chi has it', async () => (await it()).assignee_id === chi.id)
    await commands(agent, 'label refund', 'Label: Refund')
    await eventually('it is labelled', async () => (await it()).labels.some(each => each.id === label.id))
    await commands(agent, 'priority urgent', 'Priority: Urgent')
    await eventually('it is urgent', async () => (await it()).priority === 'urgent')
    await commands(agent, 'snooze monday', 'Snooze: Mon')
    await eventually('it is snoozed', async () => (await it()).status === 'snoozed')
    assert.equal(new Date((await it()).snoozed_until).getDay(), 1)
    await commands(agent, 'snooze in 3 days', 'Snooze: ')
    await eventually('until three days from now', async () => {
      const left = new Date((await it()).snoozed_until) - Date.now()
      return Math.abs(left - 3 * 86_400_000) < 60_000
    })
    await commands(agent, 'unassigned', 'Go to Unassigned')
    await agent.until("location.search.includes('view=unassigned')")
    await commands(agent, 'dark', 'Theme: Dark')
    await agent.until("document.documentElement.dataset.theme === 'dark'")
    await commands(agent, 'settings', 'Go to Settings')
    await agent.until("location.pathname === '/admin' && location.hash === '#settings'")
  },
)

story('a time is typed where one snoozes', async ({ house, person }) => {
  const id = await house.writes('351955000001', 'Later, please', 'Ada One', 30)
  const agent = await person()
  await house.enters(agent, ADMIN)
  await agent.there(row(id))
  await agent.clicks(row(id))
  await agent.until("document.activeElement.tagName === 'TEXTAREA'")
  await agent.press('Escape')
  await agent.press('s')
  await agent.there('.picker input')
  await agent.ask('Input.insertText', { text: 'in 2 hours' })
  await agent.until("document.querySelectorAll('.picker [role=option]').length === 1")
  await agent.press('Enter')
  await eventually('in two hours', async () => {
    const { snoozed_until } = await house.admin('GET', `/conversations/${id}`)
    return snoozed_until && Math.abs(new Date(snoozed_until) - Date.now() - 7_200_000) < 60_000
  })
})

story('the filter stays open for several values, and the address keeps them', async ({ house, person }) => {
  const [first, second, third] = await three(house, '35195600000')
  await house.admin('PATCH', `/conversations/${first}`, { status: 'closed' })
  await house.admin('PATCH', `/conversations/${second}`, { status: 'pending' })
  const agent = await person()
  await house.enters(agent, ADMIN)
  await agent.there(row(third))
  await agent.press('v')
  await agent.there('.picker input')
  await agent.ask('Input.insertText', { text: 'pending' })
  await agent.until("document.querySelectorAll('.picker [role=option]').length === 1")
  await agent.press('Enter')
  await agent.until("new URLSearchParams(location.search).get('status') === 'open,pending'")
  await agent.there('.picker')
  await agent.picture(`${PICTURES}/list-filter.png`)
  await agent.press('Escape')
  await agent.gone('.picker')
  for (const id of [second, third]) await agent.there(row(id))
  assert.equal(await agent.eval(`!!document.querySelector('${row(first)}')`), false)
  await agent.reloads()
  for (const id of [second, third]) await agent.there(row(id))
  await agent.picks('.side .chip', 'Open')
  await agent.until(`!document.querySelector('${row(third)}') && !!document.querySelector('${row(second)}')`)
})

story(
  'what is done while the line is away waits, is shown to wait, and goes out once',
  async ({ house, person }) => {
    const [first, second, third] = await three(house, '35195700000')
    const agent = await person()
    await house.enters(agent, ADMIN)
    for (const id of [first, second, third]) await agent.there(row(id))
    await agent.eval(
      "window.patches = []; const fetched = window.fetch; window.fetch = async (...all) => { const answer = await fetched(...all); if (all[1]?.method === 'PATCH') patches.push(String(all[0])); return answer }",
    )
    // What is seldom used is fetched when nothing else is to be done: then it is there offline, too.
    await agent.until(
      "performance.getEntriesByType('resource').some(each => each.name.endsWith('/core/change_password.js'))",
    )
    await agent.press('j')
    await agent.until(`${open} === ${third}`)
    await agent.offline(true)
    await agent.there('.banner:not([hidden])')
    await agent.press('e')
    await agent.until(`!document.querySelector('${row(third)}') && ${open} === ${second}`)
    await agent.sees('1 change waiting for connection')
    await agent.press('p')
    await agent.there('.picker')
    await agent.ask('Input.insertText', { text: 'urgent' })
    await agent.press('Enter')
    await agent.there(`${row(second)} .owed:not([hidden])`)
    await agent.sees('2 changes waiting for connection')
    assert.equal((await house.admin('GET', `/conversations/${third}`)).status, 'open')
    await agent.offline(false)
    await eventually('both are done', async () => {
      const [one, two] = await Promise.all(
        [third, second].map(id => house.admin('GET', `/conversations/${id}`)),
      )
      return one.status === 'closed' && two.priority === 'urgent'
    })
    await agent.gone('.pending-acts')
    await agent.until(`!document.querySelector('${row(third)}')`)
    assert.equal(await agent.eval('patches.length'), 2, 'something went twice')
    assert.equal(
      await agent.eval("Object.keys(localStorage).filter(each => each.startsWith('rapport.acts')).length"),
      0,
    )
  },
)

story('a reminder that is due is shown, and leads to its conversation', async ({ house, person }) => {
  const id = await house.writes('351958000001', 'Remind me', 'Ada One', 30)
  const agent = await person({
    before: `const Real = WebSocket; window.WebSocket = class extends Real { constructor(...all) { super(...all); window.line = this } }`,
  })
  await house.enters(agent, ADMIN)
  await agent.there(row(id))
  const frame = JSON.stringify({
    type: 'reminder',
    conversation_id: id,
    at: new Date().toISOString(),
    customer_name: 'Ada One',
  })
  await agent.eval(`line.onmessage({ data: ${JSON.stringify(frame)} })`)
  await agent.sees('Reminder: Ada One')
  await agent.picks('.toast button', 'Open')
  await agent.until(`${open} === ${id}`)
})
