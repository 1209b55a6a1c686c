// Calling somebody who looks elsewhere: rows 16 and 38. The headless browser shows no notifications, so the
// page's own `Notification` is a list here: what is told, with which tag, and what a click on it does.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const row = id => `[data-conversation="${id}"]`
const hide = on =>
  `Object.defineProperty(document, 'hidden', { value: ${on}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`
const WATCHED = `window.told = []; window.fronts = 0; window.focus = () => { fronts++ }; window.Notification = class { static permission = 'granted'; static requestPermission() { return Promise.resolve('granted') } constructor(title, how) { Object.assign(this, how, { title }); told.push(this) } close() { this.closed = true } }`
const HEARD =
  'window.tones = 0; OscillatorNode.prototype.start = function (...all) { window.tones++; return AudioScheduledSourceNode.prototype.start.apply(this, all) }'
const seen = tab =>
  tab.eval(
    "navigator.locks.query().then(all => all.held.filter(each => each.name.endsWith('is looked at')).length)",
  )

// What came is judged by whether somebody looks as it comes: until that was asked, nobody may look away.
const judged = tab =>
  tab.eval('new Promise(done => setTimeout(done, 20)).then(() => navigator.locks.query()).then(() => null)')

story(
  'a notification comes in one tab, one a conversation, not while somebody looks at another tab; a click on it leads there',
  async ({ house, person }) => {
    const id = await house.writes('351970000001', 'Hello', 'Rosa Vidal'),
      other = await house.writes('351970000002', 'Good morning', 'Otto Berg')
    const one = await person({ before: WATCHED })
    await house.enters(one, ADMIN)
    const two = await person({ before: WATCHED, beside: one }),
      tabs = [one, two]
    await two.opens(house.url)
    for (const tab of tabs) await tab.there(row(id))
    const follows = async (conversation, text) => {
      for (const tab of tabs)
        await tab.until(
          `document.querySelector('${row(conversation)} .preview').textContent === ${JSON.stringify(text)}`,
        )
    }
    await house.writes('351970000001', 'Are you there?', 'Rosa Vidal')
    await follows(id, 'Are you there?')
    const told = async () =>
      await Promise.all(tabs.map(tab => tab.eval('told.map(each => [each.title, each.body, each.tag])')))
    assert.deepEqual(await told(), [[], []], 'it calls somebody who looks')

    for (const tab of tabs) await tab.eval(hide(true))
    await eventually('nobody looks', async () => (await seen(one)) === 0)
    await house.writes('351970000001', 'I am waiting', 'Rosa Vidal')
    await follows(id, 'I am waiting')
    await house.writes('351970000001', 'Still', 'Rosa Vidal')
    await follows(id, 'Still')
    await house.writes('351970000002', 'And I', 'Otto Berg')
    await follows(other, 'And I')
    const all = await eventually('three were told', async () => {
      const each = (await told()).flat()
      return each.length >= 3 && each
    })
    assert.deepEqual(all, [
      ['Rosa Vidal', 'I am waiting', `conversation-${id}`],
      ['Rosa Vidal', 'Still', `conversation-${id}`],
      ['Otto Berg', 'And I', `conversation-${other}`],
    ])
    const counts = (await told()).map(each => each.length).sort()
    assert.deepEqual(counts, [0, 3], 'both tabs tell it')

    const [caller, quiet] = (await told())[0].length ? tabs : tabs.toReversed()
    await caller.eval('told[1].onclick()')
    await caller.until(`location.search.includes('c=${id}')`)
    await caller.shows(['Hello', 'Are you there?', 'I am waiting', 'Still'])
    assert.deepEqual(await caller.eval('[fronts, told[1].closed]'), [1, true])
    assert.equal(await quiet.eval("location.search.includes('c=')"), false)

    // The tab that speaks is hidden, but the person looks at the other one.
    await quiet.eval(hide(false))
    await eventually('somebody looks', async () => (await seen(one)) === 1)
    await house.writes('351970000002', 'While you look', 'Otto Berg')
    await follows(other, 'While you look')
    for (const tab of tabs) await judged(tab)
    await quiet.eval(hide(true))
    await eventually('nobody looks', async () => (await seen(one)) === 0)
    await house.writes('351970000002', 'While you do not', 'Otto Berg')
    await follows(other, 'While you do not')
    await caller.until("told.at(-1).body === 'While you do not'")
    assert.deepEqual((await told()).map(each => each.length).sort(), [0, 4], 'it called somebody who looked')
  },
)

story(
  'a visitor in two hidden tabs hears one sound for an answer, and none while they look at one of them',
  async ({ house, person }) => {
    const channel = await house.webchat(),
      address = `${house.url}/widget/${channel.id}?whole`
    const one = await person({ width: 400, height: 700, before: HEARD })
    await one.opens(address)
    await one.says('from one')
    await one.shows(['from one'])
    const two = await person({ width: 400, height: 700, before: HEARD, beside: one }),
      tabs = [one, two]
    await two.opens(address)
    await two.shows(['from one'])
    await two.says('from two')
    for (const tab of tabs) await tab.shows(['from one', 'from two'])
    const found = await eventually('one conversation', async () => {
      const all = (await house.admin('GET', `/conversations?channel_id=${channel.id}`)).items
      return all.length === 1 && all[0]
    })
    const answers = async (text, number) => {
      await house.admin('POST', `/conversations/${found.id}/messages`, { content: text, client_id: text })
      for (const tab of tabs)
        await tab.until(`document.querySelectorAll('.message .body').length === ${number}`)
    }
    const tones = async () =>
      (await Promise.all(tabs.map(tab => tab.eval('tones')))).reduce((sum, each) => sum + each, 0)
    await answers('They see this', 3)
    for (const tab of tabs) await tab.eval(hide(true))
    await eventually('nobody looks', async () => (await seen(one)) === 0)
    await answers('They hear this', 4)
    await eventually('it sounds', async () => (await tones()) >= 2)
    await one.eval(hide(false))
    await eventually('somebody looks', async () => (await seen(one)) === 1)
    await answers('They see this, too', 5)
    await one.eval(hide(true))
    await eventually('nobody looks', async () => (await seen(one)) === 0)
    await answers('And hear this', 6)
    await eventually('it sounds again', async () => (await tones()) >= 4)
    assert.equal(await tones(), 4, 'two soft tones are one sound')
  },
)
