// Who waits, and for how long: the view of it, what is unread for oneself, everything that matches, the
// team's views.
import assert from 'node:assert/strict'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const row = id => `[data-conversation="${id}"]`
const open = "Number(new URLSearchParams(location.search).get('c'))"
const rows =
  "[...document.querySelectorAll('[data-conversation]')].map(each => Number(each.dataset.conversation)).join()"

story(
  'the Waiting view holds the longest waiting first with a clock each, and loses whom one answers',
  async ({ house, person }) => {
    const late = await house.writes('351961000001', 'Since yesterday', 'Ada One', 90_000)
    const soon = await house.writes('351961000002', 'Since a minute', 'Bo Two', 60)
    const answered = await house.writes('351961000003', 'Answered', 'Cleo Three', 120)
    await house.admin('POST', `/conversations/${answered}/messages`, {
      content: 'Here you are',
      client_id: 'w1',
    })
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.press('g')
    await agent.press('w')
    await agent.until(`${rows} === '${late},${soon}'`)
    await agent.there(`${row(late)} .clock.late:not([hidden])`)
    await agent.there(`${row(soon)} .clock:not(.late):not([hidden])`)
    await agent.picture(`${PICTURES}/list-waiting.png`)
    await agent.until("document.querySelector('.views [aria-pressed=true] .badge').textContent === '2'")
    await agent.press('j')
    await agent.until(`${open} === ${late}`)
    await agent.press('Enter')
    await agent.says('Sorry for the wait')
    await agent.until(`!document.querySelector('${row(late)}') && !!document.querySelector('${row(soon)}')`)
    // Closed after it has left the list: the next one opens all the same.
    await agent.press('Escape')
    await agent.press('e')
    await agent.until(
      `${open} === ${soon} && Number(document.activeElement.dataset.conversation) === ${soon}`,
    )
    await house.writes('351961000001', 'Still not here', 'Ada One')
    await agent.until(`${rows} === '${soon},${late}'`)
  },
)

story(
  'u marks as unread for me, leaves the conversation, and nothing reads it until it is opened',
  async ({ house, person }) => {
    const ben = await house.adds('ben', 'Ben Ode')
    const id = await house.writes('351962000001', 'Read me again', 'Ada One', 30)
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until("document.activeElement.tagName === 'TEXTAREA'")
    const unread = async who => (await who('GET', `/conversations/${id}`)).unread_count
    await eventually('it is read', async () => (await unread(house.admin)) === 0)
    await ben('PUT', `/conversations/${id}/unread`, { from_seq: 1 }).catch(() => {})
    await agent.press('Escape')
    await agent.press('u')
    await agent.until(`!${open} && Number(document.activeElement.dataset.conversation) === ${id}`)
    await agent.there(`${row(id)} .badge:not([hidden])`)
    await eventually('it is unread', async () => (await unread(house.admin)) > 0)
    await agent.opens(`${house.url}/?unread=true`)
    await agent.there(row(id))
    assert.ok((await unread(house.admin)) > 0, 'a look at the list read it')
    await agent.clicks(row(id))
    await eventually('it is read again', async () => (await unread(house.admin)) === 0)
    await agent.there(row(id)) // it stays while one is there
  },
)

story(
  'a line that comes back reads nothing of what was marked as unread meanwhile',
  async ({ house, person }) => {
    const id = await house.writes('351962000002', 'Still open here', 'Bo Two', 30)
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Still open here'])
    const unread = async () => (await house.admin('GET', `/conversations/${id}`)).unread_count
    await eventually('it is read', async () => (await unread()) === 0)
    await agent.offline(true)
    await agent.there('.banner:not([hidden])')
    await house.admin('PUT', `/conversations/${id}/unread`, { from_seq: 1 })
    await agent.offline(false)
    await house.writes('351962000002', 'And one more', 'Bo Two')
    await agent.shows(['Still open here', 'And one more'])
    await house.writes('351962000002', 'And another', 'Bo Two')
    await agent.shows(['Still open here', 'And one more', 'And another'])
    assert.ok((await unread()) > 0, 'following it again has read it')
    await agent.opens(`${house.url}/?c=${id}`)
    await eventually('it is read by opening it', async () => (await unread()) === 0)
  },
)

story('everything that matches is changed at once, after its number was told', async ({ house, person }) => {
  for (let n = 0; n < 70; n++) await house.writes(`35196300${String(n).padStart(4, '0')}`, `Spring ${n}`)
  const label = await house.admin('POST', '/labels', { name: 'Spring' })
  const all = (await house.admin('GET', '/conversations?status=open&q=35196300&limit=100')).items
  for (const it of all) await house.admin('PATCH', `/conversations/${it.id}`, { label_ids: [label.id] })
  const agent = await person()
  await house.enters(agent, ADMIN, `/?label=${label.id}`)
  await agent.there('[data-conversation]')
  await agent.press('x')
  await agent.picks('.bulk button', 'here')
  await agent.picks('.bulk button', 'Select all 70 that match')
  await agent.sees('All 70 that match, selected')
  await agent.picks('.bulk button', 'Close')
  await agent.sees('This changes 70 conversations')
  await agent.chooses('Change 70')
  await agent.sees('70 conversations updated.')
  await agent.gone('.bulk')
  const open = async () =>
    (await house.admin('GET', `/conversations/counts?status=open&label_id=${label.id}`)).matching
  assert.equal(await open(), 0)
  // A colleague takes one up meanwhile: that one stays theirs.
  await house.admin('PATCH', `/conversations/${all[3].id}`, { status: 'pending', priority: 'high' })
  await agent.press('z', { ctrl: true })
  await agent.sees('69 conversations are as they were. 1 was changed since and stays.')
  assert.equal(await open(), 69)
  assert.equal((await house.admin('GET', `/conversations/${all[3].id}`)).status, 'pending')
  // A page that is loaded anew meanwhile tells how it ended all the same, with the way back.
  await agent.opens(`${house.url}/?label=${label.id}&status=open`)
  await agent.there('[data-conversation]')
  await agent.press('x')
  await agent.picks('.bulk button', 'here')
  await agent.picks('.bulk button', 'Select all 69 that match')
  await agent.picks('.bulk button', 'Close')
  await agent.chooses('Change 69')
  await agent.until("!!sessionStorage['rapport.bulk_job']")
  await agent.reloads()
  await agent.sees('69 conversations updated.')
  await agent.chooses('Undo')
  await agent.sees('69 conversations are as they were.')
  assert.equal(await open(), 69)
})

story(
  'a view shared with the team stands in its folder at each colleague’s, with its number',
  async ({ house, person }) => {
    await house.adds('cleo', 'Cleo Kant')
    const id = await house.writes('351964000001', 'Pay me back', 'Ada One', 30)
    await house.admin('PATCH', `/conversations/${id}`, { priority: 'high' })
    const agent = await person()
    await house.enters(agent, ADMIN, '/?priority=high')
    await agent.there(row(id))
    await agent.chooses('Save view')
    await agent.types('dialog input[name=name]', 'Money')
    await agent.types('dialog input[name=folder]', 'Finance')
    await agent.clicks('dialog input[name=is_shared]')
    await agent.chooses('Save')
    const shown =
      "[...document.querySelectorAll('.saved-views .folder')].some(each => each.querySelector('summary').textContent === 'Finance' && each.querySelector('.view').textContent.includes('Money') && each.querySelector('.badge').textContent === '1')"
    await agent.until(shown)
    const colleague = await person()
    await house.enters(colleague, 'cleo')
    await colleague.until(shown)
    assert.equal(
      await colleague.eval('!!document.querySelector(\'.saved-views .view [aria-label^="Delete"]\')'),
      false,
      'an agent may remove what is another’s',
    )
    await colleague.picks('.saved-views .view button', 'Money')
    await colleague.until("location.search.includes('priority=high')")
  },
)
