// The visitor's side on other people's pages: rows 37 and 38, and what it costs them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { after } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
/** Somebody's shop, with a strict policy and a rude stylesheet. */
const shop = createServer((request, answer) => {
  const { home, channel, looks = '' } = Object.fromEntries(new URL(request.url, 'http://x').searchParams)
  if (request.url.startsWith('/style.css')) {
    answer.setHeader('content-type', 'text/css')
    return answer.end(
      'button, iframe { background: red !important; display: inline !important; inline-size: 5px !important }',
    )
  }
  answer.setHeader('content-type', 'text/html')
  answer.setHeader(
    'content-security-policy',
    `default-src 'none'; script-src ${home}; frame-src ${home}; style-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'`,
  )
  answer.end(
    `<!doctype html><html lang=en><link rel=icon href="data:,"><link rel=stylesheet href="/style.css"><title>Shop</title><h1>Shop</h1><input id=own><script src="${home}/widget.js" data-channel="${channel}" ${looks} async></script></html>`,
  )
})
await new Promise(done => {
  shop.listen(0, '127.0.0.1', done)
})
const site = `http://127.0.0.1:${shop.address().port}`
after(() => {
  shop.closeAllConnections()
  shop.close()
})

/**
 * Asks the frame behind the closed root, as only the debugger may; a world of its own each time, because the
 * frame navigates.
 */
const frameOf = visitor => async expression => {
  const { frameTree } = await visitor.ask('Page.getFrameTree')
  const { executionContextId } = await visitor.ask('Page.createIsolatedWorld', {
    frameId: frameTree.childFrames[0].frame.id,
  })
  return (
    await visitor.ask('Runtime.evaluate', {
      expression,
      contextId: executionContextId,
      awaitPromise: true,
      returnByValue: true,
    })
  ).result.value
}
/** Every node of the page, behind the closed root too. */
const nodesOf = async visitor => {
  const { root } = await visitor.ask('DOM.getDocument', { depth: -1, pierce: true }),
    all = []
  const walk = (node, inChat) => {
    all.push({ ...node, inChat })
    for (const each of [...(node.children ?? []), ...(node.shadowRoots ?? [])])
      walk(each, inChat || node.localName === 'rapport-chat')
  }
  walk(root, false)
  return all
}
const soon = async (what, look) => {
  for (let turn = 0; turn < 300; turn++) {
    const found = await look().catch(() => null)
    if (found) return found
    await new Promise(done => setTimeout(done, 50))
  }
  throw new Error(`never happened: ${what}`)
}
const press = async (visitor, x, y) => {
  for (const type of ['mousePressed', 'mouseReleased'])
    await visitor.ask('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 })
}

story(
  'the chat works on a page with a strict policy and a rude stylesheet; Escape closes it and gives the focus back; a badge tells of an answer',
  async ({ house, person }) => {
    const channel = await house.webchat({ options: { allowed_sites: [site], allowed_origins: [site] } })
    const visitor = await person({ width: 1000, height: 800 })
    await visitor.opens(`${site}/?home=${encodeURIComponent(house.url)}&channel=${channel.id}`)
    await visitor.until("document.querySelector('rapport-chat')")
    assert.equal(
      await visitor.eval("document.querySelector('rapport-chat').shadowRoot"),
      null,
      'the root is open',
    )
    await press(visitor, 1000 - 48, 800 - 48)
    const frame = frameOf(visitor)
    await soon('the box', () => frame("!!document.querySelector('textarea')"))
    await frame("document.querySelector('textarea').focus()")
    await visitor.ask('Input.insertText', { text: 'Hello from the shop' })
    await visitor.press('Enter')
    await soon('the message', () =>
      frame("document.querySelector('.message .body')?.textContent === 'Hello from the shop'"),
    )
    await visitor.press('Escape')
    await soon('the focus is back', () => visitor.eval("document.activeElement.localName === 'rapport-chat'"))
    const found = await soon('it is stored', async () =>
      (await house.admin('GET', '/conversations')).items.find(
        each => each.last_message?.content === 'Hello from the shop',
      ),
    )
    await house.admin('POST', `/conversations/${found.id}/messages`, {
      content: 'Hello shopper',
      client_id: 'w1',
    })
    await soon('the answer', () =>
      frame("[...document.querySelectorAll('.message .body')].at(-1)?.textContent === 'Hello shopper'"),
    )
    // The frame tells the page of it, a moment after it has shown it.
    await soon('the badge', async () => (await nodesOf(visitor)).some(each => each.nodeValue === '1'))
  },
)

story(
  'the chat stands in the corner, has the hue and wears the theme that its page says, and follows it',
  async ({ house, person }) => {
    const channel = await house.webchat({ options: { allowed_sites: [site] } })
    const visitor = await person({ width: 1000, height: 800 })
    const looks = 'data-color="#0f7b4d" data-position="start" data-theme="dark"'
    await visitor.opens(
      `${site}/?home=${encodeURIComponent(house.url)}&channel=${channel.id}&looks=${encodeURIComponent(looks)}`,
    )
    await visitor.until("document.querySelector('rapport-chat')")
    await press(visitor, 48, 800 - 48)
    const frame = frameOf(visitor)
    await soon('the box', () => frame("!!document.querySelector('textarea')"))
    const hue = await frame("Number(document.documentElement.style.getPropertyValue('--hue'))")
    assert.ok(Math.abs(hue - 158) < 5, `${hue}`)
    await soon('it is dark', () => frame("document.documentElement.dataset.theme === 'dark'"))
    await visitor.picture(`${PICTURES}/widget-looks.png`)
    await visitor.eval("document.querySelector('script').dataset.theme = 'light'")
    await soon('it is light', () => frame("document.documentElement.dataset.theme === 'light'"))
    await visitor.eval("delete document.querySelector('script').dataset.theme")
    await soon('it is as the visitor likes it', () =>
      frame('document.documentElement.dataset.theme === undefined'),
    )
  },
)

story(
  'on a phone the open chat has the whole page, and its button is out of the way until it closes',
  async ({ house, person }) => {
    const channel = await house.webchat({ options: { allowed_sites: [site] } })
    const visitor = await person()
    await visitor.ask('Emulation.setDeviceMetricsOverride', {
      width: 390,
      height: 700,
      deviceScaleFactor: 1,
      mobile: false,
    })
    await visitor.opens(`${site}/?home=${encodeURIComponent(house.url)}&channel=${channel.id}`)
    await visitor.until("document.querySelector('rapport-chat')")
    const size = async name => {
      const found = (await nodesOf(visitor)).find(
        each => each.localName === name && (name === 'iframe' || each.inChat),
      )
      const { model } = await visitor.ask('DOM.getBoxModel', { nodeId: found.nodeId }).catch(() => ({}))
      return model && [model.width, model.height]
    }
    assert.ok(await size('button'))
    await press(visitor, 390 - 48, 700 - 48)
    await soon('the whole page', async () => String(await size('iframe')) === '390,700')
    assert.equal(await size('button'), undefined, 'the button covers the chat')
    const frame = frameOf(visitor)
    await soon('the box', () => frame("!!document.querySelector('textarea')"))
    await frame('document.querySelector(\'[aria-label="Close chat"]\').click()')
    await soon('the button is back', () => size('button'))
  },
)

story(
  'a site that is not on the list is refused',
  async ({ house, person }) => {
    const channel = await house.webchat({ options: { allowed_sites: ['https://somebody.example'] } })
    const visitor = await person({ width: 1000, height: 800 })
    await visitor.opens(`${site}/?home=${encodeURIComponent(house.url)}&channel=${channel.id}`)
    await visitor.until("document.querySelector('rapport-chat')")
    await press(visitor, 1000 - 48, 800 - 48)
    await soon('the refusal', async () =>
      visitor.problems.some(each => /frame-ancestors|refused|X-Frame/i.test(each)),
    )
  },
  { expected: ['frame-ancestors', 'Framing', 'refused'] },
)

/** The page of the shop at this size; presses the button of the chat. */
const opensChat = async (person, house, channel, width, height) => {
  const visitor = await person({ width: 1000, height: 800 })
  await visitor.ask('Emulation.setDeviceMetricsOverride', {
    width,
    height,
    deviceScaleFactor: 1,
    mobile: false,
  })
  visitor.chat = async () => {
    const all = (await nodesOf(visitor)).filter(each => each.inChat),
      name = each => each.attributes?.[each.attributes.indexOf('aria-label') + 1]
    const seen = async each =>
      !!(await visitor.ask('DOM.getBoxModel', { nodeId: each.nodeId }).catch(() => null))
    const buttons = []
    for (const each of all.filter(it => it.localName === 'button')) {
      if (await seen(each)) buttons.push(name(each))
    }
    return { buttons, words: all.flatMap(each => each.children?.map(it => it.nodeValue) ?? []).join(' ') }
  }
  visitor.presses = async (label, nth = 0) => {
    const found = (await nodesOf(visitor)).filter(
      each => each.inChat && each.localName === 'button' && each.attributes.includes(label),
    )
    const { model } = await visitor.ask('DOM.getBoxModel', { nodeId: found.at(nth).nodeId })
    const [x, y, , , right, bottom] = model.border
    await press(visitor, (x + right) / 2, (y + bottom) / 2)
  }
  await visitor.opens(`${site}/?home=${encodeURIComponent(house.url)}&channel=${channel.id}`)
  await visitor.until("document.querySelector('rapport-chat')")
  await press(visitor, width - 48, height - 48)
  return visitor
}
/** Whether a press beside the chat reaches the shop. */
const usable = (visitor, height) =>
  visitor.eval(`document.elementFromPoint(60, ${height / 2})?.localName !== 'rapport-chat'`)

story(
  'a chat that does not come shuts nobody in: it says so, and the ×, Back and opening anew lead out and in',
  async ({ house, person }) => {
    const channel = await house.webchat({ options: { allowed_sites: ['https://somebody.example'] } })
    for (const [width, height] of [
      [390, 700],
      [1000, 800],
    ]) {
      const visitor = await opensChat(person, house, channel, width, height),
        phone = width < 480
      await soon('a way out while it loads', async () =>
        (await visitor.chat()).buttons.includes('Close chat'),
      )
      await soon('words instead of a broken page', async () =>
        (await visitor.chat()).words.includes('cannot be reached'),
      )
      await visitor.picture(`${PICTURES}/widget-shut-${width}.png`)
      await visitor.presses('Close chat', -1)
      await soon('the shop is back', async () => (await visitor.chat()).buttons.join() === 'Open chat')
      assert.ok(await usable(visitor, height))
      await visitor.presses('Open chat')
      await soon('it is tried again', async () => (await visitor.chat()).words.includes('is loading'))
      if (phone) {
        await visitor.eval('history.back()')
        await soon('Back closes it', async () => (await visitor.chat()).buttons.join() === 'Open chat')
        assert.equal(await visitor.eval('document.title'), 'Shop')
      } else {
        await visitor.press('Escape')
        await soon('Escape closes it', async () => (await visitor.chat()).buttons.join() === 'Open chat')
      }
    }
  },
  { expected: ['frame-ancestors', 'Framing', 'refused'] },
)

story(
  'a frame on a slow line has a way out, one whose code does not come says so, and one that comes late is shown',
  async ({ house, person }) => {
    const channel = await house.webchat({ options: { allowed_sites: [site] } })
    /** What the browser asks for, held until somebody lets it go. */
    const held = []
    const hold = async (it, pattern) => {
      const hear = it.hear.bind(it)
      it.hear = frame => {
        if (frame.method === 'Fetch.requestPaused') held.push(frame.params.requestId)
        hear(frame)
      }
      await it.ask('Fetch.enable', { patterns: [{ urlPattern: pattern }] })
    }
    const slow = await opensChat(
      async how => {
        const it = await person(how)
        await hold(it, `*/widget/${channel.id}?*`)
        return it
      },
      house,
      channel,
      390,
      700,
    )
    await soon('it is under way', async () => held.length > 0)
    assert.deepEqual((await slow.chat()).buttons, ['Close chat'])
    assert.match((await slow.chat()).words, /The chat is loading/)
    await slow.presses('Close chat', -1)
    await soon('the shop is back', async () => (await slow.chat()).buttons.join() === 'Open chat')
    assert.ok(await usable(slow, 700))
    await slow.presses('Open chat')
    await slow.ask('Fetch.continueRequest', { requestId: held.shift() })
    await soon('the chat is there', async () => (await slow.chat()).buttons.length === 0)
    await soon('the box', () => frameOf(slow)("!!document.querySelector('textarea')"))
    await slow.eval('history.back()')
    await soon('Back closes it', async () => (await slow.chat()).buttons.join() === 'Open chat')
    const lame = await opensChat(
      async how => {
        const it = await person(how)
        await hold(it, '*/js/widget/main.js')
        return it
      },
      house,
      channel,
      390,
      700,
    )
    await lame.ask('Fetch.failRequest', {
      requestId: await soon('its code', async () => held.shift()),
      errorReason: 'ConnectionReset',
    })
    await soon('it says so', async () => (await lame.chat()).words.includes('cannot be reached'))
    assert.deepEqual((await lame.chat()).buttons, ['Close chat'])
  },
)

story('a visitor in two tabs has one conversation', async ({ house, person }) => {
  const channel = await house.webchat()
  const one = await person({ width: 400, height: 700 })
  await one.opens(`${house.url}/widget/${channel.id}?whole`)
  await one.says('from one')
  await one.shows(['from one'])
  const two = await person({ width: 400, height: 700, beside: one })
  await two.opens(`${house.url}/widget/${channel.id}?whole`)
  await two.shows(['from one'])
  await two.says('from two')
  await one.shows(['from one', 'from two'])
  assert.equal((await house.admin('GET', `/conversations?channel_id=${channel.id}`)).items.length, 1)
})

story(
  'outside the hours of the team a visitor is told when it answers again, in their language and by their clock',
  async ({ house, person }) => {
    const channel = await house.webchat(),
      address = `${house.url}/widget/${channel.id}?whole`
    const visitor = await person({ width: 400, height: 700 })
    await visitor.ask('Emulation.setTimezoneOverride', { timezoneId: 'America/Lima' })
    await visitor.opens(address)
    await visitor.sees("Send us a message. We'll reply here.")
    const day = (new Date().getUTCDay() + 3) % 7 || 7,
      name = language =>
        new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(
          Date.now() + 3 * 86_400_000,
        )
    await house.admin('PATCH', '/settings', {
      business_hours: { is_on: true, time_zone: 'UTC', days: [{ day, from: '12:00', to: '13:00' }] },
    })
    await visitor.reloads()
    await visitor.until(
      `document.querySelector(".widget header p").textContent.replace(/\\s/g, " ") === "We're away. We'll be back ${name('en')} at 7:00 AM."`,
    )
    await visitor.says('I write all the same')
    await visitor.shows(['I write all the same'])
    const other = await person({ width: 400, height: 700, languages: 'pt-PT' })
    await other.ask('Emulation.setTimezoneOverride', { timezoneId: 'Europe/Lisbon' })
    await other.opens(address)
    await other.until(
      `document.querySelector('.widget header p').textContent.startsWith('Não estamos disponíveis. Voltamos ${name('pt-PT')} às 1')`,
    )
    await house.admin('PATCH', '/settings', {
      business_hours: {
        is_on: true,
        time_zone: 'UTC',
        days: [1, 2, 3, 4, 5, 6, 7].map(each => ({ day: each, from: '00:00', to: '24:00' })),
      },
    })
    await visitor.reloads()
    await visitor.sees("Send us a message. We'll reply here.")
    await house.admin('PATCH', '/settings', { business_hours: { is_on: false } })
  },
)

story(
  'the loader weighs less than 2.7 kB, the first look at the inbox less than 90 kB, and it is usable within a second',
  async ({ house, person }) => {
    // A debug server sends everything as it lies on the disk: what a release sends is worked out here.
    const slim = text => {
      let inside = false
      return text
        .split('\n')
        .map(line => {
          const it = line.trim(),
            opens = it.startsWith('/**'),
            is = inside || it.startsWith('//') || (opens && [-1, it.length - 2].includes(it.indexOf('*/')))
          if ((inside || opens) && is) inside = !it.endsWith('*/')
          return is ? '' : line.replace(/\/\*\* @type .*?\*\/ ?/g, '')
        })
        .join('\n')
    }
    const loader = slim(readFileSync(new URL('../../static/widget.js', import.meta.url), 'utf8'))
    assert.ok(
      brotliCompressSync(loader).length < 2700 && gzipSync(loader).length < 2700,
      `${gzipSync(loader).length} bytes`,
    )
    const id = await house.writes('351940000001', 'hello')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['hello'])
    // A page that is left while its look-ups are on the way takes that for a failure, and fetches what says
    // so.
    const came = (path, times = 1) =>
      agent.requests.filter(each => each.url.includes(`/api/v1/${path}`) && each.bytes != null).length >=
      times
    await eventually(
      'all is looked up',
      () =>
        came('conversations?', 2) &&
        ['users?', 'labels?', 'canned-replies?', 'views?', 'channels'].every(path => came(path)),
    )
    await agent.ask('Network.clearBrowserCache')
    agent.requests.length = 0
    await agent.reloads()
    await agent.shows(['hello'])
    // With all that the panel beside the conversation fetches.
    await agent.there('.profile .button')
    const ours = agent.requests.filter(each => /\/s\//.test(each.url) || each.type === 'Document')
    const sizes = await Promise.all(
      [...new Set(ours.map(each => each.url))].map(async url => [
        brotliCompressSync(
          (text => (url.endsWith('.js') ? slim(text) : text))(
            await (await fetch(url, { headers: { cookie: house.admin.cookie } })).text(),
          ),
        ).length,
        new URL(url).pathname.split('/').slice(3).join('/'),
      ]),
    )
    const bytes = sizes.reduce((sum, [size]) => sum + size, 0)
    if (process.env.SHOW_SIZES) console.log(sizes.sort((a, b) => b[0] - a[0]))
    assert.ok(bytes > 10_000 && bytes < 90_000, `${bytes} bytes in ${ours.length} requests`)
    await agent.reloads()
    await agent.shows(['hello'])
    const ready = await agent.eval("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    console.log(
      `first load ${bytes} bytes in ${ours.length} requests; loader ${gzipSync(loader).length}; ready ${Math.round(ready)} ms`,
    )
  },
)
