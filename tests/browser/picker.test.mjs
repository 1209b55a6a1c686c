// The one way to choose out of many: by typing, by arrows, one or several, with a mouse, a thumb or a voice.
import assert from 'node:assert/strict'
import { faults } from './axe.mjs'
import { ADMIN, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const PEOPLE = ['Ada Moreau', 'Ben Achterberg', 'Chloé Nakamura', 'Łukasz Wrona', 'Ömer Çelik', 'Zoë Last']

/** Opens a picker beside the button of the person's own menu; what comes of it is kept in `window.heard`. */
const opens = (person, options) =>
  person.eval(`import(document.querySelector('script[type=module]').src.replace(/js\\/.*$/, 'js/core/picker.js')).then(it => {
    window.heard = []
    const tell = (...said) => { heard.push(said) }
    const anchor = document.querySelector('.rail .me')
    anchor.focus()
    const items = ${JSON.stringify(PEOPLE)}.map((name, id) => ({ id, name, hint: id === 0 ? 'admin' : '', keywords: id === 1 ? 'boss' : '' }))
    window.picker = it.openPicker({ anchor, label: 'Assign', items, onClose: () => tell('closed'), onPick: item => tell('picked', item.name), onToggle: (item, on) => tell(item.name, on), ...(${options}) })
  })`)
const shown =
  "[...document.querySelectorAll('.picker .option > span:not([class])')].map(each => each.textContent)"
const active =
  "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent ?? ''"
const heard = person => person.eval('heard')

story(
  'a name is found without its accents, taken by Enter, and the focus goes back',
  async ({ house, person }) => {
    const agent = await person()
    await house.enters(agent, ADMIN)
    await opens(agent, '{}')
    await agent.until("document.activeElement.matches('.picker input[role=combobox]')")
    assert.deepEqual(await agent.eval(shown), PEOPLE)
    await agent.picture(`${PICTURES}/picker.png`)
    assert.deepEqual(await faults(agent), [])
    await agent.ask('Input.insertText', { text: 'chloe' })
    await agent.until(`${shown}.join() === 'Chloé Nakamura'`)
    await agent.press('Enter')
    await agent.gone('.picker')
    assert.deepEqual(await heard(agent), [['closed'], ['picked', 'Chloé Nakamura']])
    assert.ok(await agent.eval("document.activeElement.matches('.rail .me')"), 'the focus is back')
  },
)

story(
  'arrows go round, what is beside a name is found, and nothing found is said',
  async ({ house, person }) => {
    const agent = await person()
    await house.enters(agent, ADMIN)
    await opens(agent, '{ chosen: [2] }')
    await agent.until(`${active}.includes('Chloé')`)
    await agent.press('ArrowDown')
    await agent.until(`${active}.includes('Łukasz')`)
    await agent.press('End')
    await agent.press('ArrowDown')
    await agent.until(`${active}.includes('Ada')`)
    await agent.ask('Input.insertText', { text: 'boss' })
    await agent.until(`${shown}.join() === 'Ben Achterberg'`)
    await agent.ask('Input.insertText', { text: ' of nobody' })
    await agent.there('.picker .state')
    await agent.sees('No results.')
    await agent.press('Escape')
    await agent.gone('.picker')
    assert.deepEqual(await heard(agent), [['closed']])
  },
)

story(
  'several are taken and put back while it stays open; a new name is made; a refusal is put back',
  async ({ house, person }) => {
    const agent = await person()
    await house.enters(agent, ADMIN)
    await opens(
      agent,
      "{ multiple: true, chosen: [4], create: { label: query => 'Create ' + query, run: async query => ({ id: 99, name: query }) }, onToggle: (item, on) => { tell(item.name, on); if (item.id === 1) return Promise.reject(new Error('Not Ben.')) } }",
    )
    await agent.until(`${shown}[0] === 'Ömer Çelik'`)
    await agent.ask('Input.insertText', { text: 'zoe' })
    await agent.press('Enter')
    await agent.ask('Input.insertText', { text: 'omer' })
    await agent.press('Enter')
    await agent.ask('Input.insertText', { text: 'ben' })
    await agent.press('Enter')
    await agent.sees('Not Ben.')
    assert.equal(
      await agent.eval("document.querySelector('.picker .option').getAttribute('aria-selected')"),
      'false',
    )
    await agent.ask('Input.insertText', { text: 'Nils' })
    await agent.picks('.picker .option', 'Create Nils')
    await agent.until("heard.some(each => each[0] === 'Nils')")
    assert.deepEqual(await faults(agent), [])
    await agent.press('Escape')
    await agent.gone('.picker')
    assert.deepEqual(await heard(agent), [
      ['Zoë Last', true],
      ['Ömer Çelik', false],
      ['Ben Achterberg', true],
      ['Nils', true],
      ['closed'],
    ])
  },
)

story(
  'what a server finds comes after what is known, and a late answer is not shown',
  async ({ house, person }) => {
    const agent = await person()
    await house.enters(agent, ADMIN)
    await opens(
      agent,
      "{ search: query => new Promise(done => setTimeout(() => done(query === 'a' ? [{ id: 'x', name: 'Late answer' }] : [{ id: 'y', name: 'Found ' + query }]), query === 'a' ? 600 : 20)) }",
    )
    await agent.until(`${shown}.at(-1) === 'Found '`)
    await agent.ask('Input.insertText', { text: 'a' })
    await agent.ask('Input.insertText', { text: 'd' })
    await agent.until(`${shown}.join() === 'Ada Moreau,Found ad'`)
    await new Promise(done => setTimeout(done, 700))
    assert.equal(await agent.eval(`${shown}.join()`), 'Ada Moreau,Found ad')
  },
)

for (const [look, how] of [
  ['phone', {}],
  ['rtl-phone', { languages: 'ar' }],
])
  story(`under a thumb it comes up from the lower edge: ${look}`, async ({ house, person }) => {
    const agent = await person({ width: 390, height: 844, ...how })
    await house.enters(agent, ADMIN)
    await opens(agent, '{ multiple: true }')
    await agent.there('.picker .find .button')
    await agent.until(
      "document.getAnimations().every(each => each.playState !== 'running' || each.effect.getTiming().iterations === Infinity)",
    )
    await agent.picture(`${PICTURES}/picker-${look}.png`)
    const box = await agent.eval(
      "(({ left, right, bottom }) => [left, right, bottom])(document.querySelector('.picker').getBoundingClientRect())",
    )
    assert.deepEqual(box, [0, 390, 844])
    assert.ok(
      await agent.eval(
        "[...document.querySelectorAll('.picker .option, .picker .button')].every(each => each.getBoundingClientRect().height >= 44)",
      ),
    )
    assert.deepEqual(await faults(agent), [])
    await agent.clicks('.picker .find .button')
    await agent.gone('.picker')
  })
