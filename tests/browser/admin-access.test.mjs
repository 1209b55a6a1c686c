// Every page of the dashboard for everybody: light and dark, from the left and from the right, wide and
// narrow; and every word of it in the person's language.
import assert from 'node:assert/strict'
import { faults } from './axe.mjs'
import { ADMIN, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()

/** Every page and every dialog that is a page of its own, by a name and what opens it. */
const PAGES = [
  ['overview'],
  ['channels'],
  ['flows'],
  ['canned'],
  ['labels'],
  ['people'],
  ['hooks'],
  ['tokens'],
  ['deliveries'],
  ['reports'],
  ['settings'],
  ['audit'],
  ['wizard', 'channels', '.top .primary'],
  ['keys', 'channels', '.top .primary', '.kinds button'],
  ['check', 'channels', '.channel footer button'],
  ['editor', 'flows', '.top .primary'],
  ['picture', 'flows/1'],
  ['runs', 'flows/1/runs'],
  ['told', 'hooks/1'],
  ['channel', 'channels', '.channel [aria-haspopup=menu]', '.menu button'],
  ['hook', 'hooks', '.top .primary'],
  ['person', 'people', '.top .primary'],
]

story('the dashboard has something to show', async ({ house }) => {
  await house.adds('ana', 'Ana Lind')
  house.refuses = {
    text: 'refuse me',
    status: 400,
    body: { error: { message: 'Recipient is not allowed', code: 131030 } },
  }
  const id = await house.writes('351980000001', 'Hello', 'Rosa Vidal')
  await house.admin('POST', `/conversations/${id}/messages`, { content: 'refuse me', client_id: 'f1' })
  await house.hook({
    messages: [{ from: '351980000002', timestamp: '1', type: 'text', id: 'wamid.ODD', text: 7 }],
  })
  await house.webchat()
  const flow = await house.admin('POST', '/flows', {
    name: 'Welcome',
    trigger: { kind: 'keyword', keywords: ['hello'] },
    steps: [
      { kind: 'message', text: 'Hello!', attachment_ids: [] },
      { kind: 'wait', seconds: 3600 },
    ],
  })
  await house.admin('POST', `/flows/${flow.id}/runs`, { conversation_id: id })
  await house.admin('POST', '/canned-replies', { shortcut: 'thanks', content: 'Thank you!' })
  await house.admin('POST', '/labels', { name: 'Refund', color: '#d9480f' })
  await house.admin('POST', '/hooks', {
    name: 'Orders',
    url: 'https://orders.example/rapport',
    events: ['message_created'],
  })
  await house.admin('POST', '/tokens', { name: 'order system' })
})

/** What the other theme could break in a page that has been looked at whole. */
const OF_COLOUR = ['color-contrast', 'link-in-text-block']

/** Whether what is opened covers the page. */
const isDialog = ([, place, ...presses]) => presses.length > 0 || /^flows\/\d+$/.test(place ?? '')

/** Opens a page, and a dialog on it, without loading anything anew. */
async function opens(it, [, place, ...presses]) {
  await it.eval(`location.hash = ${JSON.stringify(place)}`)
  await it.until(
    `document.querySelector('.places [aria-current]').hash === '#${place.split('/')[0]}' && ![...document.querySelectorAll('.late')].some(each => each.checkVisibility()) && document.querySelector('.fact .figure')?.textContent !== '–'`,
  )
  for (const press of presses) await it.clicks(`dialog ${press}, :root:not(:has(dialog)) ${press}`)
  if (isDialog(['', place, ...presses]))
    await it.until(
      "document.querySelector('dialog') && ![...document.querySelectorAll('dialog .late')].some(each => each.checkVisibility())",
    )
}

async function leaves(it) {
  await it.press('Escape')
  await it.until("!document.querySelector('dialog')")
}

/**
 * Each look is somebody of its own; a dark one has been looked at whole when it was light, and in the
 * narrowest it is the layout that counts.
 */
const LOOKS = {
  light: {},
  dark: { dark: true, rules: OF_COLOUR },
  'light-rtl': { languages: 'ar' },
  'dark-rtl': { languages: 'ar', dark: true, rules: OF_COLOUR },
  phone: { width: 390, height: 844, dark: true },
  'phone-rtl': { width: 360, height: 640, languages: 'ar', rules: [] },
  // 400 % of a small screen.
  tiny: { width: 320, height: 256, rules: [] },
}

for (const [look, { rules, ...how }] of Object.entries(LOOKS)) {
  story(
    `axe finds nothing on any page of the dashboard, and none scrolls sideways: ${look}`,
    async ({ house, person }) => {
      const it = await person(how),
        wrong = []
      await it.looks({ dark: how.dark, calm: true })
      await house.enters(it, ADMIN, '/admin')
      for (const page of PAGES) {
        const [name, place = name] = page
        await opens(it, [name, place, ...page.slice(2)])
        await it.picture(`${PICTURES}/admin-${look}-${name}.png`)
        for (const fault of await faults(it, rules)) wrong.push(`${name}: ${fault}`)
        const sideways = await it.eval(
          "['html', '.board', 'dialog'].map(each => document.querySelector(each)).filter(each => each && each.scrollWidth > each.clientWidth + 1).map(each => each.tagName)",
        )
        if (sideways.length) wrong.push(`${name}: scrolls sideways: ${sideways}`)
        if (isDialog(page)) await leaves(it)
      }
      assert.deepEqual(wrong, [])
    },
  )
}

story('a made-up language finds no word of the dashboard in the code', async ({ house, person }) => {
  const fake = `const fetched = fetch; window.fetch = async (...all) => { const answer = await fetched(...all); if (!String(all[0]).includes('/words/')) return answer; return new Response((await answer.text()).replace(/: "([^"]*)"/g, (_, text) => ': "⟦' + text + '⟧"')) }`
  const it = await person({ before: fake }),
    bare = new Set()
  await house.enters(it, ADMIN, '/admin')
  for (const page of PAGES) {
    const [name, place = name] = page
    await opens(it, [name, place, ...page.slice(2)])
    for (const text of await it.eval(`(() => {
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), out = []
      while (walk.nextNode()) {
        const text = walk.currentNode.data.trim(), at = walk.currentNode.parentElement
        if (/[A-Za-z]{3}/.test(text) && !text.includes('⟦') && !at.closest('[dir=auto], bdi, noscript, time, .mono, option, legend')) out.push(text)
      }
      for (const each of document.querySelectorAll('[aria-label], [placeholder], [title]')) for (const name of ['aria-label', 'placeholder', 'title']) { const text = each.getAttribute(name); if (text && /[A-Za-z]{3}/.test(text) && !text.includes('⟦') && each.tagName !== 'TIME' && !each.closest('.rail .me, .channel') && text !== 'https://') out.push(name + ': ' + text) }
      return out
    })()`))
      bare.add(`${name}: ${text}`)
    if (isDialog(page)) await leaves(it)
  }
  assert.deepEqual([...bare], [])
})

story(
  'the dashboard works without a mouse: to the page, through a menu, into a dialog and back to where one was',
  async ({ house, person }) => {
    const it = await person()
    await house.enters(it, ADMIN, '/admin#people')
    await it.until("document.querySelector('tbody tr')")
    await it.press('Tab')
    assert.ok(await it.eval("document.activeElement.matches('.skip')"))
    await it.press('Enter')
    assert.equal(await it.eval('document.activeElement.id'), 'board')
    const tabsTo = async selector => {
      for (let turn = 0; turn < 30; turn++) {
        await it.press('Tab')
        if (await it.eval(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
      }
      assert.fail(`the key never leads to ${selector}`)
    }
    await tabsTo('tbody [aria-haspopup=menu]')
    await it.press('Enter')
    await it.until("document.activeElement.matches('[role=menuitem]')")
    await it.press('Enter')
    await it.there('dialog [name=full_name]')
    assert.ok(await it.eval("document.querySelector('dialog').contains(document.activeElement)"))
    await it.press('Escape')
    await it.until(
      "!document.querySelector('dialog') && document.activeElement.matches('tbody [aria-haspopup=menu]')",
    )
    // The list is drawn anew, and the focus stays on the same row.
    const name = await it.eval("document.activeElement.getAttribute('aria-label')")
    await house.admin('POST', '/users', {
      username: 'zoe',
      full_name: 'Zoe Ng',
      password: 'correct horse battery',
    })
    await it.eval(
      "(() => { const find = document.querySelector('[type=search]'); find.value = ' '; find.dispatchEvent(new Event('input')) ; find.value = 'o'; find.dispatchEvent(new Event('input')) })()",
    )
    await it.until("document.querySelector('tbody').textContent.includes('Zoe')")
    assert.equal(await it.eval("document.activeElement.getAttribute('aria-label')"), name)
  },
)
