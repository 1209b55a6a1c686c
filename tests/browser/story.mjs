// One house and one browser for the stories of a file. When a story ends, nobody's console may hold an error.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser, withoutChromium } from './chromium.mjs'
import { House } from './house.mjs'

/** What the browser itself writes while nobody listens, or when a test has switched the network off. */
const OF_THE_NETWORK = [
  'ERR_CONNECTION_REFUSED',
  'ERR_CONNECTION_RESET',
  'ERR_EMPTY_RESPONSE',
  'ERR_SOCKET_NOT_CONNECTED',
  'ERR_INTERNET_DISCONNECTED',
  'WebSocket connection to',
]

/** @param {Record<string, string>} [environment] */
export function stage(environment) {
  const world = /** @type {{house: House, browser: Browser}} */ ({})
  const skip = withoutChromium()
  before(async () => {
    if (skip) return
    world.browser = new Browser()
    world.house = await House.open(environment)
  })
  after(async () => {
    world.browser?.end()
    await world.house?.close()
  })

  /**
   * @param {string} name a claim
   * @param {(world: typeof world & {person: Browser['person']}) => Promise<void>} tell
   * @param {{expected?: string[], lasts?: number}} [how] expected: parts of errors that this story causes on
   *   purpose; lasts: how long it may take on a busy machine
   */
  world.story = (name, tell, { expected = [], lasts = 180_000 } = {}) =>
    test(name, { skip, timeout: lasts }, async () => {
      const people = []
      const person = async how => {
        const it = await world.browser.person(how)
        people.push(it)
        return it
      }
      await tell({ ...world, person })
      const allowed = [...OF_THE_NETWORK, ...expected]
      const seen = new Set(
        people.flatMap(it => it.problems).filter(each => !allowed.some(part => each.includes(part))),
      )
      assert.ok(!seen.size, `somebody saw an error in the console:\n${[...seen].slice(0, 8).join('\n')}`)
      for (const it of people) await it.close().catch(() => {})
    })
  return world
}
