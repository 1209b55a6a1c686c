// What the list of a page is told: of what it shows, by ticks, and that it is to be fetched where too much
// changed. Nobody who looks at it sees a difference.
import { ADMIN } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const shows = (id, words) =>
  `document.querySelector('[data-conversation="${id}"]')?.textContent.includes(${JSON.stringify(words)})`
const views = "[...document.querySelectorAll('.views button')]"

story(
  'who looks at their own list is called by what is theirs, and finds the rest when they go there',
  async ({ house, person }) => {
    await house.adds('ben', 'Ben Ode')
    const { items } = await house.admin('GET', '/users?q=ben')
    const me = await house.admin('GET', '/me')
    const mine = await house.writes('351971000001', 'Mine at first')
    const bens = await house.writes('351971000002', 'Of Ben at first')
    await house.admin('PATCH', `/conversations/${mine}`, { assignee_id: me.id })
    await house.admin('PATCH', `/conversations/${bens}`, { assignee_id: items[0].id })
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.until(shows(bens, 'Of Ben at first'))
    await agent.eval(`${views}[1].click()`)
    await agent.until(`!document.querySelector('[data-conversation="${bens}"]')`)
    await house.writes('351971000002', 'Of Ben meanwhile')
    await house.writes('351971000001', 'Mine meanwhile')
    await agent.until(shows(mine, 'Mine meanwhile'))
    await agent.eval(`${views}[0].click()`)
    await agent.until(shows(bens, 'Of Ben meanwhile'))
    await house.writes('351971000002', 'Of Ben afterwards')
    await agent.until(shows(bens, 'Of Ben afterwards'))
  },
)

story('a list that changes too much to be told is right all the same', async ({ house, person }) => {
  const customers = Array.from({ length: 12 }, (_, n) => `3519720000${String(n).padStart(2, '0')}`)
  const ids = []
  for (const one of customers) ids.push(await house.writes(one, 'before'))
  const agent = await person()
  await house.enters(agent, ADMIN)
  for (const id of ids) await agent.until(shows(id, 'before'))
  // More text than a session is told in one tick.
  const long = 'and so on '.repeat(2_000)
  for (let round = 0; round < 3; round++)
    await Promise.all(customers.map(one => house.writes(one, `round ${round} ${long}`)))
  for (const id of ids) await agent.until(shows(id, 'round 2'))
})
