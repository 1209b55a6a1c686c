// Finding, and finding nothing: rows 28 and 30. The first story needs a house where nobody has connected
// anything yet.
import assert from 'node:assert/strict'
import { ADMIN } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const row = id => `[data-conversation="${id}"]`
const empty = heading =>
  `[...document.querySelectorAll('.empty')].some(each => each.checkVisibility() && each.querySelector('h1, h2')?.textContent === ${JSON.stringify(heading)})`
const day = (after = 0) => {
  const at = new Date()
  at.setDate(at.getDate() + after)
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()]
    .map(each => String(each).padStart(2, '0'))
    .join('-')
}
/** A date as its box takes it, whatever order the language writes it in. */
const dates = (person, name, value) =>
  person.eval(
    `(() => { const it = document.querySelector('dialog input[name=${name}]'); it.value = ${JSON.stringify(value)}; it.dispatchEvent(new Event('input', { bubbles: true })) })()`,
  )
const hits = texts =>
  `JSON.stringify([...document.querySelectorAll('[data-hit]')].map(each => each.querySelector('.preview').textContent)) === ${JSON.stringify(JSON.stringify(texts))}`

story(
  'where nothing is, it says why and what to do next',
  async ({ house, person }) => {
    const admin = await person()
    await house.enters(admin, ADMIN)
    await admin.until(empty('No channels yet'))
    assert.equal(
      await admin.eval("document.querySelector('.side .empty a.button').getAttribute('href')"),
      '/admin#channels',
    )
    await admin.chooses('Connect a channel')
    await admin.until(
      "location.pathname === '/admin' && location.hash === '#channels' && document.documentElement.dataset.ready === ''",
    )

    const ana = await house.adds('ana', 'Ana Lind'),
      ben = await house.adds('ben', 'Ben Ode')
    const agent = await person()
    await house.enters(agent, 'ana')
    await agent.until(empty('No channels yet'))
    await agent.sees(`Ask ${(await house.admin('GET', '/me')).full_name} to connect one`)
    assert.equal(
      await agent.eval("[...document.querySelectorAll('.empty a')].some(each => each.checkVisibility())"),
      false,
      'an agent is sent where they may not go',
    )
    await agent.chooses('Direct')
    await agent.until(empty('No direct messages yet'))

    await house.whatsapp()
    await agent.opens(house.url)
    await agent.until(empty("You're all caught up"))
    const id = await house.writes('351960000001', 'Is anybody there?', 'Rosa Vidal')
    await agent.there(row(id))
    await agent.opens(`${house.url}/?status=closed`)
    await agent.until(empty('No matches'))
    await agent.chooses('Show all open')
    await agent.there(row(id))
    await agent.press('/')
    await agent.types('.find input', 'zebra')
    await agent.until(empty('No results'))
    await agent.chooses('Clear search')
    await agent.there(row(id))
    assert.equal(await agent.eval("location.search + document.querySelector('.find input').value"), '')

    await agent.opens(`${house.url}/?c=999999`)
    await agent.until(empty('Conversation not found'))
    await agent.chooses('Back')
    await agent.until(empty('No conversation selected'))
    const secret = (
      await ben('POST', '/direct-messages', {
        to: (await house.admin('GET', '/me')).id,
        content: 'between us',
        client_id: 'd1',
      })
    ).message.conversation_id
    await agent.opens(`${house.url}/?c=${secret}`)
    await agent.until(empty('Conversation not found'))
    assert.equal(await agent.eval("document.body.innerText.includes('between us')"), false)
    await agent.opens(`${house.url}/admin`)
    await agent.until(empty('Not for your role'))
    await agent.chooses('Inbox')
    await agent.until("location.pathname === '/'")
    assert.ok(ana)
  },
  { expected: ['404', '403'] },
)

story(
  'a search is narrowed by days, person and channel, by keyboard alone, and the address keeps it',
  async ({ house, person }) => {
    const rosa = await house.writes('351960000002', ['A blue lamp', 'And a red one'], 'Rosa Vidal')
    await house.writes('351960000003', 'A blue chair', 'Otto Berg')
    await house.tells(901, 'A blue table')
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.there(row(rosa))
    // The key opens it, the first day has the focus, Enter searches.
    await agent.press('f')
    await agent.until("document.activeElement.name === 'from'")
    await dates(agent, 'from', day())
    await dates(agent, 'to', day(-1))
    await agent.press('Enter')
    await agent.sees('The end date is before the start date.')
    await dates(agent, 'to', day())
    await agent.press('Enter')
    await agent.gone('dialog')
    await agent.until(
      `${hits(['A blue table', 'A blue chair', 'And a red one', 'A blue lamp', 'between us', 'Is anybody there?'])} && location.search === '?from=${day()}&to=${day()}'`,
    )
    assert.equal(await agent.eval('document.activeElement.type'), 'search', 'one goes on with the words')
    await agent.types('.find input', 'blue')
    await agent.until(hits(['A blue table', 'A blue chair', 'A blue lamp']))
    assert.equal(
      await agent.eval("[...document.querySelectorAll('mark')].every(each => each.textContent === 'blue')"),
      true,
    )

    await agent.chooses('Filter by date, person or channel')
    await agent.types('dialog input[type=search]', 'vidal')
    await agent.until(
      "[...document.querySelectorAll('dialog .choices button')].some(each => each.textContent === 'Rosa Vidal')",
    )
    await agent.press('Enter')
    await agent.until("document.activeElement.matches('.chip')")
    await agent.chooses('Search')
    await agent.until(hits(['A blue lamp']))
    await agent.reloads()
    await agent.until(
      `${hits(['A blue lamp'])} && [...document.querySelectorAll('.side .chip')].filter(each => each.checkVisibility()).map(each => each.textContent.trim()).some(each => each.startsWith('Rosa Vidal'))`,
    )
    await agent.picks('.side .chip', 'Rosa Vidal')
    await agent.until(hits(['A blue table', 'A blue chair', 'A blue lamp']))

    await agent.press('Escape')
    await agent.chooses('Filter by date, person or channel')
    const bot = (await house.bot()).id
    await agent.there('dialog select[name=channel]')
    await agent.eval(
      `(() => { const it = document.querySelector('dialog select[name=channel]'); it.value = '${bot}'; it.dispatchEvent(new Event('change', { bubbles: true })) })()`,
    )
    await agent.chooses('Search')
    await agent.until(hits(['A blue table']))
    await agent.eval("document.querySelector('[data-hit]').focus()")
    await agent.press('Enter')
    await agent.shows(['A blue table'])

    await agent.opens(`${house.url}/?from=${day(1)}`)
    await agent.until(empty('No results'))
    await agent.chooses('Clear search')
    await agent.there(row(rosa))
  },
)

story('what one customer wrote is looked for from beside their conversation', async ({ house, person }) => {
  const id = await house.writes('351960000004', ['Green shoes', 'Size forty'], 'Lea Stern')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['Green shoes', 'Size forty'])
  await agent.chooses('Customer actions')
  await agent.chooses("Search this customer's messages")
  await agent.until(`${hits(['Size forty', 'Green shoes'])} && document.activeElement.type === 'search'`)
  await agent.types('.find input', 'green')
  await agent.until(hits(['Green shoes']))
  await agent.press('Escape')
  await agent.there(row(id))
})
