// Lists to their end, numbers of all that there is, and a colleague who goes without taking anything along.
import assert from 'node:assert/strict'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const texts = selector => `[...document.querySelectorAll('${selector}')].map(each => each.textContent.trim())`

story(
  'what the team has can be used to its end: the 120th label, the 60th channel and the 110th colleague are in their menus, and found by typing',
  async ({ house, person }) => {
    const number = n => String(n).padStart(3, '0')
    for (let n = 1; n <= 120; n++) await house.admin('POST', '/labels', { name: `Label ${number(n)}` })
    for (let n = 1; n <= 60; n++) await house.webchat({ name: `Shop ${number(n)}` })
    for (let n = 1; n <= 110; n++)
      await house.admin('POST', '/users', {
        username: `person${n}`,
        full_name: n === 110 ? 'Zoë Last' : `Person ${number(n)}`,
        password: 'correct horse battery',
        role: 'agent',
      })
    const id = await house.writes('351950000001', 'Hello')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Hello'])
    await agent.press('Escape')
    await agent.press('l')
    const options = texts('.picker .option > span:not([class])')
    await agent.until(`${options}.filter(each => each.startsWith('Label')).length === 120`)
    await agent.until("document.activeElement.matches('.picker input')")
    await agent.ask('Input.insertText', { text: 'label 119' })
    await agent.until(`${options}.join() === 'Label 119'`)
    await agent.picture(`${PICTURES}/menu-find.png`)
    await agent.press('Enter')
    await eventually('the label is on', async () =>
      (await house.admin('GET', `/conversations/${id}`)).labels.some(each => each.name === 'Label 119'),
    )
    // Several labels are chosen in one go: then it is still open.
    if (await agent.eval("!!document.querySelector('.picker')")) await agent.press('Escape')
    await agent.clicks('.assign')
    await agent.until("document.activeElement.matches('.picker input')")
    await agent.ask('Input.insertText', { text: 'zoe' })
    await agent.until(`${options}.includes('Zoë Last')`)
    await agent.press('Enter')
    await eventually(
      'she has it',
      async () => (await house.admin('GET', `/conversations/${id}`)).assignee?.name === 'Zoë Last',
    )
    await agent.clicks('[aria-label="Filter"]')
    await agent.until(
      `${texts('.picker .option, .menu [role^=menuitem], dialog label')}.some(each => each.includes('Shop 060'))`,
    )
    await agent.press('Escape')
    await agent.opens(`${house.url}/admin#flows`)
    await agent.chooses('New flow')
    await agent.until(`${texts('dialog select[name=channel_id] option')}.includes('Shop 060')`)
  },
)

story(
  'the numbers of the views are of all that there is, not of what is loaded, and they stay true',
  async ({ house, person }) => {
    for (let n = 0; n < 61; n++)
      await house.writes(`3519600001${String(n).padStart(2, '0')}`, `Question ${n}`)
    const all = (await house.admin('GET', '/conversations/counts?status=open')).unread
    const agent = await person()
    await house.enters(agent, ADMIN)
    const badge = n => `document.querySelectorAll('.views button .badge')[${n}].textContent`
    await agent.until(`${badge(0)} === '${all}'`)
    assert.ok(all > 60, `${all}`)
    await agent.until(`document.title.startsWith('(')`)
    const unassigned = Number(await agent.eval(badge(2)))
    await agent.clicks('[data-conversation]')
    await agent.until(`${badge(0)} === '${all - 1}' && ${badge(2)} === '${unassigned - 1}'`)
    await agent.until(`document.title.startsWith('(${unassigned - 1})')`)
    await house.writes('351960000999', 'One more')
    await agent.until(`${badge(0)} === '${all}'`)
  },
)

story(
  'who removes a colleague reads how many conversations they hold and says who takes them',
  async ({ house, person }) => {
    const ana = await house.adds('ana', 'Ana Lind')
    const ben = await house.adds('ben', 'Ben Ode')
    const first = await house.writes('351970000001', 'For Ana'),
      second = await house.writes('351970000002', 'For Ana, too')
    for (const id of [first, second])
      await house.admin('PATCH', `/conversations/${id}`, { assignee_id: ana.id })
    const admin = await person()
    await house.enters(admin, ADMIN, '/admin#people')
    const remove = async name => {
      await admin.types('input[type=search]', name)
      await admin.until(`document.querySelectorAll('tbody tr').length === 1`)
      await admin.chooses(`Actions for ${name}`)
      await admin.chooses('Remove')
      await admin.there('dialog[open] form')
    }
    await remove('Ana Lind')
    await admin.sees('2 open conversations are assigned to them.')
    await admin.picture(`${PICTURES}/leaving.png`)
    assert.equal(
      await admin.eval("document.activeElement.matches('.danger')"),
      false,
      'Enter alone removes nobody',
    )
    await admin.eval(
      `(it => { it.value = '${ben.id}'; it.dispatchEvent(new Event('change', { bubbles: true })) })(document.querySelector('dialog select'))`,
    )
    await admin.clicks('dialog .danger')
    await admin.gone('dialog')
    for (const id of [first, second])
      assert.equal((await house.admin('GET', `/conversations/${id}`)).assignee_id, ben.id)
    await admin.eval("document.querySelector('input[type=search]').value = ''")
    await remove('Ben Ode')
    await admin.clicks('dialog .danger')
    await admin.gone('dialog')
    assert.equal((await house.admin('GET', `/conversations/${first}`)).assignee_id, null)
  },
)
