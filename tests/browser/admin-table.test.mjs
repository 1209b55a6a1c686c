// A table of many rows is walked to its end, put in order and searched as a whole, and the address brings all
// of it back; and a call of the API is tried where it is described.
import assert from 'node:assert/strict'
import { ADMIN } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()

const MANY = 300
const shortcut = number => `r${String(number).padStart(3, '0')}`
const heads = it => it.eval("[...document.querySelectorAll('tbody th')].map(each => each.textContent)")
const range = it => it.eval("document.querySelector('.pager span').textContent")
const ranges = (it, words) => it.until(`document.querySelector('.pager span')?.textContent === '${words}'`)

story('three hundred rows are walked to the end, and none is twice or missing', async ({ house, person }) => {
  for (let number = 1; number <= MANY; number++)
    await house.admin('POST', '/canned-replies', { shortcut: shortcut(number), content: `Reply ${number}` })
  const it = await person()
  await house.enters(it, ADMIN, '/admin#canned')
  await ranges(it, '1–50, more follow')
  const seen = await heads(it)
  for (let page = 2; page <= MANY / 50; page++) {
    await it.chooses('Next')
    await it.until(`document.querySelector('.pager span').textContent.startsWith('${(page - 1) * 50 + 1}–')`)
    await it.until("document.querySelectorAll('tbody tr').length === 50")
    seen.push(...(await heads(it)))
  }
  assert.equal(await range(it), '251–300 of 300')
  assert.ok(
    await it.eval("document.querySelector('.pager button:last-child').disabled"),
    'there is nothing beyond',
  )
  assert.deepEqual(
    seen,
    Array.from({ length: MANY }, (_, i) => `/${shortcut(i + 1)}`),
  )
  assert.equal(await it.eval('location.hash'), '#canned?page=6')
  await it.reloads()
  await ranges(it, '251–300 of 300')
  await it.chooses('First')
  await ranges(it, '1–50 of 300')
})

story('an order and a search are of the whole list, and stand in the address', async ({ house, person }) => {
  const it = await person()
  await house.enters(it, ADMIN, '/admin#canned')
  await ranges(it, '1–50, more follow')
  const sort = () => it.clicks('thead th:first-child .sort')
  await sort()
  await sort()
  await it.until(`document.querySelector('tbody th')?.textContent === '/${shortcut(MANY)}'`)
  assert.equal(await it.eval("document.querySelector('thead th').getAttribute('aria-sort')"), 'descending')
  await it.chooses('Next')
  await ranges(it, '51–100 of 300')
  assert.equal(await it.eval('location.hash'), '#canned?sort=-shortcut&page=2')
  await it.reloads()
  await ranges(it, '51–100 of 300')
  assert.equal((await heads(it))[0], `/${shortcut(MANY - 50)}`)
  await it.types('.find input', 'reply 29')
  // 29, and 290 to 299.
  await it.until("document.querySelectorAll('tbody tr').length === 11")
  assert.equal((await heads(it))[0], '/r299')
  await it.types('.find input', 'x')
  await it.sees('No match.')
  // Back leads to the page one came from, not through every letter.
  await it.eval("location.hash = 'labels'")
  await it.until("document.querySelector('h1').textContent === 'Labels'")
  await it.eval('history.back()')
  await it.until("document.querySelector('.find input')?.value === 'reply 29x'")
})

story('filters of a page survive a reload and a copied link', async ({ house, person }) => {
  await house.adds('ana', 'Ana Lind')
  const it = await person()
  await house.enters(it, ADMIN, '/admin#people')
  await it.types('.filters [type=search]', 'lind')
  await it.until("location.hash === '#people?q=lind' && document.querySelectorAll('tbody tr').length === 1")
  await it.reloads()
  await it.until("document.querySelectorAll('tbody tr').length === 1")
  assert.equal(await it.eval("document.querySelector('.filters [type=search]').value"), 'lind')
  await it.eval("location.hash = 'reports/agent?days=7'")
  await it.until("document.querySelector('thead th')?.textContent === 'Colleague'")
  assert.deepEqual(
    await it.eval(
      "[...document.querySelectorAll('.views [aria-pressed=true]')].map(each => each.textContent)",
    ),
    ['Colleague', '7 days'],
  )
  const ana = (await house.admin('GET', '/users?q=lind')).items[0]
  await it.eval(`location.hash = 'audit?kind=user_created'`)
  await it.until(
    "[...document.querySelectorAll('tbody tr')].some(each => each.textContent.includes('Added a person'))",
  )
  await it.until(
    "![...document.querySelectorAll('tbody tr')].some(each => each.textContent.includes('Created a canned reply'))",
  )
  await it.eval(`location.hash = 'audit?user=${ana.id}'`)
  await it.until(
    "[...document.querySelectorAll('.filters select')][0]?.selectedOptions[0]?.textContent === 'Ana Lind'",
  )
})

story(
  'a call is tried where it is described: what changes something asks first, a wrong token is refused in words',
  async ({ house, person }) => {
    const it = await person()
    await house.enters(it, ADMIN, '/docs')
    const card = id => `document.getElementById('${id}')`
    const opens = async id => {
      await it.until(card(id))
      await it.eval(`${card(id)}.querySelector('.try summary').click()`)
      await it.until(`${card(id)}.querySelector('.try form')`)
    }
    const sends = id => it.eval(`${card(id)}.querySelector('.try footer button').click()`)
    const answers = (id, words) =>
      it.until(`${card(id)}.querySelector('.result')?.textContent.includes(${JSON.stringify(words)})`)
    await opens('get-api-v1-canned-replies')
    await it.types('#get-api-v1-canned-replies-query-limit', '2')
    assert.match(
      await it.eval(`${card('get-api-v1-canned-replies')}.querySelector('.curl input').value`),
      /^curl 'http:\/\/127\.0\.0\.1:\d+\/api\/v1\/canned-replies\?limit=2'/,
    )
    await sends('get-api-v1-canned-replies')
    await answers('get-api-v1-canned-replies', '200')
    await answers('get-api-v1-canned-replies', 'next_cursor')

    await opens('post-api-v1-labels')
    await it.types('#post-api-v1-labels-body', '!')
    await sends('post-api-v1-labels')
    await it.sees('The body is not valid JSON')
    await it.eval(
      `(() => { const box = document.getElementById('post-api-v1-labels-body'); box.value = '{"name": "Tried", "color": "#123456"}'; box.dispatchEvent(new Event('input')) })()`,
    )
    await sends('post-api-v1-labels')
    await it.sees('This changes real data on this server.')
    await it.chooses('Cancel')
    await it.gone('dialog')
    assert.equal((await house.admin('GET', '/labels')).items.length, 0, 'nothing was sent')
    await sends('post-api-v1-labels')
    await it.eval("document.querySelector('dialog .primary').click()")
    await answers('post-api-v1-labels', '201')
    const [label] = (await house.admin('GET', '/labels')).items
    assert.equal(label.name, 'Tried')

    await opens('delete-api-v1-labels-id-')
    await sends('delete-api-v1-labels-id-')
    await it.sees('Enter a value for id.')
    await it.types('#delete-api-v1-labels-id--path-id', String(label.id))
    await it.types('#token', 'no token of ours')
    await sends('delete-api-v1-labels-id-')
    await it.eval("document.querySelector('dialog .danger').click()")
    await answers('delete-api-v1-labels-id-', '401')
    assert.equal((await house.admin('GET', '/labels')).items.length, 1)
    assert.ok(
      !(await it.eval('JSON.stringify({...localStorage, ...sessionStorage})')).includes('no token of ours'),
    )
  },
  { expected: ['401'] },
)
