// Approved messages as people meet them: found, filled in, seen before they go, greyed while one looks, the
// first word to somebody, and how admins have new ones approved; on a desk and on a phone.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const DAY = 86_400
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAGCAIAAAB1kpiRAAAAEUlEQVR4nGPQqDiBBzEMXmkAg9xUYbu7SZMAAAAASUVORK5CYII='
const choices = "document.querySelectorAll('dialog .choices button').length"

const template = (id, name, language, components) => ({
  id,
  name,
  language,
  status: 'APPROVED',
  category: 'UTILITY',
  parameter_format: 'POSITIONAL',
  components,
})
const KNOWN = [
  template('1', 'order_ready', 'en', [
    { type: 'HEADER', format: 'IMAGE' },
    {
      type: 'BODY',
      text: '*Hi {{1}}*, your order {{2}} is ready.',
      example: { body_text: [['Mira', '42']] },
    },
    { type: 'FOOTER', text: 'The Bakery' },
    {
      type: 'BUTTONS',
      buttons: [
        { type: 'URL', text: 'Track it', url: 'https://shop.example/{{1}}', example: ['42'] },
        { type: 'QUICK_REPLY', text: 'Thank you' },
      ],
    },
  ]),
  template('2', 'order_ready', 'pt_BR', [{ type: 'BODY', text: 'Oi {{1}}, pronto!' }]),
  template('3', 'closed_today', 'en', [{ type: 'BODY', text: 'We are closed today.' }]),
]

/** Puts a picture into the file field of the form, as a person who chose one. */
const choosePicture = agent =>
  agent.eval(`(() => {
    const bytes = Uint8Array.from(atob('${PNG}'), c => c.charCodeAt(0))
    const list = new DataTransfer()
    list.items.add(new File([bytes], 'bread.png', { type: 'image/png' }))
    const input = document.querySelector('dialog input[type=file]')
    input.files = list.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })()`)

/** Takes out of a field what was typed there. */
const empties = (agent, selector) =>
  agent.eval(`(() => {
    const field = document.querySelector('${selector}')
    field.value = ''
    field.dispatchEvent(new Event('input', { bubbles: true }))
  })()`)

async function fillsAndSends({ house, person }, size) {
  await house.approves(KNOWN)
  const number = `35196100${size.width}`
  const id = await house.writes(number, 'Is it ready?', 'Rosa Vidal', 2 * DAY)
  const agent = await person(size)
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.clicks('.composer .window button')
  await agent.until(`${choices} === 3`)
  await agent.eval(`(() => {
    const select = document.querySelector('dialog select')
    select.value = 'pt_BR'
    select.dispatchEvent(new Event('change', { bubbles: true }))
  })()`)
  await agent.until(`${choices} === 1`)
  await agent.eval(`(() => {
    const select = document.querySelector('dialog select')
    select.value = ''
    select.dispatchEvent(new Event('change', { bubbles: true }))
  })()`)
  await agent.types('dialog input[type=search]', 'order track')
  await agent.until(`${choices} === 0`)
  await empties(agent, 'dialog input[type=search]')
  await agent.types('dialog input[type=search]', 'ready')
  await agent.until(`${choices} >= 1`)
  await agent.clicks('dialog .choices button')
  await agent.types('dialog input[name="body.1"]', 'Rosa')
  await agent.types('dialog input[name="body.2"]', '42')
  await agent.types('dialog input[name="button.0"]', 'r42')
  await choosePicture(agent)
  await agent.until("!!document.querySelector('dialog .phone .picture img')")
  const shown = await agent.eval("document.querySelector('dialog .phone').textContent")
  for (const words of ['Hi Rosa', 'your order 42 is ready', 'The Bakery', 'Track it', 'Thank you'])
    assert.ok(shown.includes(words), `${words} is not in the preview: ${shown}`)
  assert.equal(await agent.eval("document.querySelector('dialog .phone strong')?.textContent"), 'Hi Rosa')
  const wide = await agent.eval('document.documentElement.scrollWidth <= innerWidth')
  assert.ok(wide, 'nothing is wider than the page')
  await agent.chooses('Send template')
  await agent.until("[...document.querySelectorAll('.message.mine')].at(-1)?.dataset.status === 'sent'")
  for (const words of ['your order 42 is ready', 'The Bakery', 'Track it'])
    await agent.until(
      `[...document.querySelectorAll('.message.mine')].at(-1).textContent.includes('${words}')`,
    )
  const sent = await eventually('it is handed over', () =>
    house.accepted.find(each => each.body.type === 'template' && each.body.to === `+${number}`),
  )
  const [header, body, button] = sent.body.template.components
  assert.equal(header.parameters[0].type, 'image')
  assert.deepEqual(
    body.parameters.map(each => each.text),
    ['Rosa', '42'],
  )
  assert.equal(button.parameters[0].text, 'r42')
}

story('a template is found, filled in, seen as the phone shows it, and sent', world =>
  fillsAndSends(world, { width: 1280, height: 800 }),
)

story('the same on a phone', world => fillsAndSends(world, { width: 390, height: 780 }))

story('a template that WhatsApp pauses is greyed while one looks at it', async ({ house, person }) => {
  await house.approves(KNOWN)
  const id = await house.writes('351961000003', 'Hello?')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['Hello?'])
  await agent.eval(`document.querySelector('.composer [aria-label="Send template"]').click()`)
  await agent.until(`${choices} === 3`)
  const off = "document.querySelectorAll('dialog .choices button:disabled').length"
  assert.equal(await agent.eval(off), 0)
  await house.tellsOfTemplate('closed_today', 'PAUSED')
  await agent.until(`${off} === 1`)
  await agent.until(
    "document.querySelector('dialog .choices button:disabled').textContent.includes('paused')",
  )
  await house.tellsOfTemplate('closed_today', 'REINSTATED')
  await agent.until(`${off} === 0`)
  await agent.picks('dialog .choices button', 'closed_today')
  await agent.until("!!document.querySelector('dialog .phone')")
  await house.tellsOfTemplate('closed_today', 'PAUSED')
  await agent.until("!document.querySelector('dialog p.trouble').hidden")
  await house.tellsOfTemplate('closed_today', 'REINSTATED')
  await agent.until("document.querySelector('dialog p.trouble').hidden")
})

story('the first word to somebody is a template, chosen at once', async ({ house, person }) => {
  await house.approves(KNOWN)
  const agent = await person()
  await house.enters(agent, ADMIN)
  // Whom one can write to first is known once the channels and their kinds are.
  for (const part of ['/channels', '/channel-kinds'])
    await agent.until(
      `performance.getEntriesByType('resource').some(each => each.name.includes('/api/v1${part}') && each.responseEnd)`,
    )
  await agent.chooses('New message')
  await agent.chooses('Message a customer')
  await agent.types('dialog input[name=external_id]', '+351 961 000 004')
  await agent.press('Enter')
  await agent.until(`${choices} === 3`)
  await agent.picks('dialog .choices button', 'closed_today')
  await agent.chooses('Send template')
  await agent.until(
    "[...document.querySelectorAll('.message.mine .body')].at(-1)?.textContent === 'We are closed today.'",
  )
})

story(
  'an admin writes a template, is told what is wrong at its field, and submits it',
  async ({ house, person }) => {
    await house.approves(KNOWN)
    const { id } = await house.whatsapp()
    const admin = await person()
    await house.enters(admin, ADMIN, `/admin#channels/${id}/templates`)
    await admin.sees('order_ready')
    await admin.chooses('New template')
    await admin.types('dialog input[name=name]', 'table_ready')
    await admin.types('dialog textarea[name=body]', '{{1}}, your table is ready.')
    await admin.chooses('Submit for approval')
    await admin.until(
      "document.querySelector('dialog [data-field=body] .error').textContent.includes('beginning or the end')",
    )
    await empties(admin, 'dialog textarea[name=body]')
    await admin.types('dialog textarea[name=body]', 'Hi {{1}}, your table is ready.')
    await admin.types('dialog input[name=body_1]', 'Mira')
    await admin.chooses('Submit for approval')
    await admin.sees('table_ready')
    const made = house.templates.find(each => each.name === 'table_ready')
    assert.deepEqual(made.components[0].example, { body_text: [['Mira']] })
  },
)
