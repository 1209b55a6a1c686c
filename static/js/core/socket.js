// @ts-check
// The socket: comes back by itself, notices when it is dead, and says honestly how it is. What the frames
// mean is for who listens; what is owed lies in the outbox. Knows neither the store nor the page.
import { signal } from './signal.js'

const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000
const PATIENCE = 10_000
/**
 * How long a live line has to answer when a person comes back to the page, and when the browser calls itself
 * offline.
 */
const SOON = 3_000
const AT_ONCE = 1_200
/** What a close code tells a client to do. */
const CLOSED = /** @type {Record<number, string>} */ ({ 4001: 'sign_in', 4008: 'at_once' })

/**
 * How long to wait before try number `attempt` (0, 1, …): 0.5 s doubling to 30 s, of which a random half.
 * @param {number} attempt
 */
export function backOff(attempt, random = Math.random()) {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt) * (0.5 + random / 2)
}

/**
 * What is used of a WebSocket.
 * @typedef {Pick<WebSocket, 'send' | 'close' | 'readyState' | 'onopen' | 'onmessage' | 'onclose'>} Socket
 */
/**
 * What a server says: its fields are the contract's.
 * @typedef {{type: string, [field: string]: any}} Frame
 */

/**
 * @typedef {object} World    what the link needs from around it; the tests give their own
 * @property {() => Socket} open                   a new WebSocket
 * @property {(work: () => void, ms: number) => unknown} later
 * @property {(timer: any) => void} cancel         what `later` gave
 */

export class Link {
  /** connecting · live · waiting (for the next try) · signed_out */
  state = signal('connecting')
  /** When the next try is due, while waiting. */
  nextTry = signal(0)
  /** @type {World} */
  #world
  /** @type {Socket | null} */
  #socket = null
  #attempt = 0
  #heartbeat = 25_000
  /** @type {unknown} */
  #timer = null
  /** @type {unknown} */
  #pulse = null
  #welcomed = false
  #closed = false
  /** @type {Map<string, Set<(frame: any) => void>>} */
  #listeners = new Map()
  /** @type {() => object | null} */
  #greet

  /**
   * @param {World} world
   * @param {() => object | null} [greet] the first frame to send, if the client speaks first
   */
  constructor(world, greet = () => null) {
    this.#world = world
    this.#greet = greet
  }

  start() {
    this.#connect()
  }

  /** Ends for good. */
  stop() {
    this.#closed = true
    this.#world.cancel(this.#timer)
    this.#world.cancel(this.#pulse)
    this.#socket?.close()
  }

  /**
   * Calls `each` for every frame of this type; `close` and `frame` (any type) are listened to the same way.
   * @param {string} type
   * @param {(frame: any) => void} each
   */
  on(type, each) {
    let set = this.#listeners.get(type)
    if (!set) this.#listeners.set(type, (set = new Set()))
    set.add(each)
    return () => {
      set.delete(each)
    }
  }

  /**
   * Sends if the line is live, and says whether it did. Whoever needs the frame to arrive asks again after
   * `welcome`.
   * @param {object} frame
   */
  send(frame) {
    if (!this.#welcomed || this.#socket?.readyState !== 1) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  /** The network is back, or the page is looked at again: do not wait for the timer. */
  hurry() {
    if (this.#closed || this.state.peek() === 'signed_out') return
    if (this.state.peek() === 'waiting') {
      this.#attempt = 0
      this.#connect()
    } else if (this.state.peek() === 'live') this.#check(SOON)
  }

  /** The browser calls itself offline, which is not always so: a live line is asked whether it still is. */
  doubt() {
    if (!this.#closed && this.state.peek() === 'live') this.#check(AT_ONCE)
  }

  #connect() {
    this.#world.cancel(this.#timer)
    this.#world.cancel(this.#pulse)
    if (this.state.peek() !== 'waiting') this.state.set('connecting')
    this.#welcomed = false
    const socket = (this.#socket = this.#world.open())
    socket.onopen = () => {
      const first = this.#greet()
      if (first) socket.send(JSON.stringify(first))
    }
    socket.onmessage = event => {
      if (socket === this.#socket) this.#receive(event.data)
    }
    socket.onclose = event => {
      if (socket === this.#socket) this.#lost(event.code)
    }
    this.#pulse = this.#world.later(() => this.#drop(), PATIENCE)
  }

  /** @param {string} data */
  #receive(data) {
    const frame = JSON.parse(data)
    if (frame.type === 'welcome') {
      this.#attempt = 0
      this.#welcomed = true
      this.#heartbeat = frame.heartbeat_ms || this.#heartbeat
      this.state.set('live')
    }
    this.#listen()
    for (const name of [frame.type, 'frame']) for (const each of this.#listeners.get(name) ?? []) each(frame)
  }

  // Any frame is a sign of life. Silence for a heartbeat is asked about; silence after the question ends the
  // socket.
  #listen() {
    this.#world.cancel(this.#pulse)
    this.#pulse = this.#world.later(() => this.#check(PATIENCE), this.#heartbeat)
  }

  /** @param {number} patience */
  #check(patience) {
    this.#world.cancel(this.#pulse)
    this.send({ type: 'ping' })
    this.#pulse = this.#world.later(() => this.#drop(), patience)
  }

  // A dead line may take minutes to report its own close: do not wait for it.
  #drop() {
    const socket = this.#socket
    this.#lost(1006)
    socket?.close()
  }

  /** @param {number} code */
  #lost(code) {
    this.#socket = null
    this.#world.cancel(this.#pulse)
    if (this.#closed) return
    const welcomed = this.#welcomed
    this.#welcomed = false
    const what = CLOSED[code]
    for (const each of this.#listeners.get('close') ?? []) each({ code, welcomed })
    if (what === 'sign_in') return this.state.set('signed_out')
    const wait = what === 'at_once' && welcomed ? 0 : backOff(this.#attempt++)
    this.state.set('waiting')
    this.nextTry.set(Date.now() + wait)
    this.#world.cancel(this.#timer)
    this.#timer = this.#world.later(() => this.#connect(), wait)
  }
}

/**
 * The world of a browser page, with the link told when the network or the person comes back.
 * @param {string} path
 * @param {() => object | null} [greet]
 */
export function browserLink(path, greet) {
  const link = new Link(
    {
      open: () => new WebSocket(new URL(path, location.href.replace(/^http/, 'ws'))),
      later: (work, ms) => setTimeout(work, ms),
      cancel: timer => clearTimeout(timer),
    },
    greet,
  )
  addEventListener('online', () => link.hurry())
  addEventListener('offline', () => link.doubt())
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) link.hurry()
  })
  return link
}
