// Under a thumb: what can be touched on a phone is as large as a finger, or stands in a line of text.
import assert from 'node:assert/strict'
import { ADMIN, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const SIZE = 44

/**
 * What is visible, can be touched and is smaller than a finger; a link inside a sentence is as high as its
 * line.
 */
const small = `[...document.querySelectorAll('button, a[href], select, summary, input:not([type=hidden], [type=file]), textarea, [role=option], [role=menuitem], [role=tab]')]
  .filter(each => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !each.disabled && !each.closest('[inert], .hidden-text, .skip'))
  .filter(each => !(each.localName === 'a' && getComputedStyle(each).display === 'inline'))
  .map(each => {
    const target = each.matches('input[type=checkbox], input[type=radio]') ? (each.closest('label') ?? each) : each
    const { width, height, left, right, top, bottom } = target.getBoundingClientRect()
    return { name: (each.getAttribute('aria-label') ?? each.textContent.trim() ?? '').slice(0, 30) || each.className || each.localName, width, height, seen: right > 0 && bottom > 0 && left < innerWidth && top < innerHeight && width > 2 }
  })
  .filter(each => each.seen && (each.width < ${SIZE} - 0.5 || each.height < ${SIZE} - 0.5))
  .map(each => each.name + ' ' + Math.round(each.width) + '×' + Math.round(each.height))`

const screens = id => [
  ['list', '/'],
  ['choosing', '/', async agent => (await agent.chooses('Select conversations'), agent.there('.bulk .acts'))],
  ['filters', '/', async agent => (await agent.chooses('Filter'), agent.there('.picker .option'))],
  ['thread', `/?c=${id}`],
  [
    'menu',
    `/?c=${id}`,
    async agent => (await agent.clicks('.main > header .care'), agent.there('[role=menuitem]')),
  ],
  ['panel', `/?c=${id}`, async agent => (await agent.chooses('Details'), agent.there('.person .facts'))],
  [
    'keys',
    '/',
    async agent => {
      await agent.clicks('.rail .me')
      await agent.picks('[role=menuitem]', 'Keyboard shortcuts')
      await agent.there('dialog .shortcuts')
    },
  ],
  ['direct', '/?view=direct'],
  ...[
    'overview',
    'channels',
    'people',
    'labels',
    'canned',
    'flows',
    'hooks',
    'deliveries',
    'audit',
    'reports',
    'settings',
    'tokens',
  ].map(name => [`admin-${name}`, `/admin#${name}`]),
  ['docs', '/docs'],
]

story('every screen of the team, 390 points wide', async ({ house, person }) => {
  const id = await house.writes('351990000001', ['Hello', 'Is my parcel on its way?'], 'Rosa Vidal')
  await house.admin('POST', `/conversations/${id}/messages`, { content: 'It is.', client_id: 't1' })
  const agent = await person({ width: 390, height: 844 })
  await agent.ask('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 })
  await house.enters(agent, ADMIN)
  const wrong = []
  for (const [name, path, more] of screens(id)) {
    await agent.opens(house.url + path)
    await agent.until(
      "document.documentElement.dataset.ready === '' && !document.querySelector('.skeleton')?.checkVisibility()",
    )
    if (path.includes('c=')) await agent.there('.message')
    await more?.(agent)
    await agent.picture(`${PICTURES}/touch-${name}.png`)
    for (const each of new Set(await agent.eval(small))) wrong.push(`${name}: ${each}`)
  }
  assert.deepEqual(wrong, [])
})

story('the visitor’s chat and the doors', async ({ house, person }) => {
  const channel = await house.webchat()
  const visitor = await person({ width: 390, height: 844 })
  await visitor.ask('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 })
  const wrong = []
  for (const [name, path] of [
    ['widget', `/widget/${channel.id}?whole`],
    ['login', '/login'],
  ]) {
    await visitor.opens(house.url + path)
    await visitor.until("document.documentElement.dataset.ready === ''")
    if (name === 'widget') await visitor.says('Hello')
    for (const each of new Set(await visitor.eval(small))) wrong.push(`${name}: ${each}`)
    await visitor.picture(`${PICTURES}/touch-${name}.png`)
  }
  assert.deepEqual(wrong, [])
})
