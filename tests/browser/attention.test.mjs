// Being told: when the window is visible and nobody looks at it, and only who wants to be.
import assert from 'node:assert/strict'
import { faults } from './axe.mjs'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
/** A browser whose notifications can be counted, and whose window may stand behind another one. */
const watched = permission => `
  window.shown = []
  window.inFront = true
  document.hasFocus = () => inFront
  window.Notification = class {
    static permission = '${permission}'
    static requestPermission() { Notification.permission = 'granted'; return Promise.resolve('granted') }
    constructor(title, how) { shown.push({ title, ...how }) }
    close() {}
  }`
const behind = is => `inFront = ${!is}; dispatchEvent(new Event('${is ? 'blur' : 'focus'}'))`

// What came is judged by whether somebody looks as it comes: until that was asked, nobody may look away.
const judged = tab =>
  tab.eval('new Promise(done => setTimeout(done, 20)).then(() => navigator.locks.query()).then(() => null)')

story(
  'a window that is visible behind another one tells, and one in front does not',
  async ({ house, person }) => {
    const id = await house.writes('352910000001', 'first')
    const agent = await person({ before: watched('granted') })
    await house.enters(agent, ADMIN)
    await house.writes('352910000001', 'while it is in front')
    await agent.until(
      `document.querySelector('[data-conversation="${id}"]').textContent.includes('in front')`,
    )
    await judged(agent)
    assert.equal(await agent.eval('shown.length'), 0)
    await agent.eval(behind(true))
    await house.writes('352910000001', 'while it is behind')
    await eventually('a notification', () => agent.eval('shown.length'))
    const [told] = await agent.eval('shown')
    assert.deepEqual([told.tag, told.body, told.silent], [`conversation-${id}`, 'while it is behind', true])
    await agent.eval(behind(false))
    await house.writes('352910000001', 'in front again')
    await agent.until(`document.querySelector('[data-conversation="${id}"]').textContent.includes('again')`)
    assert.equal(await agent.eval('shown.length'), 1)
  },
)

story('notifications are offered when the first customer writes, and once', async ({ house, person }) => {
  const agent = await person({ before: watched('default') })
  await house.enters(agent, ADMIN)
  await agent.until("!!document.querySelector('.offer')") // it comes after the first look
  assert.equal(await agent.eval("document.querySelector('.offer').checkVisibility()"), false)
  await house.writes('352910000002', 'Is anybody there?')
  await agent.there('.offer')
  await agent.picture(`${PICTURES}/offer.png`)
  assert.deepEqual(await faults(agent), [])
  await agent.chooses('Turn on')
  await agent.gone('.offer')
  assert.equal(await agent.eval('Notification.permission'), 'granted')
  await agent.reloads()
  await agent.until("document.documentElement.dataset.ready === ''")
  await house.writes('352910000002', 'And now?')
  await agent.sees('And now?')
  await agent.until("!!document.querySelector('.offer')") // it comes after the first look
  assert.equal(await agent.eval("document.querySelector('.offer').checkVisibility()"), false, 'asked again')
})

story('who says not now is not asked again', async ({ house, person }) => {
  const agent = await person({ before: watched('default'), width: 390, height: 844 })
  await house.enters(agent, ADMIN)
  await house.writes('352910000003', 'Hello?')
  await agent.there('.offer')
  await agent.picture(`${PICTURES}/offer-phone.png`)
  await agent.chooses('Not now')
  await agent.gone('.offer')
  await agent.reloads()
  await house.writes('352910000003', 'Still there?')
  await agent.sees('Still there?')
  await agent.until("!!document.querySelector('.offer')") // it comes after the first look
  assert.equal(await agent.eval("document.querySelector('.offer').checkVisibility()"), false)
})
