// A person of two workspaces: joining one from one's own menu, switching, and addresses that say where one
// is.
import assert from 'node:assert/strict'
import { ADMIN, PASSWORD } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const row = id => `[data-conversation="${id}"]`

/** A caller in a workspace, by the cookie of another caller. */
const inside = (house, slug, caller) => async (method, path, body) => {
  const answer = await fetch(`${house.url}/w/${slug}/api/v1${path}`, {
    method,
    headers: { cookie: caller.cookie, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`)
  return answer.json()
}

story(
  'who is asked joins from their own menu, and works in both workspaces with one sign-in',
  async ({ house, person }) => {
    const id = await house.writes('351950000001', 'Where is my lamp?')
    const { slug, name } = (await house.admin('GET', '/me')).workspace
    const her = await house.adds('dora', 'Dora Both')
    // An admin chose the first one: who joins elsewhere has one of their own.
    await her('PUT', '/me/password', { current_password: PASSWORD, new_password: PASSWORD })
    await house.admin('POST', '/workspaces', { name: 'The Pier', slug: 'pier' })
    const pier = inside(house, 'pier', house.admin)
    await pier('POST', '/membership-offers', { username: 'dora', role: 'agent' })

    const dora = await person()
    await house.enters(dora, 'dora')
    await dora.there(row(id))
    await dora.clicks('.rail .me')
    await dora.chooses('Join The Pier')
    await dora.until("location.pathname === '/w/pier/'")
    await dora.until("document.documentElement.dataset.ready === ''")
    assert.equal(await dora.eval(`!!document.querySelector('${row(id)}')`), false, 'it is another one’s')
    assert.equal(await dora.eval("document.querySelector('.rail a')?.getAttribute('href')"), '/w/pier/')

    await dora.clicks('.rail .me')
    await dora.picks('.menu button', name)
    await dora.until(`location.pathname === '/w/${slug}/'`)
    await dora.clicks(row(id))
    await dora.shows(['Where is my lamp?'])
    // Without a workspace in the address one is led to where one was last, with the rest of it.
    await dora.opens(`${house.url}/?c=${id}`)
    await dora.until(`location.pathname === '/w/${slug}/' && location.search === '?c=${id}'`)
    await dora.shows(['Where is my lamp?'])
    // A workspace that one is no member of is not there.
    await dora.opens(`${house.url}/w/nowhere/`)
    await dora.until(`location.pathname === '/w/${slug}/'`)
  },
  { expected: ['400', '404'] },
)

story('an admin sees who was asked, and takes it back', async ({ house, person }) => {
  const admin = await person()
  await house.enters(admin, ADMIN, '/w/pier/admin#people')
  await admin.chooses('Ask someone with an account')
  await admin.types('dialog input[name=username]', 'nobody-yet')
  await admin.press('Enter')
  await admin.sees('nobody-yet')
  await admin.chooses('Withdraw')
  await admin.sees('Nobody is being asked.')
})
