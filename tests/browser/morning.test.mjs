// A morning: sixty customers have written, and one agent answers them all by keyboard alone. The page may
// have no mouse event, the customers no letter that was not meant for them, and each answer goes out once
// with exactly its words.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const CUSTOMERS = 60
const box = '.composer textarea'
/** Every way a pointer could come in, counted; and the state that a person would see, in one look. */
const WATCHED = `window.pointers = 0; for (const name of ['mousedown', 'mouseup', 'pointerdown', 'pointerup', 'touchstart', 'dblclick', 'wheel']) addEventListener(name, () => { pointers++ }, true); addEventListener('click', event => { if (event.detail > 0) pointers++ }, true)`
const open = "Number(new URLSearchParams(location.search).get('c'))"
const onRow = `Number(document.activeElement.dataset.conversation) === ${open}`
const inBox = `document.activeElement === document.querySelector('${box}')`

/** Types letter by letter, as fingers do: a letter that a shortcut takes would be missing. */
async function writes(agent, words) {
  for (const letter of words) await agent.press(letter, { shift: /[A-Z]/.test(letter) })
}

/** Sends what is in the box and closes: by the one key, or by three where somebody likes those. */
async function sendsAndCloses(agent, isByOneKey) {
  if (isByOneKey) return agent.press('Enter', { ctrl: true, shift: true })
  await agent.press('Enter')
  await agent.until(`document.querySelector('${box}').value === ''`)
  await agent.press('Escape')
  await agent.until(onRow)
  await agent.press('e')
}

story(
  'sixty conversations are answered and closed by keyboard alone, each customer gets their own words once',
  async ({ house, person }) => {
    const numbers = Array.from({ length: CUSTOMERS }, (_, n) => `35198${String(n).padStart(7, '0')}`)
    const customers = new Map()
    for (const [n, number] of numbers.entries())
      customers.set(await house.writes(number, `Where is parcel ${n}?`, `Customer ${n}`, CUSTOMERS - n), {
        n,
        number,
      })
    const agent = await person({ before: WATCHED })
    await house.enters(agent, ADMIN)
    await agent.until("document.querySelectorAll('[data-conversation]').length >= 50")
    await agent.press('j')
    await agent.until(
      `${onRow} && ${open} === Number(document.querySelector('[data-conversation]').dataset.conversation)`,
    )
    // One looks at the next two and comes back: nothing is typed, nothing is read by passing.
    await agent.press('j')
    await agent.press('j')
    await agent.press('k')
    await agent.press('k')
    await agent.until(onRow)

    const answered = []
    for (let turn = 0; turn < CUSTOMERS; turn++) {
      const id = await agent.eval(open)
      const { n } = customers.get(id)
      assert.ok(!answered.includes(id), `conversation ${id} comes twice`)
      await agent.until(
        `document.querySelector('.main h1')?.textContent === 'Customer ${n}' && !!document.querySelector('${box}')`,
      )
      await agent.press(turn % 3 ? 'Enter' : 'r')
      await agent.until(inBox)
      assert.equal(
        await agent.eval(`document.querySelector('${box}').value`),
        '',
        'a letter came in by itself',
      )
      // Words with every letter that is a shortcut elsewhere.
      await writes(agent, `Jack ${n}: excel, unpack, rung ajks`)
      await agent.until(`document.querySelector('${box}').value === 'Jack ${n}: excel, unpack, rung ajks'`)
      await sendsAndCloses(agent, turn % 2 === 1)
      answered.push(id)
      // The next one has opened, and its row has the focus.
      if (turn < CUSTOMERS - 1) await agent.until(`${open} !== ${id} && ${open} > 0 && ${onRow}`)
    }

    const texts = () => house.accepted.filter(each => each.body.text?.body)
    await eventually('all are at the platform', () => texts().length >= CUSTOMERS)
    assert.deepEqual(
      texts()
        .map(each => `${each.body.to.replace('+', '')} ${each.body.text.body}`)
        .sort(),
      [...customers.values()].map(({ n, number }) => `${number} Jack ${n}: excel, unpack, rung ajks`).sort(),
    )
    await eventually('all are closed', async () => {
      const { items } = await house.admin('GET', '/conversations?status=open&kind=customer&limit=1')
      return !items.length
    })
    for (const id of answered) {
      const it = await house.admin('GET', `/conversations/${id}`)
      assert.equal(it.unread_count, 0, `conversation ${id} is still unread`)
    }
    assert.equal(await agent.eval('pointers'), 0, 'a pointer was used')
  },
  { lasts: 480_000 }, // some four thousand keys
)

story(
  'passing a conversation by keys reads nothing; looking at it for a second does',
  async ({ house, person }) => {
    const first = await house.writes('351990000001', 'one', 'Ada', 30)
    const second = await house.writes('351990000002', 'two', 'Bo', 20)
    const third = await house.writes('351990000003', 'three', 'Cleo', 10)
    const agent = await person()
    await house.enters(agent, ADMIN)
    const unread = async id => (await house.admin('GET', `/conversations/${id}`)).unread_count
    await agent.until(`document.querySelector('[data-conversation]')?.dataset.conversation === '${third}'`)
    await agent.press('j')
    await agent.press('j')
    await agent.press('j')
    await agent.until(`${open} === ${first} && ${onRow}`)
    await eventually('the one that is looked at is read', async () => (await unread(first)) === 0)
    assert.equal(await unread(third), 1, 'what was passed is read')
    assert.equal(await unread(second), 1, 'what was passed is read')
    await agent.there(`[data-conversation="${second}"] .badge:not([hidden])`)
  },
)
