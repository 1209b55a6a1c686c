// The pages outside the inbox and the dashboard, for everybody: the doors, the chat and the description of
// the API, light and dark, from the left and from the right, from a wide screen down to one that is magnified
// four times.
import assert from 'node:assert/strict'
import { faults } from './axe.mjs'
import { ADMIN, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
/** A server that has nobody yet, as the page of the first admin asks for it. */
const NOBODY_YET = `const real = window.fetch
window.fetch = (url, how) => (how?.method ?? 'GET') === 'GET' && String(url).endsWith('/api/v1/setup') ? Promise.resolve(new Response(JSON.stringify({ needed: true }), { headers: { 'content-type': 'application/json' } })) : real(url, how)`
const SIZES = [
  [1360, 860],
  [768, 1024],
  [360, 640],
  [320, 256],
]
const LOOKED_AT = new Set([1360, 360])

const LOOKS = Object.entries({
  light: {},
  dark: { dark: true },
  rtl: { languages: 'ar' },
  'dark-rtl': { languages: 'ar', dark: true },
})

/** What is wrong with a page, at every size. */
async function wrongWith(it, name, look) {
  const wrong = []
  for (const [width, height] of SIZES) {
    await it.size(width, height)
    await it.until(
      "document.getAnimations().every(each => each.playState !== 'running' || each.effect.getTiming().iterations === Infinity)",
    )
    await it.picture(`${PICTURES}/door-${name}-${look}-${width}.png`)
    // Between them the same things stand in the same order: there it is the layout that counts.
    const found = LOOKED_AT.has(width) ? await faults(it) : []
    for (const fault of found) wrong.push(`${name} ${width}: ${fault}`)
    if (await it.eval('document.documentElement.scrollWidth > innerWidth + 1'))
      wrong.push(`${name} ${width}: it scrolls sideways`)
  }
  await it.size(...SIZES[0])
  return wrong
}

for (const [look, how] of LOOKS)
  story(`axe finds nothing at the doors: ${look}`, async ({ house, person }) => {
    const channel = await house.webchat({ name: `Shop ${look}` })
    const visitor = await person({ ...how, before: NOBODY_YET })
    const wrong = []
    for (const [name, path] of [
      ['login', '/login'],
      ['setup', '/setup#a-token'],
      ['widget', `/widget/${channel.id}?whole`],
      ['chat', `/chat/${channel.id}`],
    ]) {
      await visitor.opens(house.url + path)
      await visitor.until("document.documentElement.dataset.ready === ''")
      if (name === 'widget') await visitor.says('Hello')
      wrong.push(...(await wrongWith(visitor, name, look)))
    }
    assert.deepEqual(wrong, [])
  })

// More than a hundred calls: axe has to read for longer than at all the doors together.
for (const [look, how] of LOOKS)
  story(`axe finds nothing in the description of the API: ${look}`, async ({ house, person }) => {
    const agent = await person(how)
    await house.enters(agent, ADMIN, '/docs')
    await agent.until("document.documentElement.dataset.ready === ''")
    assert.deepEqual(await wrongWith(agent, 'docs', look), [])
  })
