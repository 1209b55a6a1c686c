// For everybody, and against everybody: rows 23 to 26, 31 and 32.
import assert from 'node:assert/strict'
import { faults } from './axe.mjs'
import { ADMIN, eventually, PICTURES } from './house.mjs'
import { payloads } from './payloads.mjs'
import { stage } from './story.mjs'

const { story } = stage()
async function furnish(house) {
  await house.adds('ana', 'Ana Lind')
  const id = await house.writes(
    '351950000001',
    ['Hello, is my parcel on its way?', 'See https://a.example/x', 'مرحبا، أين طلبي؟'],
    'Rosa Vidal',
  )
  await house.admin('POST', `/conversations/${id}/messages`, {
    content: 'It left this morning.',
    client_id: 'f1',
  })
  await house.writes('351950000002', 'A second customer', 'Ömer Çelik')
  const ana = (await house.admin('GET', '/users?q=ana')).items[0]
  await house.admin('POST', '/direct-messages', {
    to: ana.id,
    content: 'Can you look at this?',
    client_id: 'f2',
  })
  await house.admin('POST', '/direct-messages', {
    to: ana.id,
    content: 'And at her?',
    client_id: 'f3',
    about_conversation_id: id,
  })
  const label = await house.admin('POST', '/labels', { name: 'Refund', color: '#cc3300' })
  await house.admin('PATCH', `/conversations/${id}`, { priority: 'urgent', label_ids: [label.id] })
  await house.admin('POST', '/views', { name: 'Burning', filter: { priority: 'urgent' } })
  await house.admin('POST', `/conversations/${id}/messages`, {
    content: '@ana look',
    client_id: 'f4',
    is_private: true,
  })
  await house.admin('POST', `/conversations/${id}/messages`, {
    content: 'Tomorrow then',
    client_id: 'f5',
    send_at: new Date(Date.now() + 86_400_000).toISOString(),
  })
  await house.admin('PATCH', `/customers/${(await house.admin('GET', `/conversations/${id}`)).customer.id}`, {
    custom_fields: { Plan: 'Gold' },
    blocked: true,
  })
  await house.approves([
    {
      name: 'order_ready',
      language: 'en',
      status: 'APPROVED',
      components: [{ type: 'BODY', text: 'Hi {{1}}' }],
    },
  ])
  await house.writes('351950000003', 'Long ago', 'Lea Stern', 172_800)
  await house.admin('PATCH', `/channels/${(await house.bot()).id}`, {
    options: { ai: { mode: 'draft', window_ms: 50 } },
  })
  const asked = await house.tells(77, 'Do you ship to Porto?')
  await eventually('a draft', async () => (await house.admin('GET', `/conversations/${asked}`)).ai_draft)
  return id
}

/** Every screen of the product on the agents' side, by a name and a way to it. */
const screens = id => [
  ['list', '/'],
  ['thread', `/?c=${id}`],
  // Colleagues' conversations that the page knows are shown whatever their status.
  [
    'empty',
    '/?status=closed',
    person =>
      person.until(
        "document.querySelector('.side .empty')?.checkVisibility() || document.querySelector('[data-conversation]')",
      ),
  ],
  ['menu', `/?c=${id}`, person => person.clicks('.main > header .care')],
  [
    'person',
    `/?c=${id}`,
    async person => {
      if (!(await person.eval("document.querySelector('.beside')?.checkVisibility() ?? false")))
        await person.clicks('.about')
    },
  ],
  [
    'palette',
    `/?c=${id}`,
    async person => {
      await person.press('k', { ctrl: true })
      await person.there('dialog.palette')
    },
  ],
  [
    'keys',
    '/',
    async person => {
      await person.press('?', { shift: true })
      await person.there('dialog')
    },
  ],
  [
    'alerts',
    '/',
    async person => {
      await person.clicks('.rail .me')
      await person.clicks('.menu button:nth-last-child(5)')
      await person.there('dialog')
    },
  ],
  [
    'direct',
    '/',
    async person => {
      await person.press('d')
      await person.there('dialog .choices button')
      await person.clicks('dialog .choices li button:last-child')
      await person.there('dialog textarea')
    },
  ],
  [
    'note',
    `/?c=${id}`,
    async person => {
      await person.until("document.querySelector('.modes')")
      await person.clicks('.modes button:nth-child(2)')
      await person.types('.composer textarea', 'so @a')
      await person.there('.offers li')
    },
  ],
  ['search', '/?q=parcel', person => person.there('[data-hit]')],
  [
    'narrowed',
    '/?from=2020-01-01&channel=1',
    async person => {
      await person.there('[data-hit]')
      await person.there('.side .chips')
    },
  ],
  [
    'narrow',
    '/',
    async person => {
      await person.clicks('.find button')
      await person.there('dialog select')
    },
  ],
  [
    'rename',
    `/?c=${id}`,
    async person => {
      if (!(await person.eval("document.querySelector('.beside')?.checkVisibility() ?? false")))
        await person.clicks('.about')
      await person.clicks('.portrait h2 button')
      await person.there('dialog input[name=name]')
    },
  ],
  ['nothing', '/?q=zebra', person => person.there('.side .empty button')],
  [
    'several',
    '/',
    async person => {
      await person.there('[data-conversation]')
      await person.press('x')
      await person.there('.bulk')
    },
  ],
  [
    'closed',
    '/?q=Lea',
    async person => {
      await person.clicks('[data-conversation]')
      await person.clicks('.composer .window button')
      await person.there('dialog .choices button')
    },
  ],
  [
    'draft',
    '/?q=Person',
    async person => {
      await person.clicks('[data-conversation]')
      await person.there('.proposal')
    },
  ],
  [
    'history',
    `/?c=${id}`,
    async person => {
      await person.eval(`document.querySelector('.message.mine .actions button:last-child').click()`)
      await person.clicks('.menu button:nth-last-child(2)')
      await person.there('dialog .history time')
    },
  ],
]

for (const [look, how] of Object.entries({
  light: {},
  dark: { dark: true },
  phone: { width: 390, height: 844 },
  narrow: { width: 360, height: 640, dark: true },
  rtl: { languages: 'ar' },
  'rtl-phone': { width: 390, height: 844, languages: 'ar' },
})) {
  const judges = async ({ house, person }) => {
    const known = (await house.admin('GET', '/conversations')).items.find(
      each => each.customer?.external_id === '351950000001',
    )
    const id = known?.id ?? (await furnish(house))
    const agent = await person(how)
    await house.enters(agent, ADMIN)
    const wrong = []
    for (const [name, path, more] of screens(id)) {
      await agent.opens(house.url + path)
      await agent.until(
        "document.documentElement.dataset.ready === '' && !document.querySelector('.skeleton')?.checkVisibility()",
      )
      if (path.includes('c=')) await agent.there('.message')
      try {
        await more?.(agent)
      } catch (problem) {
        wrong.push(`${name}: ${problem.message.slice(0, 200)}`)
        continue
      }
      await agent.until(
        "document.getAnimations().every(each => each.playState !== 'running' || each.effect.getTiming().iterations === Infinity)",
      )
      await agent.picture(`${PICTURES}/${look}-${name}.png`)
      for (const fault of await faults(agent)) wrong.push(`${name}: ${fault}`)
      if (await agent.eval('document.documentElement.scrollWidth > innerWidth + 1'))
        wrong.push(`${name}: it scrolls sideways`)
    }
    assert.deepEqual(wrong, [])
  }
  // Nineteen screens, each judged whole: longer than other stories on a busy machine.
  story(`axe finds nothing on any screen: ${look}`, judges, { lasts: 480_000 })
}

story('axe finds nothing in the widget and at the doors', async ({ house, person }) => {
  const channel = await house.webchat()
  const wrong = []
  for (const dark of [false, true]) {
    const visitor = await person({ width: 400, height: 700, dark })
    for (const [name, path] of [
      ['widget', `/widget/${channel.id}?whole`],
      ['login', '/login'],
    ]) {
      await visitor.opens(house.url + path)
      await visitor.until("document.documentElement.dataset.ready === ''")
      if (name === 'widget') {
        await visitor.says('Hello')
        await visitor.there('.message')
      }
      await visitor.until(
        "document.getAnimations().every(each => each.playState !== 'running' || each.effect.getTiming().iterations === Infinity)",
      )
      await visitor.picture(`${PICTURES}/${dark ? 'dark' : 'light'}-${name}.png`)
      for (const fault of await faults(visitor)) wrong.push(`${name}: ${fault}`)
    }
  }
  assert.deepEqual(wrong, [])
})

story(
  'three hundred hostile texts are shown as they were written, in every field',
  async ({ house, person }) => {
    assert.equal(new Set(payloads).size, 300)
    const clean = payloads.map(each => each.replaceAll('\0', '\uFFFD').trim())
    const nasty = payloads[2]
    await house.adds('nasty', nasty)
    const id = await house.writes('351950000009', payloads, nasty)
    await house.admin('PATCH', `/conversations/${id}`, {
      assignee_id: (await house.admin('GET', '/users?q=nasty')).items[0]?.id ?? null,
    })
    const last = (await house.admin('GET', `/conversations/${id}/messages`)).items.at(-1)
    await house.admin('POST', `/conversations/${id}/messages`, {
      content: payloads[0],
      client_id: 'x1',
      reply_to: last.id,
    })
    const form = new FormData()
    form.append(
      'file',
      new Blob([payloads[0]], { type: 'text/html' }),
      `${payloads[2].replace(/[/\\]/g, '')}.html`,
    )
    const media = await house.admin('POST', '/media', form)
    await house.admin('POST', `/conversations/${id}/messages`, {
      content: '',
      client_id: 'x2',
      attachment_ids: [media.id],
    })
    const agent = await person({ before: 'window.hits = 0; window.hit = () => { window.hits++ }' })
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.there('.message')
    const seen = new Set()
    const look = async () => {
      for (const each of await agent.eval(
        "[...document.querySelectorAll('.message:not(.mine) .body')].map(each => each.textContent)",
      ))
        seen.add(each.replaceAll('\0', '\uFFFD').trim())
    }
    for (let turn = 0; turn < 60 && seen.size < 300; turn++) {
      await look()
      await agent.eval("document.querySelector('.thread').scrollTop -= 900")
      await new Promise(done => setTimeout(done, 60))
    }
    await look()
    assert.deepEqual(
      clean.filter(each => !seen.has(each)),
      [],
      'not shown as written',
    )
    await agent.press('Escape')
    await agent.press('k', { ctrl: true })
    await agent.there('dialog.palette')
    await agent.press('Escape')
    assert.equal(await agent.eval('window.hits'), 0, 'one of them ran')
    assert.deepEqual(
      await agent.eval(
        "[...document.querySelectorAll('.thread a')].map(each => new URL(each.href).protocol).filter(each => !['http:', 'https:', 'mailto:', 'tel:'].includes(each))",
      ),
      [],
    )
    assert.equal(
      await agent.eval(
        "document.querySelectorAll('.thread :is(script, iframe, object, embed, style, form, base, meta, link)').length",
      ),
      0,
    )
    await agent.opens(`${house.url}/admin#people`)
    await agent.until("document.documentElement.dataset.ready === ''")
    assert.equal(await agent.eval('window.hits'), 0)
  },
)

story(
  'on a phone there is one pane, back keeps the place in the list, and 400 % zoom still works',
  async ({ house, person }) => {
    for (let i = 0; i < 25; i++) await house.writes(`35195100${String(i).padStart(4, '0')}`, `number ${i}`)
    const agent = await person({ width: 390, height: 700 })
    await house.enters(agent, ADMIN)
    await agent.until("document.querySelectorAll('[data-conversation]').length > 20")
    await agent.eval("document.querySelector('.rows').scrollTop = 600")
    const before = await agent.eval("document.querySelector('.rows').scrollTop")
    await agent.eval("document.querySelectorAll('[data-conversation]')[12].click()")
    await agent.there('.composer textarea')
    await agent.gone('.side')
    await agent.clicks('.back')
    await agent.there('.side')
    assert.equal(await agent.eval("document.querySelector('.rows').scrollTop"), before)
    await agent.size(320, 256)
    await agent.eval("document.querySelectorAll('[data-conversation]')[2].click()")
    await agent.there('.composer textarea')
    assert.ok(
      await agent.eval(
        "(() => { const it = document.querySelector('.composer textarea').getBoundingClientRect(); return it.bottom <= innerHeight + 1 && it.width > 150 && document.documentElement.scrollWidth <= innerWidth + 1 })()",
      ),
      'the box is out of reach',
    )
    assert.match(
      await agent.eval("document.querySelector('meta[name=viewport]').content"),
      /interactive-widget=resizes-content/,
    )
  },
)

story(
  'the focus is never lost: rows move, the list redraws, a dialog closes; and nothing moves for those who asked for calm',
  async ({ house, person }) => {
    const agent = await person()
    await agent.looks({ calm: true })
    await house.enters(agent, ADMIN)
    await agent.until("document.querySelectorAll('[data-conversation]').length > 3")
    await agent.eval("document.querySelectorAll('[data-conversation]')[3].focus()")
    const at = await agent.eval('document.activeElement.dataset.conversation')
    await house.writes('351950000002', 'to the top')
    await agent.until("document.querySelector('[data-conversation] .preview').textContent === 'to the top'")
    assert.equal(await agent.eval('document.activeElement.dataset.conversation'), at)
    await agent.press('ArrowDown')
    assert.ok(await agent.eval("document.activeElement.matches('[data-conversation]:focus-visible')"))
    assert.notEqual(await agent.eval('getComputedStyle(document.activeElement).outlineStyle'), 'none')
    assert.equal(
      await agent.eval("getComputedStyle(document.querySelector('.button')).transitionDuration"),
      '0.001s',
    )
    await agent.looks({ forced: true })
    await agent.there('[data-conversation]')
  },
)

story(
  'every language is whole; a made-up one finds no word in the code; Arabic is written from the right',
  async ({ house, person }) => {
    const fake = `const fetched = fetch; window.fetch = async (...all) => { const answer = await fetched(...all); if (!String(all[0]).includes('/words/')) return answer; return new Response((await answer.text()).replace(/: "([^"]*)"/g, (_, text) => ': "⟦' + text + '⟧"')) }`
    const id = (await house.admin('GET', '/conversations')).items.find(
      each => each.customer?.external_id === '351950000001',
    ).id
    const agent = await person({ before: fake })
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.there('.message')
    const bare = await agent.eval(`(() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), out = []
    while (walk.nextNode()) {
      const text = walk.currentNode.data.trim(), at = walk.currentNode.parentElement
      if (!/[A-Za-z]{3}/.test(text) || text.includes('⟦') || at.closest('[dir=auto], noscript, kbd, time, .mono') || /^[A-Z]{1,3}$/.test(text)) continue
      out.push(text)
    }
    for (const each of document.querySelectorAll('[aria-label], [placeholder], [title]')) for (const name of ['aria-label', 'placeholder', 'title']) { const text = each.getAttribute(name); if (text && /[A-Za-z]{3}/.test(text) && !text.includes('⟦') && !each.closest('time') && each.tagName !== 'TIME' && !each.closest('.rail .me')) out.push(name + ': ' + text) }
    return [...new Set(out)].filter(each => !['Support line', 'Rosa Vidal', 'Ana Lind', 'Our shop', 'Refund'].some(name => each.includes(name)) && !/^\\w+day, |\\d{4} at /.test(each))
  })()`)
    assert.deepEqual(bare, [])
    const arab = await person({ languages: 'ar' })
    await house.enters(arab, ADMIN, `/?c=${id}`)
    await arab.there('.message')
    assert.equal(await arab.eval('document.documentElement.dir + document.documentElement.lang'), 'rtlar')
    assert.ok(
      await arab.eval(
        "document.querySelector('.side').getBoundingClientRect().left > document.querySelector('.stage').getBoundingClientRect().left",
      ),
    )
    assert.equal(
      await arab.eval("getComputedStyle(document.querySelector('.message:not(.mine) .body')).direction"),
      'ltr',
      'an English text in an Arabic page',
    )
    for (const [languages, inbox] of [
      ['fr', 'Boîte de réception'],
      ['de', 'Posteingang'],
      ['it', 'Posta in arrivo'],
      ['id', 'Kotak masuk'],
    ]) {
      const reader = await person({ languages })
      await house.enters(reader, ADMIN)
      await reader.until(
        `document.documentElement.lang === '${languages}' && document.title.includes('${inbox}')`,
      )
    }
  },
)
