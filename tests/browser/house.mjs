// The real server as a process of its own, on an empty embedded database, with one fake platform behind it
// that takes every message and answers; and what a test asks of them over HTTP. Knows nothing of the browser.
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as listen } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HOME = fileURLToPath(new URL('../..', import.meta.url))
const TARGET = process.env.CARGO_TARGET_DIR ?? join(HOME, 'target')
export const PICTURES = join(TARGET, 'pictures')
export const ADMIN = 'olga',
  PASSWORD = 'correct horse battery'
const BINARY = process.env.RAPPORT_BINARY ?? join(TARGET, 'debug', 'rapport')
const SECRET = 'an app secret of the tests'

const freePort = () =>
  new Promise(done => {
    const it = listen().listen(0, '127.0.0.1', () => {
      const { port } = it.address()
      it.close(() => done(port))
    })
  })

export class House {
  /** @param {Record<string, string>} [environment] */
  static async open(environment = {}) {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: cargo build`)
    const house = new House()
    house.folder = mkdtempSync(join(tmpdir(), 'rapport-house-'))
    house.port = await freePort()
    house.url = `http://127.0.0.1:${house.port}`
    await house.#platform()
    house.environment = {
      PATH: process.env.PATH,
      RAPPORT_LISTEN: `127.0.0.1:${house.port}`,
      DATABASE_URL: `sqlite://${house.folder}/rapport.db`,
      RAPPORT_SECRET_KEY: 'a key for tests, forty characters long...',
      RAPPORT_ADMIN_USERNAME: ADMIN,
      RAPPORT_ADMIN_PASSWORD: PASSWORD,
      RAPPORT_GRAPH_URL: `${house.fake}/graph`,
      RAPPORT_INSTAGRAM_URL: `${house.fake}/instagram`,
      RAPPORT_TELEGRAM_URL: `${house.fake}/telegram`,
      RAPPORT_AI_URL: `${house.fake}/model`,
      RAPPORT_AI_MODEL: 'a model',
      RUST_LOG: 'info',
      ...environment,
    }
    await house.starts()
    house.admin = await house.signsIn(ADMIN)
    return house
  }

  async starts() {
    this.log = ''
    this.process = spawn(BINARY, [], {
      cwd: this.folder,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.on('data', text => {
        this.log = (this.log + text).slice(-20_000)
      })
    for (const end = Date.now() + 30_000; Date.now() < end;) {
      if (
        await fetch(`${this.url}/health/ready`).then(
          answer => answer.ok,
          () => false,
        )
      )
        return
      if (this.process.exitCode != null) break
      await new Promise(done => setTimeout(done, 50))
    }
    throw new Error(`the server does not start:\n${this.log}`)
  }

  kill() {
    return new Promise(done => {
      this.process.once('exit', done)
      this.process.kill('SIGKILL')
    })
  }

  async close() {
    if (this.process.exitCode == null && this.process.signalCode == null) await this.kill()
    this.platform.closeAllConnections()
    this.platform.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #platform() {
    this.accepted = []
    this.file = null // what the platform has under `a-media-id`
    this.templates = [] // the approved texts of the WhatsApp account
    this.asked = [] // what the model was asked
    this.model = 'An answer of the model'
    this.past = [] // what Instagram has of one conversation, the newest first: {id, from, text, at}
    this.tokenLife = null // what Meta says of a token
    this.botAddress = '' // where Telegram calls the bot
    this.refuses = null // what the platform answers instead, for texts that contain this
    this.platform = createServer((request, answer) => {
      let body = ''
      request
        .on('data', part => {
          body += part
        })
        .on('end', () => {
          const json = (() => {
            try {
              return JSON.parse(body)
            } catch {
              return {}
            }
          })()
          answer.setHeader('content-type', 'application/json')
          if (this.refuses && JSON.stringify(json).includes(this.refuses.text)) {
            answer.statusCode = this.refuses.status
            return answer.end(JSON.stringify(this.refuses.body))
          }
          if (this.hangsUp && JSON.stringify(json).includes(this.hangsUp)) return request.socket.destroy()
          if (request.url.endsWith('/the-file')) {
            answer.setHeader('content-type', 'image/png')
            return answer.end(this.file)
          }
          if (request.url.includes('/a-media-id')) {
            answer.statusCode = this.file ? 200 : 404
            return answer.end(
              JSON.stringify(
                this.file
                  ? {
                      id: 'a-media-id',
                      url: `${this.fake}/the-file`,
                      mime_type: 'image/png',
                      file_size: this.file.length,
                    }
                  : { error: { code: 100, message: 'No such file' } },
              ),
            )
          }
          const kept = this.#kept(request, json)
          if (kept) return answer.end(JSON.stringify(kept))
          if (request.url.includes('/message_templates'))
            return answer.end(JSON.stringify(this.#aboutTemplates(request, json)))
          if (request.url.endsWith('/chat/completions')) {
            this.asked.push(json)
            return answer.end(
              JSON.stringify({
                choices: [
                  { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: this.model } },
                ],
              }),
            )
          }
          const id = `wamid.OUT${this.accepted.length}${Math.random().toString(36).slice(2)}`
          if (request.method === 'POST' && /messages$/.test(request.url.split('?')[0]))
            this.accepted.push({ id, body: json })
          answer.end(
            JSON.stringify({
              messages: [{ id }],
              contacts: [{ wa_id: json.to }],
              message_id: id,
              recipient_id: 'x',
              id: '1',
              name: 'Fake',
              success: true,
              data: [],
              ok: true,
              result: { message_id: this.accepted.length },
            }),
          )
        })
    })
    await new Promise(done => {
      this.platform.listen(0, '127.0.0.1', done)
    })
    this.fake = `http://127.0.0.1:${this.platform.address().port}`
  }

  /** What platforms keep: the past of a conversation, how long a token lives, where a bot is called. */
  #kept({ url }, json) {
    const asked = new URL(url, this.fake)
    const fields = asked.searchParams.get('fields') ?? ''
    if (url.startsWith('/instagram') && asked.pathname.endsWith('/conversations'))
      return { data: this.past.length ? [{ id: 't_1', updated_time: this.past[0].at }] : [] }
    if (asked.pathname.endsWith('/t_1')) return { id: 't_1', messages: this.#messages(fields) }
    if (asked.pathname.endsWith('/debug_token')) return { data: this.tokenLife ?? {} }
    if (asked.pathname.endsWith('/setWebhook')) {
      this.botAddress = json.url
      return { ok: true, result: true }
    }
    if (asked.pathname.endsWith('/getWebhookInfo'))
      return { ok: true, result: { url: this.botAddress, pending_update_count: 0 } }
    return null
  }

  /** The newest 20 with all that is told of them; of the others only their names. */
  #messages(fields) {
    const account = '17841460000712345'
    const told = ({ id, from, text, at }) => ({
      id,
      created_time: at,
      from: { id: from },
      to: { data: [{ id: account }] },
      message: text,
    })
    if (fields.includes('.after('))
      return { data: this.past.slice(20).map(({ id, at }) => ({ id, created_time: at })) }
    const paging = this.past.length > 20 ? { cursors: { after: 'c20' }, next: 'https://elsewhere' } : {}
    return { data: this.past.slice(0, 20).map(told), paging }
  }

  /** The approved texts, listed, made and deleted as at the real one. */
  #aboutTemplates(request, json) {
    const query = new URL(request.url, 'http://x').searchParams
    if (request.method === 'POST') {
      const id = String(++this.#number + 9000)
      this.templates = [...this.templates, { ...json, id, status: 'PENDING' }]
      return { id, status: 'PENDING', category: json.category }
    }
    if (request.method === 'DELETE') {
      this.templates = this.templates.filter(each => each.name !== query.get('name'))
      return { success: true }
    }
    return { data: this.templates }
  }

  /** The account has these approved texts, and ours are as its are. @param {object[]} templates */
  async approves(templates) {
    const { id } = await this.whatsapp()
    this.templates = templates
    await this.admin('POST', `/channels/${id}/templates/sync`, {})
  }

  /** What WhatsApp tells of one of them. @param {string} name @param {string} event `PAUSED`, `APPROVED` … */
  tellsOfTemplate(name, event) {
    return this.hook(
      {
        event,
        message_template_id: 1,
        message_template_name: name,
        message_template_language: 'en',
        reason: 'NONE',
      },
      'message_template_status_update',
    )
  }

  /** Signs in and gives a caller: `call(method, path, body)`, which throws what is no success. */
  async signsIn(username) {
    const login = await fetch(`${this.url}/api/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: PASSWORD }),
    })
    if (!login.ok) throw new Error(await login.text())
    const cookie = login.headers
      .getSetCookie()
      .map(each => each.split(';')[0])
      .join('; ')
    const call = async (method, path, body) => {
      const form = body instanceof FormData
      const answer = await fetch(`${this.url}/api/v1${path}`, {
        method,
        headers: { cookie, ...(body && !form ? { 'content-type': 'application/json' } : {}) },
        body: form ? body : body && JSON.stringify(body),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return text ? JSON.parse(text) : null
    }
    call.cookie = cookie
    return call
  }

  /** A colleague who can sign in, and their caller. */
  async adds(username, full_name, role = 'agent') {
    const user = await this.admin('POST', '/users', {
      username,
      full_name,
      email: `${username}@example.org`,
      password: PASSWORD,
      role,
    })
    return Object.assign(await this.signsIn(username), { id: user.id })
  }

  webchat(more = {}) {
    return this.admin('POST', '/channels', {
      kind: 'webchat',
      name: 'Our shop',
      external_id: `shop${Math.random()}`,
      credentials: {},
      ...more,
    })
  }
  /** The one WhatsApp number of this house. */
  whatsapp() {
    return (this.number ??= this.admin('POST', '/channels', {
      kind: 'whatsapp',
      name: 'Support line',
      external_id: '106540352242922',
      options: { waba_id: '1', coexistence: true },
      credentials: { access_token: 'a token', app_secret: SECRET, verify_token: 'a verify token' },
    }))
  }

  /** Posts what WhatsApp would, signed. */
  async hook(value, field = 'messages') {
    await this.whatsapp()
    const body = JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: '1',
          changes: [
            {
              field,
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
                ...value,
              },
            },
          ],
        },
      ],
    })
    const answer = await fetch(`${this.url}/webhooks/whatsapp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
      },
      body,
    })
    if (!answer.ok) throw new Error(await answer.text())
    return answer.json()
  }

  #number = 0
  /**
   * What a customer writes by WhatsApp, so many seconds ago: texts in one delivery.
   * @returns {Promise<number>} the conversation
   */
  async writes(from, texts, name = `Customer ${from}`, ago = 0) {
    const timestamp = String(Math.floor(Date.now() / 1000) - ago)
    const messages = [texts]
      .flat()
      .map(text =>
        typeof text === 'string'
          ? { from, id: `wamid.IN${from}.${this.#number++}`, timestamp, type: 'text', text: { body: text } }
          : { from, id: `wamid.IN${from}.${this.#number++}`, timestamp, ...text },
      )
    const { results } = await this.hook({ contacts: [{ profile: { name }, wa_id: from }], messages })
    return results[0].conversation_id
  }

  /**
   * What somebody writes to this house's Instagram account, so many seconds ago.
   * @returns {Promise<number>} the conversation
   */
  async directs(from, text, ago = 0) {
    await (this.account ??= this.admin('POST', '/channels', {
      kind: 'instagram',
      name: 'Our pictures',
      external_id: '17841460000712345',
      options: { human_agent: true },
      credentials: { access_token: 'a token', app_secret: SECRET, verify_token: 'a verify token' },
    }))
    const at = Date.now() - ago * 1000
    const body = JSON.stringify({
      object: 'instagram',
      entry: [
        {
          id: '17841460000712345',
          time: at,
          messaging: [
            {
              sender: { id: from },
              recipient: { id: '17841460000712345' },
              timestamp: at,
              message: { mid: `mid.${this.#number++}`, text },
            },
          ],
        },
      ],
    })
    const answer = await fetch(`${this.url}/webhooks/instagram`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
      },
      body,
    })
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()).results[0].conversation_id
  }

  /** A Telegram bot of this house. */
  bot() {
    return (this.robot ??= this.admin('POST', '/channels', {
      kind: 'telegram',
      name: 'Our bot',
      external_id: '7000',
      credentials: { bot_token: '7000:a-token', webhook_secret: SECRET.replace(/ /g, '_') },
    }))
  }
  /** What somebody writes to it. @returns {Promise<number>} the conversation */
  async tells(from, text) {
    const { id } = await this.bot(),
      number = ++this.#number
    const answer = await fetch(`${this.url}/webhooks/telegram/${id}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-telegram-bot-api-secret-token': SECRET.replace(/ /g, '_'),
      },
      body: JSON.stringify({
        update_id: number,
        message: {
          message_id: number,
          date: Math.floor(Date.now() / 1000),
          from: { id: from, is_bot: false, first_name: `Person ${from}` },
          chat: { id: from, type: 'private', first_name: `Person ${from}` },
          text,
        },
      }),
    })
    if (!answer.ok) throw new Error(await answer.text())
    return (await answer.json()).results[0].conversation_id
  }

  /** A reply written in the phone's own app. */
  echo(to, text) {
    return this.hook(
      {
        message_echoes: [
          {
            from: '15550783881',
            to,
            id: `wamid.ECHO${this.#number++}`,
            timestamp: String(Math.floor(Date.now() / 1000)),
            type: 'text',
            text: { body: text },
          },
        ],
      },
      'smb_message_echoes',
    )
  }
  /** How far a message of ours has got. */
  receipt(id, status, to) {
    return this.hook({
      statuses: [{ id, status, timestamp: String(Math.floor(Date.now() / 1000)), recipient_id: to }],
    })
  }

  /** Signs a person of the browser in, the way they would, and waits for the inbox. */
  async enters(person, username, path = '/') {
    await person.opens(`${this.url}/login?next=${encodeURIComponent(path)}`)
    await person.types('input[name=username]', username)
    await person.types('input[name=password]', PASSWORD)
    await person.press('Enter')
    await person.until(
      "document.documentElement.dataset.ready === '' && !location.pathname.startsWith('/login')",
    )
  }
}

/**
 * Waits until `look` gives something.
 * @template T
 * @param {() => Promise<T> | T} look
 * @returns {Promise<T>}
 */
export async function eventually(what, look, patience = 20_000) {
  for (const end = Date.now() + patience; Date.now() < end;) {
    const found = await look()
    if (found) return found
    await new Promise(done => setTimeout(done, 40))
  }
  throw new Error(`never happened: ${what}`)
}
