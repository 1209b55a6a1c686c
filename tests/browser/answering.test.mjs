// A day's answers: marks and keys of the reply box, two who answer at once, forwarding, links to a message,
// what happened as lines of the thread, and a conversation on paper.
import assert from 'node:assert/strict'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const box = '.composer textarea'
const menuOf = (agent, row) =>
  agent.eval(
    `[...document.querySelectorAll('.message')].find(each => each.textContent.includes(${JSON.stringify(row)})).querySelector('.actions [aria-label=More]').click()`,
  )

story(
  'marks are shown as what they mean, and go out as the platform writes them',
  async ({ house, person }) => {
    const id = await house.writes('351980000001', 'It is *urgent*, call +351 912 345 678 or me@example.org')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until("document.querySelector('.message .body strong')?.textContent === 'urgent'")
    assert.deepEqual(
      await agent.eval(
        "[...document.querySelectorAll('.message .body a')].map(each => each.getAttribute('href'))",
      ),
      ['tel:+351912345678', 'mailto:me@example.org'],
    )
    await agent.types(box, 'right away')
    await agent.eval(`document.querySelector('${box}').setSelectionRange(0, 5)`)
    await agent.press('b', { ctrl: true })
    await agent.until(`document.querySelector('${box}').value === '*right* away'`)
    await agent.press('Enter')
    await agent.until("document.querySelector('.message.mine .body strong')?.textContent === 'right'")
    await eventually('it goes out with its marks', () =>
      house.accepted.some(each => each.body.text?.body === '*right* away'),
    )
  },
)

story('a long message is folded, and unfolds', async ({ house, person }) => {
  const id = await house.writes('351980000002', 'very long '.repeat(400))
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.there('.message .body.folded')
  const height = () => agent.eval("document.querySelector('.message .body').offsetHeight")
  const folded = await height()
  await agent.chooses('Show more')
  await agent.gone('.message .body.folded')
  assert.ok((await height()) > folded + 100)
  await agent.chooses('Show less')
  await agent.there('.message .body.folded')
})

story('who answers while a colleague answers is asked once to read that first', async ({ house, person }) => {
  const ada = await house.adds('ada', 'Ada Lovelace')
  const id = await house.writes('351980000003', 'Anybody?')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['Anybody?'])
  await agent.types(box, 'I am here')
  await ada('POST', `/conversations/${id}/messages`, { content: 'Already on it', client_id: 'a1' })
  await agent.shows(['Anybody?', 'Already on it'])
  await agent.press('Enter')
  await agent.sees('Ada Lovelace has just answered')
  assert.deepEqual(await agent.messages(), ['Anybody?', 'Already on it'], 'it went out unasked')
  assert.equal(await agent.eval(`document.querySelector('${box}').value`), 'I am here')
  await agent.press('Enter')
  await agent.shows(['Anybody?', 'Already on it', 'I am here'])
  assert.equal(await agent.eval("document.body.innerText.includes('has just answered')"), false)
})

story(
  'Ctrl+Shift+Enter sends and closes, Ctrl+Alt+Enter sends and asks until when',
  async ({ house, person }) => {
    const one = await house.writes('351980000004', 'One'),
      two = await house.writes('351980000005', 'Two')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${one}`)
    await agent.shows(['One'])
    await agent.types(box, 'done')
    await agent.press('Enter', { ctrl: true, shift: true })
    await eventually(
      'it is closed',
      async () => (await house.admin('GET', `/conversations/${one}`)).status === 'closed',
    )
    await eventually('and sent', () => house.accepted.some(each => each.body.text?.body === 'done'))
    await agent.opens(`${house.url}/?c=${two}`)
    await agent.shows(['Two'])
    await agent.types(box, 'later')
    await agent.press('Enter', { ctrl: true, alt: true })
    await agent.picks('.picker .option', 'In 1 hour')
    await eventually(
      'it is snoozed',
      async () => (await house.admin('GET', `/conversations/${two}`)).status === 'snoozed',
    )
  },
)

story('a message is forwarded to another conversation and to a colleague', async ({ house, person }) => {
  await house.adds('bea', 'Bea Cole')
  const id = await house.writes('351980000006', 'My address is 5 Long Lane', 'Rosa Vidal')
  const other = await house.writes('351980000007', 'Where to?', 'Courier Joe')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['My address is 5 Long Lane'])
  await menuOf(agent, '5 Long Lane')
  await agent.chooses('Forward')
  await agent.types('dialog input[type=search]', 'Courier')
  await agent.picks('dialog .choices button', 'Courier Joe')
  await agent.sees('Forwarded to Courier Joe')
  await eventually('it is there', async () =>
    (await house.admin('GET', `/conversations/${other}/messages`)).items.some(
      each => each.content === 'My address is 5 Long Lane' && each.sender_type === 'support',
    ),
  )
  await menuOf(agent, '5 Long Lane')
  await agent.chooses('Forward')
  await agent.chooses('To a colleague')
  await agent.picks('dialog .choices button', 'Bea Cole')
  await agent.sees('Forwarded to Bea Cole')
  await agent.chooses('Open')
  await agent.sees('Forwarded from Rosa Vidal')
})

story('a link to a message opens the conversation at it', async ({ house, person }) => {
  const id = await house.writes(
    '351980000008',
    Array.from({ length: 150 }, (_, i) => `line ${i}`),
  )
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}&at=20`)
  await agent.until(
    "(row => row && row.getBoundingClientRect().top > 0 && row.getBoundingClientRect().bottom < innerHeight)([...document.querySelectorAll('.message')].find(each => each.querySelector('.body').textContent === 'line 19'))",
  )
  await menuOf(agent, 'line 19')
  await agent.chooses('Copy link')
  await agent.until(
    `navigator.clipboard.readText().then(text => { window.copied = text }) && window.copied === '${house.url}/?c=${id}&at=20'`,
  )
})

story(
  'what happened stands in the thread: by whom, folded, live, and never unread',
  async ({ house, person }) => {
    const ada = await house.adds('ada2', 'Ada Byron')
    const id = await house.writes('351980000009', 'Help')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Help'])
    await ada('PATCH', `/conversations/${id}`, { assignee_id: ada.id })
    await ada('PATCH', `/conversations/${id}`, { priority: 'high' })
    const line =
      "[...document.querySelectorAll('.happened')].find(each => each.textContent.includes('Ada Byron'))?.textContent ?? ''"
    await agent.until(
      `(text => text.includes('Assigned to Ada Byron') && text.includes('Priority: High'))(${line})`,
    )
    assert.equal(
      await agent.eval(
        "[...document.querySelectorAll('.happened')].filter(each => each.textContent.includes('Priority')).length",
      ),
      1,
      'two acts of a minute are one line',
    )
    await house.writes('351980000009', 'Thanks')
    await ada('PATCH', `/conversations/${id}`, { status: 'closed' })
    await agent.until(
      "document.querySelector('.thread ol').lastElementChild.textContent.includes('Status set to Closed')",
    )
    await agent.reloads()
    await agent.until(`(text => text.includes('Priority: High'))(${line})`)
    const order = await agent.eval(
      "[...document.querySelectorAll('.thread ol > :is(.message, .happened)')].map(each => each.className.split(' ')[0])",
    )
    assert.equal(order.at(-1), 'happened')
    assert.ok(order.lastIndexOf('message') < order.length - 1)
    assert.equal((await house.admin('GET', `/conversations/${id}`)).unread_count, 0)
    // There and back within a minute is nothing to tell; the audit log keeps every step.
    const { id: label } = await house.admin('POST', '/labels', { name: 'Hasty' })
    for (const change of [
      { label_ids: [label] },
      { label_ids: [] },
      { assignee_id: null },
      { assignee_id: ada.id },
      { status: 'open' },
    ])
      await ada('PATCH', `/conversations/${id}`, change)
    const last = "document.querySelector('.thread ol').lastElementChild.textContent"
    await agent.until(`!${last}.includes('Closed') && !${last}.includes('Hasty')`)
    await house.admin('PATCH', `/conversations/${id}`, { priority: 'low' })
    await agent.until(`${last}.includes('Priority: Low')`)
    const told = await agent.eval("document.querySelector('.thread ol').textContent")
    assert.ok(!told.includes('Hasty') && !told.includes('Unassigned') && !told.includes('Closed'), told)
    const steps = (await house.admin('GET', `/audit?subject=conversation:${id}&limit=100`)).items
    assert.ok(steps.filter(each => each.action === 'conversation_changed').length >= 9)
  },
)

story(
  'who looks at a conversation is seen by the others, and gone when they leave',
  async ({ house, person }) => {
    await house.adds('cal', 'Cal Newton')
    const id = await house.writes('351980000010', 'Hello?')
    const agent = await person(),
      cal = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await house.enters(cal, 'cal', `/?c=${id}`)
    await agent.until("document.querySelector('.viewers')?.ariaLabel.includes('Cal Newton')")
    await cal.until("document.querySelector('.viewers')?.ariaLabel.includes('olga')")
    const beside = await person({ beside: cal })
    await beside.opens(`${house.url}/?c=${id}`)
    await beside.until("document.querySelector('.viewers')?.ariaLabel.includes('olga')")
    await beside.close()
    await cal.opens(`${house.url}/`)
    await agent.gone('.viewers .avatar')
  },
)

story('the viewer says which of how many, and steps to the next by its arrows', async ({ house, person }) => {
  const id = await house.writes('351980000011', 'Pictures')
  const PNG =
    'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAGCAIAAAB1kpiRAAAAEUlEQVR4nGPQqDiBBzEMXmkAg9xUYbu7SZMAAAAASUVORK5CYII='
  for (const name of ['first.png', 'second.png']) {
    const form = new FormData()
    form.append('file', new Blob([Buffer.from(PNG, 'base64')], { type: 'image/png' }), name)
    const media = await house.admin('POST', '/media', form)
    await house.admin('POST', `/conversations/${id}/messages`, {
      content: '',
      client_id: name,
      attachment_ids: [media.id],
    })
  }
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.until("document.querySelectorAll('button.media').length === 2")
  await agent.clicks('button.media')
  await agent.until("document.querySelector('.viewer small')?.textContent === '1 of 2'")
  await agent.chooses('Next')
  await agent.until("document.querySelector('.viewer small')?.textContent === '2 of 2'")
  await agent.gone('.viewer .after')
  assert.equal(await agent.eval("document.querySelector('.viewer a').download"), 'second.png')
})

/** A PDF of one empty page. */
const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF`

story(
  'a PDF opens in the viewer without leaving the page, and what only calls itself one is saved',
  async ({ house, person }) => {
    const id = await house.writes('351980000012', 'Papers')
    const sends = async (name, text) => {
      const form = new FormData()
      form.append('file', new Blob([text], { type: 'application/pdf' }), name)
      const media = await house.admin('POST', '/media', form)
      const message = { content: '', client_id: name, attachment_ids: [media.id] }
      await house.admin('POST', `/conversations/${id}/messages`, message)
      return media
    }
    const bill = await sends('bill.pdf', PDF)
    await sends('trap.pdf', '<!DOCTYPE html><script>document.title = "caught"; parent.caught = true</script>')
    // A browser without a reader is offered the file itself.
    const reads = "Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', { get: () => true })"
    const agent = await person({ before: reads })
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until("document.querySelectorAll('.message .file').length === 2")
    await agent.until(
      "[...document.querySelectorAll('.message .file')].map(each => each.localName).join() === 'button,a'",
    )
    await agent.clicks('button.file')
    await agent.until("document.querySelector('.viewer header span')?.textContent === 'bill.pdf'")
    const address = `/api/v1/media/${bill.id}/preview`
    await agent.until(`document.querySelector('.viewer iframe')?.getAttribute('src') === '${address}'`)
    const told = await agent.eval(
      `fetch('${address}').then(it => ['content-type', 'content-disposition', 'x-content-type-options'].map(each => it.headers.get(each)).join())`,
    )
    assert.equal(told, 'application/pdf,inline,nosniff')
    assert.equal(await agent.eval("document.querySelector('.viewer a').download"), 'bill.pdf')
    await agent.picture(`${PICTURES}/pdf.png`)
    await agent.chooses('Close')
    await agent.gone('dialog.viewer')
    // Asked for as a PDF all the same, nothing of it comes.
    const trap = await agent.eval("document.querySelector('a.file').getAttribute('href')")
    await assert.rejects(house.admin('GET', `${trap.replace('/api/v1', '')}/preview`), /404/)
    assert.equal(await agent.eval('!!window.caught'), false)
  },
)

story('canned replies are found by their words, read, and put into the box', async ({ house, person }) => {
  await house.admin('POST', '/canned-replies', {
    shortcut: 'hours',
    content: 'We are open from nine, {name}.',
  })
  await house.admin('POST', '/canned-replies', { shortcut: 'bye', content: 'Good bye' })
  const id = await house.writes('351980000012', 'When?', 'Rosa Vidal')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.chooses('Canned replies')
  await agent.types('dialog input[type=search]', 'open nine')
  await agent.until("document.querySelectorAll('dialog .choices li').length === 1")
  await agent.until("document.querySelector('dialog .preview').textContent.includes('Rosa Vidal')")
  await agent.press('Enter')
  await agent.until(`document.querySelector('${box}').value === 'We are open from nine, Rosa Vidal.'`)
})

story('a conversation is exported whole, with names and times', async ({ house, person }) => {
  const id = await house.writes(
    '351980000013',
    Array.from({ length: 130 }, (_, i) => `text ${i}`),
    'Rosa Vidal',
  )
  const agent = await person({
    before:
      'const made = URL.createObjectURL; URL.createObjectURL = blob => { blob.text().then(text => { window.exported = text }); return made.call(URL, blob) }',
  })
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.sees('text 129')
  await agent.clicks('.main .care')
  await agent.chooses('Export as text')
  await agent.until("window.exported?.includes('text 129')")
  const text = await agent.eval('window.exported')
  assert.equal(text.match(/^text \d+$/gm).length, 130)
  assert.ok(text.startsWith('Rosa Vidal'))
})

story('at 320 by 256 the thread keeps its room', async ({ house, person }) => {
  const id = await house.writes(
    '351980000014',
    Array.from({ length: 30 }, (_, i) => `text ${i}`),
  )
  const agent = await person({ width: 320, height: 256 })
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.sees('text 29')
  await agent.eval('document.activeElement?.blur()')
  const height = await agent.eval("document.querySelector('.thread').getBoundingClientRect().height")
  assert.ok(height >= 110, `${height} px`)
})

story(
  'a phone has room for the customer’s name, and its menu for what the header has none for',
  async ({ house, person }) => {
    const id = await house.writes('351980000021', 'Hello', 'Jonas Lindqvist')
    const agent = await person({ width: 360, height: 740 })
    await agent.ask('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 })
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Hello'])
    const name = "document.querySelector('.main > header h1')"
    await agent.until(`${name}.textContent === 'Jonas Lindqvist'`)
    assert.ok(await agent.eval(`${name}.scrollWidth <= ${name}.clientWidth`), 'the name is cut')
    assert.ok(await agent.eval('document.documentElement.scrollWidth <= innerWidth'), 'the page is pushed')
    await agent.picture(`${PICTURES}/phone-header.png`)
    await agent.clicks('.main > header .care')
    await agent.picks('[role=menuitem]', 'Assign')
    await agent.there('.picker')
    await agent.press('Escape')
    await agent.gone('.picker')
    await agent.size(320, 640)
    assert.ok(await agent.eval(`${name}.clientWidth >= 90`), 'there is hardly a name')
    await agent.size(1360, 860)
    await agent.there('.main > header .assign')
    await agent.clicks('.main > header .care')
    await agent.there('[role=menuitem]')
    const items = "[...document.querySelectorAll('[role=menuitem]')].map(each => each.textContent)"
    assert.ok(!(await agent.eval(items)).some(each => each.startsWith('Assign')), 'it is there twice')
  },
)

story(
  'the views are in reach at every size, and never leave the conversations without room',
  async ({ house, person }) => {
    await house.writes('351980000022', 'Hello there', 'Rosa Vidal')
    const agent = await person({ width: 320, height: 256, languages: 'de-DE' })
    await house.enters(agent, ADMIN, '/?view=direct')
    for (const [width, height, least] of [
      [320, 256, 110],
      [328, 640, 300],
      [360, 740, 400],
      [700, 390, 200],
      [1360, 860, 500],
    ]) {
      await agent.size(width, height)
      await agent.until(`innerWidth === ${width} && innerHeight === ${height}`)
      await agent.opens(`${house.url}/?view=direct`)
      await agent.there('.views button')
      // The one that is open is in sight, and each can be reached.
      await agent.until(
        "(({ left, right }) => left >= 0 && right <= innerWidth)(document.querySelector('.views [aria-pressed=true]').getBoundingClientRect())",
      )
      const hidden = await agent.eval(
        "[...document.querySelectorAll('.views button')].filter(each => { each.focus(); const { left, right, top, bottom } = each.getBoundingClientRect(); return left < -1 || right > innerWidth + 1 || top < 0 || bottom > innerHeight }).map(each => each.textContent)",
      )
      assert.deepEqual(hidden, [], `${width} × ${height}`)
      const room = await agent.eval("document.querySelector('.rows').getBoundingClientRect().height")
      assert.ok(room >= least, `${width} × ${height}: ${room} px for conversations`)
      assert.ok(
        await agent.eval('document.documentElement.scrollWidth <= innerWidth'),
        `${width} × ${height}`,
      )
      await agent.picture(`${PICTURES}/views-${width}x${height}.png`)
    }
  },
)

story('on a phone Back closes the panel first, and only then the conversation', async ({ house, person }) => {
  const id = await house.writes('351980000015', 'Small screen')
  const agent = await person({ width: 390, height: 800 })
  await house.enters(agent, ADMIN, '/')
  await agent.clicks(`[data-conversation="${id}"]`)
  await agent.shows(['Small screen'])
  await agent.chooses('Details')
  await agent.there('.beside')
  await agent.eval('history.back()')
  await agent.gone('.beside')
  await agent.there('.composer textarea')
  await agent.eval('history.back()')
  await agent.gone('.composer textarea')
})
