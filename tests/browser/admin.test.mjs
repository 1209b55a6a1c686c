// What an admin does in the dashboard, from connecting a channel to reading who did what; and what it says
// where something is missing, wrong or not allowed.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { eventually, PASSWORD } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage({ RAPPORT_HOOKS_ALLOW_PRIVATE: 'true' })

/** A program of somebody's that is told what happens; it answers `says` and keeps what it heard. */
const program = { heard: [], says: 200 }
const listener = createServer((request, answer) => {
  let body = ''
  request
    .on('data', part => {
      body += part
    })
    .on('end', () => {
      program.heard.push({ headers: request.headers, body: JSON.parse(body) })
      answer.statusCode = program.says
      answer.end()
    })
}).listen(0, '127.0.0.1')
after(() => {
  listener.closeAllConnections()
  listener.close()
})

/** Somebody who has signed in, at a place of the dashboard. */
async function at(house, person, place, { call = house.admin, ...how } = {}) {
  const it = await person(how)
  for (const cookie of call.cookie.split('; ')) {
    const [name, ...value] = cookie.split('=')
    await it.ask('Network.setCookie', { url: house.url, name, value: value.join('='), httpOnly: true })
  }
  await goes(it, house, place)
  return it
}
async function goes(it, house, place) {
  await it.opens(`${house.url}/admin#${place}`)
  await it.until("document.documentElement.dataset.ready === ''")
}

/** Empties a field and writes into it, by its label, in the dialog that is open or on the page. */
async function fills(it, label, text) {
  const find = `[...document.querySelectorAll('label')].filter(each => each.checkVisibility() && each.firstChild.textContent.trim() === ${JSON.stringify(label)}).at(-1)?.control`
  await it.until(find)
  await it.eval(
    `(() => { const box = ${find}; if (box.matches('select')) { box.value = [...box.options].find(each => each.textContent === ${JSON.stringify(text)}).value; box.dispatchEvent(new Event('change', { bubbles: true })) } else { box.focus(); box.select() } })()`,
  )
  if (await it.eval(`!${find}.matches('select')`))
    text ? await it.ask('Input.insertText', { text }) : await it.press('Backspace')
}
/** Leads a way of a flow to the step whose words begin so. */
const leadsTo = (it, label, words, nth = -1) =>
  it.eval(
    `(() => { const box = [...document.querySelectorAll('label')].filter(each => each.checkVisibility() && each.firstChild.textContent.trim() === ${JSON.stringify(label)}).at(${nth}).control; box.value = [...box.options].find(each => each.textContent.startsWith(${JSON.stringify(words)})).value; box.dispatchEvent(new Event('change', { bubbles: true })) })()`,
  )
/** What is said at a field to be wrong. */
const wrongAt = (it, label) =>
  it.eval(
    `[...document.querySelectorAll('.field')].filter(each => each.checkVisibility() && each.querySelector('label, legend')?.firstChild.textContent.trim() === ${JSON.stringify(label)}).at(-1)?.querySelector('.error').textContent`,
  )
/** A value to be copied, by its label. */
const copied = (it, label) => it.eval(`document.querySelector('[aria-label=${JSON.stringify(label)}]').value`)
/** The cells of the row that holds a text. */
const rowOf = (it, text) =>
  it.eval(
    `[...[...document.querySelectorAll('tbody tr')].filter(each => each.checkVisibility() && each.textContent.includes(${JSON.stringify(text)})).at(-1)?.querySelectorAll('th, td') ?? []].map(each => each.textContent)`,
  )
const inRow = (text, words) =>
  `[...document.querySelectorAll('tbody tr')].some(each => each.checkVisibility() && each.textContent.includes(${JSON.stringify(text)}) && each.textContent.includes(${JSON.stringify(words)}))`

story(
  'a channel is connected by the wizard, which shows the address and the token that the platform then proves',
  async ({ house, person }) => {
    const it = await at(house, person, 'channels')
    await it.sees('No channels yet')
    await it.chooses('Connect a channel')
    await it.eval(
      "[...document.querySelectorAll('.kinds button')].find(each => each.textContent.includes('Messenger')).click()",
    )
    await it.chooses('Connect')
    assert.equal(await wrongAt(it, 'Name'), 'This field is required.')
    assert.equal(await it.eval('document.activeElement.name'), 'name')
    await fills(it, 'Name', 'Our page')
    await fills(it, 'Page ID', '10 20')
    await fills(it, 'Page access token', 'a page token')
    await fills(it, 'App secret', 'an app secret')
    await it.chooses('Connect')
    await it.until(
      `[...document.querySelectorAll('.error')].some(each => each.textContent === "An ID can't contain spaces or #.")`,
    )
    await fills(it, 'Page ID', '1020')
    await it.chooses('Connect')
    await it.sees('Our page saved.')
    await it.sees('Waiting for the first event')
    assert.equal(await copied(it, 'Webhook address'), `${house.url}/webhooks/messenger`)
    const token = await copied(it, 'Verify token')
    const shake = await fetch(
      `${house.url}/webhooks/messenger?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=4711`,
    )
    assert.equal(await shake.text(), '4711')
    await it.chooses('Done')
    await it.sees('Our page')
    await it.chooses('Connect a channel')
    await it.eval(
      "[...document.querySelectorAll('.kinds button')].find(each => each.textContent.includes('Messenger')).click()",
    )
    for (const [label, text] of [
      ['Name', 'Again'],
      ['Page ID', '1020'],
      ['Page access token', 'x'],
      ['App secret', 'y'],
    ])
      await fills(it, label, text)
    await it.chooses('Connect')
    await it.sees('This account is already connected.')
  },
  { expected: ['422', '409'] },
)

story(
  'the web chat is connected with the sites that may show it, and tells its secret once',
  async ({ house, person }) => {
    const it = await at(house, person, 'channels')
    await it.chooses('Connect a channel')
    await it.eval(
      "[...document.querySelectorAll('.kinds button')].find(each => each.textContent.includes('Web chat')).click()",
    )
    await fills(it, 'Name', 'Our shop')
    await fills(it, 'Allowed sites', 'https://shop.example/cart')
    await it.chooses('Connect')
    assert.match(await wrongAt(it, 'Allowed sites'), /https:\/\/shop\.example\/cart.* isn't a valid site/)
    await fills(it, 'Allowed sites', 'https://shop.example/ https://*.shop.example')
    await it.chooses('Connect')
    await it.sees('Allowed on: https://shop.example, https://*.shop.example')
    assert.match(
      await copied(it, 'Embed code'),
      /^<script src="http:\/\/127\.0\.0\.1:\d+\/widget\.js" data-channel="\d+" async><\/script>$/,
    )
    assert.ok((await copied(it, 'Identity verification secret')).length > 30)
  },
)

story(
  'a test says what is missing by the name it has in the form, and what the platform says of a token it does not take',
  async ({ house, person }) => {
    const channel = await house.admin('POST', '/channels', {
      kind: 'whatsapp',
      name: 'Half done',
      external_id: '777',
      credentials: { app_secret: 'an app secret' },
    })
    const it = await at(house, person, 'channels')
    await it.chooses('Test: Half done')
    await it.sees('Access token is missing')
    await it.press('Escape')
    await it.chooses('Actions for Half done')
    await it.chooses('Edit')
    await fills(it, 'Access token', 'a token')
    await it.chooses('Save')
    await it.until("!document.querySelector('dialog')")
    await it.chooses('Test: Half done')
    await it.until("document.querySelector('dialog .steps')")
    assert.ok(
      await it.eval("!document.querySelector('dialog').textContent.includes('Access token is missing')"),
    )
    await it.until("document.querySelector('dialog .steps').textContent.includes('waba_id')")
    await it.press('Escape')
    await it.chooses('Actions for Half done')
    await it.chooses('Edit')
    await fills(it, 'WhatsApp Business account ID', '1')
    await it.chooses('Save')
    await it.until("!document.querySelector('dialog')")
    assert.equal((await house.admin('GET', `/channels/${channel.id}`)).options.waba_id, '1')
    await it.chooses('Test: Half done')
    await it.until(
      "document.querySelector('dialog .steps') && !document.querySelector('dialog .steps').textContent.includes('waba_id')",
    )
    // A token that the platform does not take: its own words.
    house.refuses = {
      text: '{}',
      status: 401,
      body: {
        error: {
          message: 'Error validating access token: it has expired',
          type: 'OAuthException',
          code: 190,
        },
      },
    }
    await it.chooses('Test again')
    await it.until("document.querySelector('dialog .steps .bad')?.textContent.includes('it has expired')")
    await it.chooses('Register webhook')
    await it.until(
      "[...document.querySelectorAll('dialog [role=alert]')].some(each => each.checkVisibility() && each.textContent.includes('it has expired'))",
    )
    house.refuses = null
    await it.chooses('Register webhook')
    await it.until(
      "document.querySelector('dialog .steps') && !document.querySelector('dialog').textContent.includes('it has expired')",
    )
    await house.admin('DELETE', `/channels/${channel.id}`)
  },
)

story(
  'a channel is renamed, given to the AI, turned off and on again, and deleted only after a question',
  async ({ house, person }) => {
    const channel = await house.admin('POST', '/channels', {
      kind: 'telegram',
      name: 'Bot',
      external_id: '',
      options: {},
      credentials: { bot_token: '4711:ABC' },
    })
    const it = await at(house, person, 'channels'),
      now = async () => house.admin('GET', `/channels/${channel.id}`)
    const act = async name => {
      await it.chooses('Actions for Bot')
      await it.chooses(name)
    }
    await act('Edit')
    await fills(it, 'Name', '')
    await it.chooses('Save')
    assert.equal(await wrongAt(it, 'Name'), 'This field is required.')
    await fills(it, 'Name', 'Bot')
    await fills(it, 'AI replies', 'Drafts for the team')
    await fills(it, 'Instructions for the AI', 'We close at six.')
    await it.chooses('Save')
    await it.until("!document.querySelector('dialog')")
    assert.deepEqual((await now()).options.ai, { mode: 'draft', instructions: 'We close at six.' })
    await act('Turn off')
    await it.until("document.querySelector('[aria-label=Bot] .state-mark')?.textContent === 'Off'")
    await it.chooses('Test: Bot')
    await it.sees("Turn it on when you're ready.")
    await it.press('Escape')
    await act('Turn on')
    // Nothing has ever come from it: it is not called working.
    await it.until(
      "/^(No events yet|Test failed)/.test(document.querySelector('[aria-label=Bot] .state-mark')?.textContent)",
    )
    await act('Delete')
    await it.sees('Its conversations are kept.')
    await it.chooses('Cancel')
    assert.equal((await now()).state, 'active')
    await act('Delete')
    await it.eval("document.querySelector('dialog .danger').click()")
    await it.until("!document.querySelector('[aria-label=Bot]')")
  },
)

story(
  'the overview is live: numbers, lines and tables follow what happens, and a reload keeps what was noted',
  async ({ house, person }) => {
    const it = await at(house, person, 'overview')
    const fact = name =>
      `[...document.querySelectorAll('.fact')].find(each => each.querySelector('h2').textContent === ${JSON.stringify(name)})`
    await it.until(`/^\\d+ in/.test(${fact('Messages per minute')}.querySelector('.figure').textContent)`)
    const heard =
        "Number(document.querySelector('.lines svg').getAttribute('aria-label').match(/In: (\\d+) now/)[1])",
      before = await it.eval(heard)
    // They are counted in the minute that runs: one that is about to end would take them along before anybody
    // looks.
    await eventually('a minute with time left', () => new Date().getSeconds() < 35, 30_000)
    await house.writes('351970000005', ['one', 'two'], 'Rosa Vidal')
    // A minute may have begun meanwhile, then they are all there is in it.
    await it.until(`${heard} === ${before} + 2 || ${heard} === 2`)
    await it.eval(
      `sessionStorage.setItem('rapport.trends', JSON.stringify({ open_sessions: [{ at: new Date(Date.now() - 60000).toISOString(), count: 7 }] }))`,
    )
    await it.reloads()
    await it.until(`${fact('Live connections')}?.querySelector('.spark .line')`)
    assert.match(
      await it.eval(`${fact('Live connections')}.querySelector('svg').getAttribute('aria-label')`),
      /0 now, peak 7 since/,
    )
    // By the keyboard: another number in the large picture, then as a table.
    await it.eval(
      "[...document.querySelectorAll('.views button')].find(each => each.textContent === 'Live connections').focus()",
    )
    await it.press('Enter')
    await it.until(
      "document.querySelector('.lines h3').textContent === 'Live connections' && document.querySelector('.lines .line')",
    )
    await it.press('Tab')
    for (
      let turn = 0;
      turn < 9 && !(await it.eval("document.activeElement.textContent === 'Show as table'"));
      turn++
    )
      await it.press('Tab')
    await it.press('Enter')
    await it.until(
      "[...document.querySelectorAll('.lines tbody tr')].length === 2 && !document.querySelector('.lines .chart').checkVisibility()",
    )
    assert.equal(await it.eval("document.querySelector('.lines tbody tr:last-child td').textContent"), '7')
    assert.equal(await it.eval("document.querySelectorAll('.fact svg[role=img][aria-label]').length"), 8)
  },
)

story(
  'a colleague is added, refused with words where something is wrong, removed and let in again; a token works until it is ended',
  async ({ house, person }) => {
    const it = await at(house, person, 'people')
    await it.chooses('Add colleague')
    const press = () => it.eval("document.querySelector('dialog .primary').click()")
    for (const [label, text] of [
      ['Name', 'Ana Lind'],
      ['Username', 'olga'],
      ['Password', 'short'],
      ['Email', 'ana@example.org'],
    ])
      await fills(it, label, text)
    await press()
    assert.equal(await wrongAt(it, 'Password'), 'Use at least 12 characters.')
    await fills(it, 'Password', PASSWORD)
    await press()
    await it.until(
      `document.querySelector('dialog [data-field=username] .error').textContent === 'This username is already taken.'`,
    )
    assert.equal(await it.eval('document.activeElement.name'), 'username')
    await fills(it, 'Username', 'ana')
    await press()
    await it.sees('Ana Lind can now sign in.')
    await it.until(inRow('Ana Lind', 'Agent'))
    await house.signsIn('ana')
    await it.chooses('Actions for Ana Lind')
    await it.chooses('Remove')
    await it.clicks('dialog .danger')
    await it.until(`!${inRow('Ana Lind', 'ana')}`)
    await it.chooses('Removed')
    await it.until(inRow('Ana Lind', 'ana'))
    await it.chooses('Actions for Ana Lind')
    await it.chooses('Restore access')
    await it.until(`!${inRow('Ana Lind', 'ana')}`)
    await house.signsIn('ana')

    await goes(it, house, 'tokens')
    await it.chooses('Create token')
    assert.equal(await wrongAt(it, 'What is it for?'), 'This field is required.')
    await fills(it, 'What is it for?', 'order system')
    await it.chooses('Create token')
    await it.sees('Copy it now')
    const token = await copied(it, 'Token'),
      me = () => fetch(`${house.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal((await me()).status, 200)
    await it.until(inRow('order system', 'Revoke'))
    await it.chooses('Revoke: order system')
    await it.eval("document.querySelector('dialog .danger').click()")
    await it.until(`!${inRow('order system', 'Revoke')}`)
    assert.equal((await me()).status, 401)
  },
  { expected: ['409'] },
)

story(
  'a flow is drawn step by step, mended where it cannot be walked, run, watched and stopped',
  async ({ house, person }) => {
    await house.writes('351970000001', 'Hello', 'Rosa Vidal')
    const it = await at(house, person, 'flows')
    const save = () => it.eval("document.querySelector('dialog .primary:not([type=button])').click()")
    const adds = async (way, kind) => {
      await it.chooses(way)
      await it.eval(
        `[...document.querySelectorAll('.menu button')].find(each => each.textContent === ${JSON.stringify(kind)}).click()`,
      )
      await it.until("document.querySelector('.flow-side').contains(document.activeElement)")
    }
    const opens = title => it.picks('.flow-node', title)
    await it.chooses('New flow')
    await fills(it, 'Name', 'Welcome')
    assert.equal(await it.eval('location.hash'), '#flows/new', 'the editor has an address')
    await fills(it, 'Trigger', 'Keyword')
    await save()
    assert.equal(await wrongAt(it, 'Message'), 'This field is required.', 'a message without words')
    await it.eval("document.querySelector('.flow-side textarea').focus()")
    await it.ask('Input.insertText', { text: 'Hello {{customer.first_name|there}}!' })
    await it.until("document.querySelector('.flow-node.message').textContent.includes('Hello')")
    await adds('Add a step after step 1', 'Wait')
    await fills(it, 'Duration', 'soon')
    await adds('Add a step after step 2', 'Go to step')
    await save()
    assert.match(await wrongAt(it, 'Duration'), /such as 30m/, 'the first step with a fault is shown')
    await fills(it, 'Duration', '1h')
    await save()
    assert.equal(await wrongAt(it, 'Step'), 'Choose a step')
    await leadsTo(it, 'Step', '1. Send message')
    await it.until("document.querySelectorAll('.way.back').length === 1")
    await save()
    await it.until(
      `document.querySelector('dialog [data-field=keywords] .error').textContent === 'Enter at least one keyword.'`,
    )
    await fills(it, 'Trigger', 'Manual')
    // What only the server can tell: a loop that never waits, said at its step.
    await opens('2. Wait')
    await it.chooses('Remove step 2')
    await save()
    await it.until(
      "document.querySelector('.flow-side .trouble')?.textContent.includes('without ever waiting')",
    )
    assert.ok(await it.eval("document.querySelector('.flow-node[aria-pressed=true]').matches('.wrong')"))
    await adds('Add a step after step 1', 'Wait')
    await save()
    await it.until("!document.querySelector('dialog')")
    await it.until("location.hash === '#flows'")
    await it.until(inRow('Welcome', 'Manual'))

    await it.chooses('Runs: Welcome')
    await it.sees('No runs yet.')
    await it.chooses('Start')
    await it.until(inRow('#', 'Send message')) // it did its first step while being watched
    await it.until(inRow('#', 'until'))
    await eventually('the flow speaks', () =>
      house.accepted.some(each => JSON.stringify(each.body).includes('Hello Rosa!')),
    )
    await it.reloads()
    await it.until("document.querySelector('h1')?.textContent === 'Runs of Welcome'")
    await it.chooses('Stop')
    await it.until(inRow('#', 'Stopped'))
    await it.eval("document.querySelector('.board .back').click()")
    await it.until(inRow('Welcome', '0 running'))
  },
  { expected: ['422'] },
)

story(
  'a canned reply and a label are made, and none twice',
  async ({ house, person }) => {
    const it = await at(house, person, 'canned')
    for (const turn of [1, 2]) {
      await it.chooses('New canned reply')
      await fills(it, 'Shortcut', '/thanks')
      await fills(it, 'Text', 'Thank you for writing!')
      await it.chooses('Save')
      if (turn === 1)
        await it.until(`!document.querySelector('dialog') && ${inRow('/thanks', 'Thank you for writing!')}`)
    }
    await it.until(
      "document.querySelector('dialog [data-field=shortcut] .error').textContent === 'A canned reply with this shortcut already exists.'",
    )
    await fills(it, 'Shortcut', 'two words')
    await it.chooses('Save')
    await it.until(
      "document.querySelector('dialog [data-field=shortcut] .error').textContent.includes('without spaces')",
    )
    await it.press('Escape')
    await it.chooses('Discard')
    await it.gone('dialog')
    await goes(it, house, 'labels')
    for (const turn of [1, 2]) {
      await it.chooses('New label')
      await fills(it, 'Name', 'Refund')
      await it.chooses('Save')
      if (turn === 1) await it.until(`!document.querySelector('dialog') && ${inRow('Refund', '')}`)
    }
    await it.until(
      "document.querySelector('dialog [data-field=name] .error').textContent === 'A label with this name already exists.'",
    )
  },
  { expected: ['409', '422'] },
)

story(
  'a program is told: its secret shown once, its refusals in the log, told again by hand',
  async ({ house, person }) => {
    const it = await at(house, person, 'hooks')
    await it.chooses('New webhook')
    await fills(it, 'Name', 'Orders')
    await fills(it, 'URL', 'ftp://orders.example')
    await it.eval("for (const box of document.querySelectorAll('dialog [type=checkbox]')) box.click()")
    await it.chooses('Save')
    await it.until(
      "document.querySelector('dialog [data-field=url] .error').textContent.includes('https://')",
    )
    await fills(it, 'URL', `http://127.0.0.1:${listener.address().port}/rapport`)
    await it.chooses('Save')
    await it.until(
      "document.querySelector('dialog [data-field=events] .error').textContent === 'Choose at least one event.'",
    )
    await it.eval("document.querySelector('dialog [name=message_created]').click()")
    await it.chooses('Save')
    await it.sees('Copy this secret now')
    assert.ok((await copied(it, 'Signing secret')).length > 30)
    await it.chooses('Done')
    program.says = 410
    await house.writes('351970000002', 'Is my order on its way?', 'Ömer Çelik')
    await eventually('the program hears it', () => program.heard.length)
    await it.chooses('Deliveries: Orders')
    await it.until(inRow('Message created', '410'))
    program.says = 200
    await it.chooses('Resend')
    await it.until(inRow('Message created', 'Delivered'))
    assert.equal(
      new Set(program.heard.map(each => each.headers['x-rapport-event-id'])).size,
      1,
      'told again under the same id',
    )
    assert.match(await it.eval('location.hash'), /^#hooks\/\d+$/, 'the deliveries have an address')
    await it.reloads()
    await it.until(inRow('Message created', 'Delivered'))
    await it.eval("document.querySelector('.board .back').click()")
    await it.chooses('Actions for Orders')
    await it.chooses('Turn off')
    await it.until(inRow('Orders', 'Off'))
  },
  { expected: ['422'] },
)

story(
  'what was refused is sent again, what was not understood can be read again and stays kept, and the overview leads to both',
  async ({ house, person }) => {
    house.refuses = {
      text: 'refuse me',
      status: 400,
      body: { error: { message: 'Recipient is not allowed', code: 131030 } },
    }
    const id = await house.writes('351970000003', 'Hello', 'Rosa Vidal')
    await house.admin('POST', `/conversations/${id}/messages`, { content: 'refuse me', client_id: 'r1' })
    await eventually(
      'the platform refuses',
      async () => (await house.admin('GET', '/deliveries?status=failed')).items.length,
    )
    const odd = { from: '351970000004', timestamp: '1', type: 'text', text: { body: 'Who wrote this?' } }
    await house.hook({ contacts: [{ profile: { name: 'Odd' }, wa_id: '351970000004' }], messages: [odd] })
    const it = await at(house, person, 'overview')
    await it.until("document.querySelector('.verdict a')?.textContent.includes('unreadable')")
    await it.eval(
      "[...document.querySelectorAll('.fact a')].find(each => each.textContent === 'Not delivered').click()",
    )
    await it.until(inRow('Support line', 'Recipient is not allowed'))
    assert.equal(await it.eval("document.querySelector('.views [aria-pressed=true]').textContent"), 'Failed')
    await it.chooses('Attempts: 1')
    await it.until("document.querySelector('dialog table')?.textContent.includes('Recipient is not allowed')")
    await it.press('Escape')
    house.refuses = null
    await it.chooses('Try again')
    await it.sees('Sending again.')
    await eventually('it goes out', () =>
      house.accepted.some(each => JSON.stringify(each.body).includes('refuse me')),
    )
    await it.chooses('All')
    await it.until(
      `!${inRow('Support line', 'Recipient is not allowed')} && ${inRow('Support line', 'Sent')}`,
    )

    await it.chooses('Reprocess')
    await it.sees("This event still can't be read. It stays here.")
    await it.until(inRow('Support line', 'Reprocess'))
  },
)

story(
  'the reports are shown three ways and saved as a file; the audit log says who did it',
  async ({ house, person }) => {
    const it = await at(house, person, 'reports')
    const folder = mkdtempSync(join(tmpdir(), 'rapport-reports-'))
    await it.browser.ask('Browser.setDownloadBehavior', {
      behavior: 'allow',
      downloadPath: folder,
      browserContextId: it.browserContextId,
    })
    await it.until("/\\d{4}/.test(document.querySelector('tbody th')?.textContent)")
    assert.match(await it.eval("document.querySelector('tbody th').textContent"), /^\w{3}, \w{3} \d+, \d{4}$/)
    await it.chooses('Channel')
    await it.until(inRow('Support line', ''))
    await it.chooses('Colleague')
    await it.until("document.querySelector('thead th').textContent === 'Colleague'")
    await it.chooses('Download as CSV')
    await it.sees('downloaded.')
    const file = await eventually('the file is there', () =>
      readdirSync(folder).find(name => name.endsWith('.csv')),
    )
    assert.match(file, /^rapport-agent-\d{4}-\d\d-\d\d\.csv$/)
    assert.match(readFileSync(join(folder, file), 'utf8'), /^agent,name,conversations,messages_in/)
    rmSync(folder, { recursive: true })
    await goes(it, house, 'audit')
    await it.until(inRow('Exported data', 'olga'))
    for (const [what, more] of [
      ['Connected a channel', 'Messenger · Name: Our page'],
      ['Added a person', 'Username: ana'],
      ['Created a token', ''],
    ])
      assert.ok(await it.eval(inRow(what, more)), `${what} ${more}`)
    assert.equal((await rowOf(it, 'Exported data'))[1], 'olga')
  },
)

story('settings are kept, and refused with words where they cannot be', async ({ house, person }) => {
  const it = await at(house, person, 'settings')
  const save = nth => it.eval(`document.querySelectorAll('.card .primary')[${nth}].click()`)
  await fills(it, 'Undo send (seconds)', '500')
  await save(0)
  assert.equal(await wrongAt(it, 'Undo send (seconds)'), 'Enter a number from 0 to 120.')
  await fills(it, 'Undo send (seconds)', '5')
  await fills(it, 'Name', 'North Pier')
  await save(0)
  await it.sees('Saved.')
  await fills(it, 'Use business hours', 'Yes')
  await fills(it, 'Time zone', 'Atlantis')
  const time = (name, value) =>
    it.eval(
      `(() => { const box = document.querySelector('[name=${JSON.stringify(name)}]'); box.value = '${value}'; box.dispatchEvent(new Event('input', { bubbles: true })) })()`,
    )
  await time('from-1', '18:00')
  await time('to-1', '09:00')
  await time('from-2', '09:00')
  await save(1)
  assert.match(await wrongAt(it, 'Time zone'), /Unknown time zone/)
  assert.match(await wrongAt(it, 'Monday'), /must be after the start/)
  assert.match(await wrongAt(it, 'Tuesday'), /both times/)
  await fills(it, 'Time zone', 'Europe/Madrid')
  await time('from-1', '09:00')
  await time('to-1', '18:00')
  await time('from-2', '')
  await save(1)
  await eventually('they are kept', async () => {
    const all = await house.admin('GET', '/settings')
    return (
      all.workspace_name === 'North Pier' &&
      all.undo_seconds === 5 &&
      all.business_hours.is_on &&
      JSON.stringify(all.business_hours.days) === '[{"day":1,"from":"09:00","to":"18:00"}]'
    )
  })
  await house.admin('PATCH', '/settings', {
    undo_seconds: 0,
    business_hours: { is_on: false, time_zone: 'UTC', days: [] },
  })
})

story(
  'an agent is told that the dashboard is for admins; an admin is told when the server is gone, and that it is back',
  async ({ house, person }) => {
    const agent = await at(house, person, 'people', { call: await house.signsIn('ana') })
    await agent.sees('Not for your role')
    assert.equal(await agent.eval("document.querySelectorAll('.places, table').length"), 0)
    const it = await at(house, person, 'overview')
    await it.until("document.querySelector('.fact .figure')?.textContent !== '–'")
    await it.offline(true)
    await it.until("document.querySelector('.verdict')?.textContent.includes('unavailable')")
    await it.eval("location.hash = 'canned'")
    await it.sees("Can't reach the server.")
    await it.offline(false)
    await it.until(inRow('/thanks', 'Thank you'))
    assert.ok(!(await it.eval("document.querySelector('[role=alert]')?.checkVisibility()")))
  },
)
