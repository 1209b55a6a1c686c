// Roles, teams and sight as people meet them: made in the dashboard, and what the inbox then shows and hides.
import assert from 'node:assert/strict'
import { eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const row = id => `[data-conversation="${id}"]`

/** The dashboard at a place. */
async function dashboard(house, person, place) {
  const it = await person()
  for (const cookie of house.admin.cookie.split('; ')) {
    const [name, ...value] = cookie.split('=')
    await it.ask('Network.setCookie', { url: house.url, name, value: value.join('='), httpOnly: true })
  }
  await it.opens(`${house.url}/admin#${place}`)
  await it.until("document.documentElement.dataset.ready === ''")
  return it
}

/** Writes into the field with this label, in the dialog that is open. */
async function fills(it, label, text) {
  const find = `[...document.querySelectorAll('dialog label')].find(each => each.firstChild.textContent.trim() === ${JSON.stringify(label)})?.control`
  await it.until(find)
  await it.eval(`${find}.focus()`)
  await it.ask('Input.insertText', { text })
}

/** Ticks a box of the dialog that is open, by its words. */
async function ticks(it, words) {
  const find = `[...document.querySelectorAll('dialog fieldset label')].find(each => each.textContent.trim() === ${JSON.stringify(words)})?.control`
  await it.until(find)
  await it.eval(`${find}.click()`)
}

/** Chooses in a field of the dialog that is open, by its name. */
const sets = (it, name, value) =>
  it.eval(
    `(() => { const box = document.querySelector('dialog select[name="${name}"]'); box.value = ${JSON.stringify(value)}; box.dispatchEvent(new Event('change', { bubbles: true })) })()`,
  )

story('a role is made with what it allows, and its people see and do no more', async ({ house, person }) => {
  const id = await house.writes('351950000101', 'Where is my lamp?')
  const it = await dashboard(house, person, 'roles')
  await it.sees('Comes made')
  await it.chooses('New role')
  await fills(it, 'Name', 'Night notes')
  await ticks(it, 'Write notes')
  await it.chooses('Save')
  await it.sees('Role saved. It holds at once.')
  await it.sees('Night notes')
  const { items } = await house.admin('GET', '/roles')
  const made = items.find(each => each.name === 'Night notes')
  assert.deepEqual([made.permissions, made.sight], [['notes.write'], 'everything'])

  await house.adds('nora', 'Nora Night', 'night-notes')
  const nora = await person()
  await house.enters(nora, 'nora', `/?c=${id}`)
  await nora.sees('Where is my lamp?')
  const shown = selector =>
    nora.eval(`!!document.querySelector(${JSON.stringify(selector)})?.checkVisibility()`)
  assert.equal(await shown('.stage header .assign'), false, 'nothing to hand on')
  assert.equal(await shown('.rail a[href="/admin"]'), false, 'nothing to look after')
  await nora.until("document.querySelector('.composer textarea')")
  await nora.clicks('.composer textarea')
  await nora.ask('Input.insertText', { text: 'only among us' })
  await nora.press('Enter')
  await nora.sees('only among us')
  const messages = await eventually('it is stored', async () => {
    const { items } = await house.admin('GET', `/conversations/${id}/messages`)
    return items.length === 2 && items
  })
  assert.ok(messages[1].is_private, 'what she may write is a note')
})

story(
  'a role that sees less shows its own, and what leaves it goes from the open page',
  async ({ house, person }) => {
    const id = await house.writes('351950000102', 'I want to return it')
    const it = await dashboard(house, person, 'roles')
    await it.chooses('New role')
    await fills(it, 'Name', 'Returns desk')
    await sets(it, 'sight', 'teams')
    await ticks(it, 'Reply to customers')
    const isOff = words =>
      it.eval(
        `[...document.querySelectorAll('dialog fieldset label')].find(each => each.textContent.trim() === ${JSON.stringify(words)}).control.disabled`,
      )
    assert.deepEqual([await isOff('Export data'), await isOff('Write notes')], [true, false])
    await it.chooses('Save')
    await it.sees('Returns desk')
    const { id: rita } = await house.adds('rita', 'Rita Rey', 'returns-desk')
    await it.opens(`${house.url}/admin#teams`)
    await it.until("document.documentElement.dataset.ready === ''")
    await it.chooses('New team')
    await fills(it, 'Name', 'Returns')
    await ticks(it, 'Rita Rey')
    await it.chooses('Save')
    await it.sees('Rita Rey')
    const team = await eventually('it is made', async () => (await house.admin('GET', '/teams')).items[0])
    assert.deepEqual([team.name, team.member_ids], ['Returns', [rita]])

    const page = await person()
    await house.enters(page, 'rita')
    await page.sees("You're all caught up")
    await house.admin('PATCH', `/conversations/${id}`, { team_id: team.id })
    await page.there(row(id))
    await page.clicks(row(id))
    await page.sees('I want to return it')
    await page.sees('Given to team Returns')
    await house.admin('PATCH', `/conversations/${id}`, { team_id: null })
    await page.sees('Conversation not found')
    await page.gone(row(id))
    await house.admin('PATCH', `/conversations/${id}`, { team_id: team.id })
    await page.there(row(id))
  },
  { expected: ['404'] },
)
