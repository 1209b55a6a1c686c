// The reply box and what goes through it: rows 3, 8, 9, 10, 11, 21, and reading a conversation somebody wrote
// long ago.
import assert from 'node:assert/strict'
import { ADMIN, eventually } from './house.mjs'
import { stage } from './story.mjs'

const { story } = stage()
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAGCAIAAAB1kpiRAAAAEUlEQVR4nGPQqDiBBzEMXmkAg9xUYbu7SZMAAAAASUVORK5CYII='
const box = '.composer textarea'

/** Files put on the page as a person would: by dropping, or by pasting. */
const give = (person, how, files) =>
  person.eval(`(() => {
  const data = new DataTransfer()
  for (const [name, type, base64] of ${JSON.stringify(files)}) data.items.add(new File([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], name, { type }))
  const target = document.querySelector(${JSON.stringify(how === 'drop' ? '.thread' : box)})
  target.dispatchEvent(${how === 'drop' ? "new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })" : "new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })"})
})()`)

story(
  'Enter sends, Shift+Enter breaks the line, Enter of an input method does neither; the box empties at once and keeps the focus',
  async ({ house, person }) => {
    const id = await house.writes('351920000001', 'Hello')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Hello'])
    await agent.types(box, 'one')
    await agent.press('Enter', { shift: true })
    await agent.ask('Input.insertText', { text: 'two' })
    await agent.eval(
      `document.querySelector('${box}').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))`,
    )
    assert.deepEqual(await agent.messages(), ['Hello'], 'the input method has sent')
    const took = await agent.eval(
      `(() => { const from = performance.now(); const it = document.querySelector('${box}'); it.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true })); return it.value === '' && document.activeElement === it ? performance.now() - from : -1 })()`,
    )
    assert.ok(took >= 0 && took < 50, `emptied after ${took} ms`)
    await agent.shows(['Hello', 'one\ntwo'])
  },
)

story(
  'a draft stays with its conversation through a switch, a reload and a crash, and the list says so',
  async ({ house, person }) => {
    const one = await house.writes('351920000002', 'One'),
      two = await house.writes('351920000003', 'Two')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${one}`)
    await agent.types(box, 'half a thought')
    await agent.clicks(`[data-conversation="${two}"]`)
    await agent.shows(['Two'])
    assert.equal(await agent.eval(`document.querySelector('${box}').value`), '')
    await agent.until(
      `document.querySelector('[data-conversation="${one}"] .preview').textContent.includes('Draft')`,
    )
    await agent.reloads()
    await agent.clicks(`[data-conversation="${one}"]`)
    await agent.until(`document.querySelector('${box}').value === 'half a thought'`)
    const again = await person({ beside: agent })
    await agent.close()
    await again.opens(`${house.url}/?c=${one}`)
    await again.until(`document.querySelector('${box}').value === 'half a thought'`)
  },
)

story(
  'files come by drop and by paste, show what they are, can be taken back, and one that is too big is refused at once',
  async ({ house, person }) => {
    const id = await house.writes('351920000004', 'Send me a picture')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Send me a picture'])
    await give(agent, 'drop', [['shop.png', 'image/png', PNG]])
    await agent.there('.uploading.ready img')
    await give(agent, 'paste', [['pasted.png', 'image/png', PNG]])
    await agent.until("document.querySelectorAll('.uploading.ready').length === 2")
    await agent.chooses('Remove pasted.png')
    await agent.until("document.querySelectorAll('.uploading').length === 1")
    await agent.eval(
      `(() => { const file = new File(['x'], 'film.mp4', { type: 'video/mp4' }); Object.defineProperty(file, 'size', { value: 200 * 1024 * 1024 }); const data = { types: ['Files'], files: [file] }; const drop = new Event('drop', { bubbles: true, cancelable: true }); Object.defineProperty(drop, 'dataTransfer', { value: data }); document.querySelector('.thread').dispatchEvent(drop) })()`,
    )
    await agent.sees('too large')
    await agent.chooses('Remove film.mp4')
    await agent.says('Here it is')
    await agent.until(
      "document.querySelector('.message.mine img')?.complete && document.querySelector('.message.mine img').naturalWidth === 10",
    )
    await agent.gone('.uploading')
  },
)

story(
  'a file on its way shows how far it is, can be cancelled meanwhile, and the button under the focus stays',
  async ({ house, person }) => {
    const id = await house.writes('351920000011', 'Send me the plans')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['Send me the plans'])
    await agent.ask('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 200_000,
    })
    const drops = (name, bytes) =>
      agent.eval(
        `(() => { const data = new DataTransfer(); data.items.add(new File([new Uint8Array(${bytes})], '${name}', { type: 'application/octet-stream' })); document.querySelector('.thread').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })) })()`,
      )
    await agent.eval(
      'window.gone = 0; const abort = XMLHttpRequest.prototype.abort; XMLHttpRequest.prototype.abort = function () { window.gone += this.readyState < 4; return abort.call(this) }',
    )
    await drops('plans.bin', 4_000_000)
    const done = "Number(document.querySelector('.uploading [role=progressbar]').ariaValueNow)"
    await agent.there('.uploading button')
    await agent.eval("window.cancel = document.querySelector('.uploading button'); cancel.focus()")
    await agent.until(`${done} > 5 && ${done} < 95`)
    assert.ok(
      await agent.eval(
        "(() => { const bar = document.querySelector('.uploading .bar').getBoundingClientRect(), whole = document.querySelector('.uploading').getBoundingClientRect(); return bar.height >= 2 && bar.width > 1 && bar.width < whole.width })()",
      ),
      'the bar does not tell it',
    )
    assert.ok(
      await agent.eval('document.activeElement === cancel && cancel.isConnected'),
      'the bar took the focus away',
    )
    assert.equal(await agent.eval("document.querySelector('.send').disabled"), true)
    await agent.chooses('Cancel upload of plans.bin')
    await agent.gone('.uploading')
    assert.equal(await agent.eval('gone'), 1, 'it goes on behind the scenes')
    await agent.ask('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    })
    await drops('small.bin', 20_000)
    await agent.there('.uploading.ready')
    assert.equal(
      await agent.eval("document.querySelector('.uploading [role=progressbar]').checkVisibility()"),
      false,
    )
    await agent.says('Only this one')
    await agent.until(
      "document.querySelector('.message.mine')?.dataset.status === 'sent' && document.querySelectorAll('.message.mine .file').length === 1",
    )
    assert.deepEqual(
      (await house.admin('GET', `/conversations/${id}/messages`)).items
        .at(-1)
        .attachments.map(each => each.file_name),
      ['small.bin'],
    )
  },
)

story(
  'a picture has its room before it is there, opens large, and Escape gives the focus back',
  async ({ house, person }) => {
    const id = await house.writes('351920000005', 'Pictures please')
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
    const room = await agent.eval(
      "(() => { const it = document.querySelector('button.media'); const box = it.getBoundingClientRect(); it.querySelector('img').remove(); const bare = it.getBoundingClientRect(); return [box.width, box.height, bare.width, bare.height].map(Math.round) })()",
    )
    assert.deepEqual(room.slice(0, 2), room.slice(2), 'the box takes its size from the picture')
    await agent.reloads()
    await agent.until("document.querySelectorAll('button.media').length === 2")
    await agent.eval(
      "document.querySelector('button.media').focus(); document.querySelector('button.media').click()",
    )
    await agent.there('dialog.viewer[open]')
    await agent.until("document.querySelector('dialog.viewer header span').textContent === 'first.png'")
    await agent.press('ArrowRight')
    await agent.until("document.querySelector('dialog.viewer header span').textContent === 'second.png'")
    await agent.eval("document.querySelector('dialog.viewer img').click()")
    await agent.there('dialog.viewer img.zoomed')
    await agent.press('Escape')
    await agent.gone('dialog.viewer')
    assert.equal(await agent.eval('document.activeElement.className'), 'media')
  },
)

story(
  'a file that did not come says why, and comes when it is asked for again',
  async ({ house, person }) => {
    const id = await house.writes('351920000010', {
      type: 'image',
      image: { id: 'a-media-id', mime_type: 'image/png' },
    })
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.until("document.querySelector('.message .file')?.textContent.includes('Download failed')")
    house.file = Buffer.from(PNG, 'base64')
    await agent.chooses('Try again')
    await agent.until("document.querySelector('.message img')?.naturalWidth === 10")
  },
)

story('a voice message is recorded, paused, listened to and sent', async ({ house, person }) => {
  const id = await house.writes('351920000006', 'Call me?')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.chooses('Record a voice message')
  await agent.there('dialog .recording .dot')
  await agent.chooses('Pause')
  await agent.sees('Paused')
  await agent.chooses('Resume')
  await new Promise(done => setTimeout(done, 1200))
  await agent.chooses('Stop')
  await agent.there('dialog audio')
  await agent.until("document.querySelector('dialog audio').src.startsWith('blob:')")
  await agent.chooses('Attach')
  await agent.there('.uploading.ready')
  await agent.press('Enter')
  await agent.eval("document.querySelector('.send').click()")
  await agent.there('.message.mine :is(.voice, video, .file)')
})

story('what one hears plays one at a time, at the speed one chooses', async ({ house, person }) => {
  const id = await house.writes('351920000009', 'Listen')
  const wave = Buffer.alloc(44 + 16_000)
  wave.write('RIFF')
  wave.writeUInt32LE(wave.length - 8, 4)
  wave.write('WAVEfmt ', 8)
  wave.writeUInt32LE(16, 16)
  wave.writeUInt16LE(1, 20)
  wave.writeUInt16LE(1, 22)
  wave.writeUInt32LE(8000, 24)
  wave.writeUInt32LE(8000, 28)
  wave.writeUInt16LE(1, 32)
  wave.writeUInt16LE(8, 34)
  wave.write('data', 36)
  wave.writeUInt32LE(16_000, 40)
  wave.fill(128, 44)
  for (const name of ['one.wav', 'two.wav']) {
    const form = new FormData()
    form.append('file', new Blob([wave], { type: 'audio/wav' }), name)
    const media = await house.admin('POST', '/media', form)
    await house.admin('POST', `/conversations/${id}/messages`, {
      content: '',
      client_id: name,
      attachment_ids: [media.id],
    })
  }
  const agent = await person({
    before:
      'window.sounds = []; window.Audio = class extends Audio { constructor() { super(); sounds.push(this) } }',
  })
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.until("document.querySelectorAll('.message .voice').length === 2")
  const plays = n =>
    `sounds.filter(each => !each.paused).length === 1 && document.querySelectorAll('.message .voice')[${n}].querySelector('[aria-label=Pause]') != null`
  await agent.eval("document.querySelectorAll('.message .voice button')[0].click()")
  await agent.until(plays(0))
  await agent.eval("document.querySelectorAll('.message .voice')[1].querySelector('button').click()")
  await agent.until(plays(1))
  await agent.eval(
    "document.querySelectorAll('.message .voice')[1].querySelector('[aria-label=Speed]').click()",
  )
  await agent.until('sounds.find(each => !each.paused)?.playbackRate === 1.5')
  assert.equal(
    await agent.eval(
      "document.querySelectorAll('.message .voice')[1].querySelector('[aria-label=Speed]').textContent",
    ),
    '1.5×',
  )
})

story(
  'a note looks like one, keeps its own draft, and never reaches the customer',
  async ({ house, person }) => {
    await house.adds('ben', 'Ben Ode')
    const id = await house.writes('351920000007', 'Refund?')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.types(box, 'Dear customer')
    await agent.press('Escape')
    await agent.press('n')
    await agent.there('.composer form.note')
    assert.equal(await agent.eval(`document.querySelector('${box}').value`), '', 'the reply became a note')
    await agent.types(box, 'what does @be')
    await agent.until("document.querySelector('.composer .offers li')?.textContent.includes('Ben Ode')")
    await agent.press('Enter')
    await agent.until(`document.querySelector('${box}').value === 'what does @ben '`)
    await agent.press('Enter')
    await agent.there('.message.note')
    await agent.sees('Internal note')
    await agent.there('.composer form.note')
    await agent.chooses('Reply')
    await agent.until(`document.querySelector('${box}').value === 'Dear customer'`)
    const sent = await eventually('the note is stored', async () =>
      (await house.admin('GET', `/conversations/${id}/messages`)).items.find(each => each.is_private),
    )
    assert.equal(sent.mentions.length, 1)
    assert.equal(house.accepted.filter(each => JSON.stringify(each.body).includes('what does')).length, 0)
  },
)

story('a saved reply comes by a slash, with the customer’s name in it', async ({ house, person }) => {
  await house.admin('POST', '/canned-replies', { shortcut: 'thanks', content: 'Thank you, {name}. {agent}' })
  const id = await house.writes('351920000008', 'Here you are', 'Rosa Vidal')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['Here you are'])
  await agent.types(box, '/th')
  await agent.until("document.querySelector('.composer .offers li')?.textContent.includes('/thanks')")
  await agent.press('Enter')
  await agent.until(`document.querySelector('${box}').value.startsWith('Thank you, Rosa Vidal.')`)
  assert.deepEqual(await agent.messages(), ['Here you are'], 'Enter in the list has sent')
  await agent.eval(`document.querySelector('${box}').value = ''`)
  await agent.types(box, 'and/or')
  assert.equal(await agent.eval("document.querySelector('.composer .offers')?.hidden"), true)
})

story('arrow up changes what was just said, where that can be', async ({ house, person }) => {
  const channel = await house.webchat()
  const visitor = await person({ width: 400, height: 700 })
  await visitor.opens(`${house.url}/widget/${channel.id}?whole`)
  await visitor.says('Hi')
  const agent = await person()
  await house.enters(agent, ADMIN)
  await agent.until(
    "[...document.querySelectorAll('[data-conversation] .preview')].some(each => each.textContent === 'Hi')",
  )
  await agent.eval(
    "[...document.querySelectorAll('[data-conversation]')].find(each => each.querySelector('.preview').textContent === 'Hi').click()",
  )
  await agent.shows(['Hi'])
  await agent.says('Helo')
  await visitor.shows(['Hi', 'Helo'])
  await agent.until("document.querySelector('.message.mine')?.dataset.status === 'sent'")
  await agent.press('ArrowUp')
  await agent.there('dialog input[name=content]')
  await agent.eval("document.querySelector('dialog input[name=content]').value = 'Hello'")
  await agent.chooses('Save')
  await agent.shows(['Hi', 'Hello'])
  await visitor.shows(['Hi', 'Hello'])
})

story(
  'cells copied from a spreadsheet are pasted as their text, not as a picture',
  async ({ house, person }) => {
    const id = await house.writes('351930000071', 'numbers, please')
    const agent = await person()
    await house.enters(agent, ADMIN, `/?c=${id}`)
    await agent.shows(['numbers, please'])
    const left = await agent.eval(`(() => {
    const data = new DataTransfer()
    data.setData('text/plain', 'one\\ttwo')
    data.items.add(new File(['x'], 'image.png', { type: 'image/png' }))
    return document.querySelector('.composer textarea').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })()`)
    assert.equal(left, true, 'the paste of the text is the browser’s own')
    assert.equal(await agent.eval("document.body.textContent.includes('image.png')"), false)
  },
)

story('what destroys never has the focus: Enter after Enter deletes nothing', async ({ house, person }) => {
  const id = await house.writes('351930000072', 'remember me')
  const agent = await person()
  await house.enters(agent, ADMIN, `/?c=${id}`)
  await agent.shows(['remember me'])
  await agent.eval(
    "import(document.querySelector('script[type=module]').src.replace(/js\\/.*$/, 'js/core/dialog.js')).then(it => void it.confirm('Gone', 'For good.', 'Delete'))",
  )
  await agent.until("document.querySelector('dialog .danger')")
  await agent.until("document.activeElement.closest('dialog')")
  assert.equal(await agent.eval('document.activeElement.textContent'), 'Cancel')
  await agent.press('Enter')
  await agent.gone('dialog')
})
