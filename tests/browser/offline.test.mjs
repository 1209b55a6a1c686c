// Without a network: the inbox opens, says so, and goes on by itself; and no old page stands against a new
// server.
import assert from 'node:assert/strict'
import { faults } from './axe.mjs'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const kept =
  'caches.keys().then(async names => (await Promise.all(names.map(async name => (await (await caches.open(name)).keys()).map(each => new URL(each.url).pathname)))).flat())'

story(
  'the line says within two seconds that it is gone, and at once that it is back',
  async ({ house, person }) => {
    const agent = await person()
    await house.enters(agent, ADMIN)
    await agent.eval(
      "window.told = []; new MutationObserver(() => told.push([Date.now(), document.querySelector('.banner').checkVisibility()])).observe(document.querySelector('.banner'), { attributes: true })",
    )
    await agent.eval("addEventListener('offline', () => { window.gone = Date.now() })")
    await agent.offline(true)
    await agent.there('.banner')
    const took = await agent.eval('told.find(each => each[1])[0] - window.gone')
    assert.ok(took <= 2_000, `${took} ms`)
    await agent.sees("You're offline.")
    await agent.offline(false)
    await agent.gone('.banner')
  },
)

story(
  'the inbox opens while the server is gone, keeps no words of a customer, and goes on by itself',
  async ({ house, person }) => {
    await house.writes('351980000001', 'A word that nobody keeps', 'Rosa Vidal')
    const agent = await person({ workers: true })
    await house.enters(agent, ADMIN)
    await agent.until('navigator.serviceWorker.controller != null')
    await eventually('the shell is kept', async () => {
      const files = await agent.eval(kept)
      return (
        files.includes('/') &&
        files.some(each => each.endsWith('/words/en.json')) &&
        files.some(each => each.endsWith('.css'))
      )
    })
    const files = await agent.eval(kept)
    assert.deepEqual(
      files.filter(each => each !== '/' && !each.startsWith('/s/')),
      [],
      'files of our own only',
    )
    await house.kill()
    await agent.reloads()
    await agent.there('.offline')
    await agent.sees("You're offline")
    await agent.picture(`${PICTURES}/offline.png`)
    assert.deepEqual(await faults(agent), [])
    await house.starts()
    await agent.there('[data-conversation]')
    await agent.sees('Rosa Vidal')
  },
)

story('a reload with a network is always the server’s page', async ({ house, person }) => {
  const agent = await person({ workers: true })
  await house.enters(agent, ADMIN)
  await agent.until('navigator.serviceWorker.controller != null')
  // As an older worker would have kept it.
  await agent.eval(
    "caches.keys().then(async names => (await caches.open(names[0])).put('/', new Response('<!doctype html><title>Old</title>an old page', { headers: { 'content-type': 'text/html' } })))",
  )
  await agent.reloads()
  await agent.there('.side')
  assert.notEqual(await agent.eval('document.title'), 'Old')
})
