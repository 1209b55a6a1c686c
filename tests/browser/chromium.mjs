// A real Chromium, spoken to through its debugging pipe: no driver, no download, no library. One browser, any
// number of people in it: each has their own cookies and storage, and a list of whatever somebody with the
// console open would call an error. Knows nothing of the product.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--mute-audio',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4',
  '--remote-debugging-pipe',
]
const PROGRAM = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(path => path && existsSync(path))
export const PATIENCE = 20_000

/** Said loudly where this machine has no Chromium; an error where the tests are required. */
export function withoutChromium() {
  if (PROGRAM) return false
  if (process.env.RAPPORT_TESTS_REQUIRE) throw new Error('NOT RUN: no Chromium here')
  return 'NOT RUN: no Chromium here'
}

export class Browser {
  #asked = new Map()
  #people = new Map()
  #next = 1
  #rest = ''

  constructor() {
    this.home = mkdtempSync(join(tmpdir(), 'rapport-chromium-'))
    this.process = spawn(PROGRAM, [...FLAGS, `--user-data-dir=${this.home}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, HOME: this.home },
    })
    this.process.stdio[4].setEncoding('utf8').on('data', text => this.#hear(text))
  }

  #hear(text) {
    const frames = (this.#rest + text).split('\0')
    this.#rest = frames.pop()
    for (const frame of frames.map(each => JSON.parse(each))) {
      const waiting = this.#asked.get(frame.id)
      this.#asked.delete(frame.id)
      if (waiting)
        frame.error
          ? waiting.fail(new Error(`${waiting.method}: ${frame.error.message}`))
          : waiting.done(frame.result)
      else this.#people.get(frame.sessionId)?.hear(frame)
    }
  }

  /** @returns {Promise<any>} */
  ask(method, params = {}, sessionId) {
    return new Promise((done, fail) => {
      const id = this.#next++
      this.#asked.set(id, { done, fail, method })
      this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0')
    })
  }

  /** Somebody new with an empty profile; `beside` opens another tab of a person who is there. */
  async person({
    width = 1360,
    height = 860,
    dark = false,
    beside,
    before = '',
    permissions = ['notifications', 'audioCapture', 'clipboardReadWrite', 'clipboardSanitizedWrite'],
    languages = 'en-US',
    workers = false,
  } = {}) {
    const { browserContextId } =
      beside ?? (await this.ask('Target.createBrowserContext', { disposeOnDetach: true }))
    const { targetId } = await this.ask('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
      width,
      height,
      newWindow: true,
    })
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true })
    if (!beside && permissions.length)
      await this.ask('Browser.grantPermissions', { permissions, browserContextId })
    const person = new Person(this, sessionId, browserContextId, targetId)
    this.#people.set(sessionId, person)
    for (const domain of ['Page.enable', 'Runtime.enable', 'Log.enable', 'Network.enable'])
      await person.ask(domain)
    await person.size(width, height)
    await person.ask('Emulation.setFocusEmulationEnabled', { enabled: true })
    await person.ask('Emulation.setUserAgentOverride', {
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156 Safari/537.36',
      acceptLanguage: languages,
    })
    // What a worker fetches is not the page's: a story that cuts the page's line would not cut it.
    await person.ask('Network.setBypassServiceWorker', { bypass: !workers })
    await person.looks({ dark })
    if (before) await person.ask('Page.addScriptToEvaluateOnNewDocument', { source: before })
    return person
  }

  end() {
    try {
      process.kill(-this.process.pid, 'SIGKILL')
    } catch {
      /* it has ended by itself */
    }
    this.process.unref()
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

const KEYS = {
  Enter: 13,
  Escape: 27,
  ArrowUp: 38,
  ArrowDown: 40,
  ArrowLeft: 37,
  ArrowRight: 39,
  Tab: 9,
  Backspace: 8,
  End: 35,
  Home: 36,
}

export class Person {
  problems = []
  requests = []

  constructor(browser, sessionId, browserContextId, targetId) {
    Object.assign(this, { browser, sessionId, browserContextId, targetId })
  }

  ask(method, params) {
    return this.browser.ask(method, params, this.sessionId)
  }

  hear({ method, params }) {
    if (method === 'Runtime.exceptionThrown')
      this.problems.push(
        `exception: ${params.exceptionDetails.text} ${params.exceptionDetails.exception?.description ?? ''}`,
      )
    if (method === 'Runtime.consoleAPICalled' && params.type === 'error')
      this.problems.push(
        `console.error: ${JSON.stringify(params.args.map(each => each.value ?? each.description))}`,
      )
    if (method === 'Log.entryAdded' && params.entry.level === 'error')
      this.problems.push(`${params.entry.source}: ${params.entry.text} ${params.entry.url ?? ''}`)
    if (method === 'Network.responseReceived')
      this.requests.push({
        id: params.requestId,
        url: params.response.url,
        status: params.response.status,
        type: params.type,
      })
    if (method === 'Network.loadingFinished') {
      const found = this.requests.findLast(each => each.id === params.requestId)
      if (found) found.bytes = params.encodedDataLength
    }
    if (method === 'Page.javascriptDialogOpening') {
      this.problems.push(`dialog: ${params.message}`)
      this.ask('Page.handleJavaScriptDialog', { accept: true })
    }
  }

  size(width, height, scale = 1) {
    return this.ask('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: scale,
      mobile: width < 600,
    })
  }
  looks({ dark = false, calm = false, forced = false }) {
    return this.ask('Emulation.setEmulatedMedia', {
      features: [
        { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
        { name: 'prefers-reduced-motion', value: calm ? 'reduce' : 'no-preference' },
        { name: 'forced-colors', value: forced ? 'active' : 'none' },
      ],
    })
  }
  /** Another tab or window is in front of this one, or none is. */
  focused(enabled) {
    return this.ask('Emulation.setFocusEmulationEnabled', { enabled })
  }
  offline(offline) {
    return this.ask('Network.emulateNetworkConditions', {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    })
  }

  async opens(url) {
    const answer = await this.ask('Page.navigate', { url })
    if (answer.errorText) throw new Error(`${url}: ${answer.errorText}`)
    await this.until("document.readyState === 'complete'")
  }

  async reloads() {
    await this.eval('window.before_the_reload = true')
    await this.ask('Page.reload')
    await this.until("!window.before_the_reload && document.readyState === 'complete'")
  }

  async eval(expression) {
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })
    if (exceptionDetails)
      throw new Error(`${expression}\n${exceptionDetails.exception?.description ?? exceptionDetails.text}`)
    return result.value
  }

  /** Waits until a condition holds in the page, whichever page that is by then. */
  async until(condition, patience = PATIENCE) {
    const expression = `new Promise(done => { const end = Date.now() + 1500; const look = () => { let is; try { is = ${condition} } catch {} if (is || Date.now() > end) done(!!is); else setTimeout(look, 15) }; look() })`
    for (const end = Date.now() + patience; Date.now() < end;) {
      const answer = await this.ask('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      }).catch(() => null)
      if (answer?.result?.value === true) return
      // A navigation throws the question away: it is asked again, in the new page.
      if (!answer) await new Promise(done => setTimeout(done, 20))
    }
    const says = await this.eval('document.body?.innerText.slice(0, 1500)').catch(() => '')
    throw new Error(
      `never came true: ${condition}\nproblems: ${JSON.stringify(this.problems, null, 1)}\nthe page says:\n${says}`,
    )
  }

  sees(text) {
    return this.until(`document.body.innerText.includes(${JSON.stringify(text)})`)
  }
  there(selector) {
    return this.until(`document.querySelector(${JSON.stringify(selector)})?.checkVisibility()`)
  }
  gone(selector) {
    return this.until(`!document.querySelector(${JSON.stringify(selector)})?.checkVisibility()`)
  }
  clicks(selector) {
    return this.#clicks(
      `[document.querySelector(${JSON.stringify(selector)})].find(each => each?.checkVisibility())`,
    )
  }

  /** Between the look and the click a page may draw the thing anew: then it is looked for again. */
  async #clicks(find) {
    do await this.until(`${find} != null`)
    while (!(await this.eval(`(it => { it?.click(); return it != null })(${find})`)))
  }

  /** Clicks the visible button, menu item or link that is called so. */
  chooses(name) {
    return this.#clicks(
      `[...document.querySelectorAll('button, a, [role=menuitem], [role=option], summary')].filter(each => each.checkVisibility()).findLast(each => (each.getAttribute('aria-label') ?? each.textContent).trim() === ${JSON.stringify(name)} || each.textContent.trim() === ${JSON.stringify(name)})`,
    )
  }

  /** Clicks the first visible one of these whose text has these words. */
  picks(selector, words) {
    return this.#clicks(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].find(each => each.checkVisibility() && each.textContent.includes(${JSON.stringify(words)}))`,
    )
  }

  async types(selector, text) {
    await this.there(selector)
    await this.eval(`document.querySelector(${JSON.stringify(selector)}).focus()`)
    await this.ask('Input.insertText', { text })
  }

  async press(key, { alt = false, ctrl = false, shift = false } = {}) {
    const modifiers = (alt ? 1 : 0) | (ctrl ? 2 : 0) | (shift ? 8 : 0)
    const code = KEYS[key] ?? key.toUpperCase().charCodeAt(0)
    const letter = key.length === 1 && !ctrl && !alt ? key : undefined
    const text = key === 'Enter' ? '\r' : letter
    const same = {
      key,
      modifiers,
      windowsVirtualKeyCode: code,
      code: key.length === 1 && /[a-z]/i.test(key) ? `Key${key.toUpperCase()}` : key,
    }
    await this.ask('Input.dispatchKeyEvent', { ...same, type: text ? 'keyDown' : 'rawKeyDown', text })
    await this.ask('Input.dispatchKeyEvent', { ...same, type: 'keyUp' })
  }

  async says(text) {
    await this.types('.composer textarea', text)
    await this.press('Enter')
  }

  /** The texts on the screen, in their order. */
  messages() {
    return this.eval("[...document.querySelectorAll('.message .body')].map(each => each.textContent)")
  }
  shows(texts) {
    return this.until(
      `JSON.stringify([...document.querySelectorAll('.message .body')].map(each => each.textContent)) === ${JSON.stringify(JSON.stringify(texts))}`,
    )
  }

  async picture(file) {
    mkdirSync(dirname(file), { recursive: true })
    const { data } = await this.ask('Page.captureScreenshot', { format: 'png' })
    writeFileSync(file, Buffer.from(data, 'base64'))
  }

  close() {
    return this.browser.ask('Target.closeTarget', { targetId: this.targetId })
  }
}

/** Every frame of a socket comes twice, and the line drops after so many: for `before`. */
export const badNetwork = every => `{
  const True = WebSocket
  window.WebSocket = class extends True {
    constructor(...all) {
      super(...all)
      let count = 0
      const drop = ${every} + Math.floor(Math.random() * 3)
      super.addEventListener('message', event => {
        this.twice?.(event); this.twice?.(event)
        if (++count >= drop) this.close()
      })
    }
    set onmessage(work) { this.twice = work }
  }
}`
