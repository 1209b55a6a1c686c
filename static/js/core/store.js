// @ts-check
// What this browser knows, each thing once. Snapshots, history pages, socket frames, answers to a send and
// the draft of a send all come in through `apply` (records) or `page` (a contiguous stretch of a thread), in
// any order and any number of times. Pure state: knows neither the network nor the page.
import { signal } from './signal.js'

/** @typedef {import('./types.js').Message} Message */
/** @typedef {import('./types.js').Conversation} Conversation */
/**
 * A conversation's messages as far as they are known: one stretch from `low` to `high` without holes.
 * @typedef {object} Thread
 * @property {string[]} order         the stretch's messages in their order, then what is still owed
 * @property {Set<string>} members    the same as a set
 * @property {Map<string, Message>} ahead what came by socket beyond a stretch that does not reach the end yet
 * @property {import('./signal.js').Signal<string[]>} keys
 * @property {number | null} low      the lowest seq of the stretch; null: nothing is loaded
 * @property {number} high            the highest seq of the stretch
 * @property {boolean} complete       the stretch begins with the first message
 * @property {import('./signal.js').Signal<boolean>} atEnd   the stretch ends with the newest message
 * @property {number} version         what a reconnect asks to go on from
 */

export class Store {
  /** @type {Map<string, import('./signal.js').Signal<any>>} */
  #cells = new Map()
  /** @type {Map<number, Thread>} */
  #threads = new Map()
  /** @type {Set<(message: Message) => void>} */
  #fresh = new Set()
  /** @type {Set<number>} */
  #erased = new Set()
  /** @type {Map<number, number>} */
  #touched = new Map()
  /** @type {(message: Message) => boolean} */
  #isMine
  /** Rises with every live frame; an answer carries the moment it was asked for. */
  moment = 0
  /** Ids of all known conversations, the one with the newest activity first. */
  conversations = signal(/** @type {number[]} */ ([]))

  /** @param {(message: Message) => boolean} isMine whether this browser's person wrote a message */
  constructor(isMine = () => false) {
    this.#isMine = isMine
  }

  /**
   * One name for a message's whole life: mine by what I called it, others by what the server calls them.
   * @param {Message} message
   */
  keyOf(message) {
    return message.client_id && this.#isMine(message)
      ? `${message.conversation_id}:${message.client_id}`
      : `#${message.id}`
  }

  /**
   * Takes messages; one that is not newer than what is here changes nothing.
   * A message outside the loaded stretch is left out, so that a stretch never gets a hole.
   * @param {Message[]} messages @param {{live?: boolean}} [how] live: it has just happened
   */
  apply(messages, { live = false } = {}) {
    /** @type {Set<Thread>} */
    const changed = new Set()
    for (const message of messages) {
      const key = this.keyOf(message)
      const thread = this.thread(message.conversation_id)
      const known = this.peek(key)
      const placed = thread.members.has(key)
      if (placed && known && known.version >= message.version) continue
      const newest = known && known.version >= message.version ? known : message
      if (!this.#belongs(thread, newest)) {
        // My own send that got its place beyond a stretch in the middle of the past: it waits there with the
        // others.
        if (placed) {
          this.#remove(thread, key)
          changed.add(thread)
        }
        this.#keepAhead(thread, key, newest, live)
        continue
      }
      this.#cell(key).set(newest)
      this.#place(thread, key, newest, placed ? known : undefined)
      changed.add(thread)
      if (live && !known) this.#tell(message)
    }
    for (const thread of changed) thread.keys.set([...thread.order])
  }

  /**
   * Takes a page of history: it lengthens the stretch by what it covers.
   * @param {number} id
   * @param {Message[]} messages
   * @param {{before?: number, after?: number, limit: number}} asked
   */
  page(id, messages, { before, after, limit }) {
    const thread = this.thread(id)
    /** @type {string[]} */
    let old = []
    const seqs = messages.map(each => each.seq ?? 0)
    const short = messages.length < limit
    if (before == null && after == null) {
      old = this.#reset(thread)
      thread.version = Math.max(0, ...messages.map(each => each.version))
      thread.complete = short
      thread.atEnd.set(true)
      thread.low = seqs.length ? Math.min(...seqs) : 0
      thread.high = Math.max(0, ...seqs)
    } else if (before != null) {
      if (thread.low !== before) return // an answer to a stretch that is no longer shown
      thread.low = Math.min(before, ...seqs)
      if (short) thread.complete = true
    } else {
      if (thread.high !== after) return
      thread.high = Math.max(thread.high, ...seqs)
      if (short) thread.atEnd.set(true)
    }
    this.apply(messages)
    if (thread.atEnd.peek()) this.#catchUp(thread)
    this.#sweep(thread, old)
  }

  /**
   * Starts a thread's stretch anew around a place in its middle.
   * @param {number} id
   * @param {Message[]} messages
   */
  around(id, messages) {
    const thread = this.thread(id)
    const old = this.#reset(thread)
    thread.complete = false
    thread.atEnd.set(false)
    thread.low = Math.min(...messages.map(each => each.seq ?? 0))
    thread.high = Math.max(...messages.map(each => each.seq ?? 0))
    this.apply(messages)
    this.#sweep(thread, old)
  }

  /** What the socket has told of a conversation so far. @param {number} id @param {number} version */
  reached(id, version) {
    const thread = this.thread(id)
    if (version > thread.version) thread.version = version
  }

  /**
   * Takes conversations, none that is older than what is here: an answer may overtake a frame and the other
   * way round. Read marks have no number, so an answer that was asked for before the last live frame about
   * the same conversation loses to it.
   * @param {Conversation[]} conversations @param {{live?: boolean, asked?: number}} [how]
   */
  applyConversations(conversations, { live = false, asked = this.moment } = {}) {
    let changed = false
    for (const conversation of conversations) {
      if (this.#erased.has(conversation.id)) continue
      const cell = this.#cell(`conversation ${conversation.id}`)
      const known = /** @type {Conversation | undefined} */ (cell.peek())
      if (known && (known.version > conversation.version || known.revision > conversation.revision)) continue
      if (
        known &&
        !live &&
        known.version === conversation.version &&
        !(conversation.revision > known.revision) &&
        (this.#touched.get(conversation.id) ?? 0) > asked
      )
        continue
      if (live) this.#touched.set(conversation.id, ++this.moment)
      cell.set(conversation)
      changed = true
    }
    if (changed) this.#sort()
  }

  /** Takes a message back that no server has: a send that was given up. @param {string} key */
  drop(key) {
    const message = this.peek(key)
    if (!message || message.version > 0) return
    const thread = this.thread(message.conversation_id)
    this.#remove(thread, key)
    thread.keys.set([...thread.order])
    this.#cells.delete(key)
  }

  /**
   * Changes the copy of a send that no server has yet.
   * @param {string} key
   * @param {Partial<Message>} change
   */
  amend(key, change) {
    const cell = this.#cells.get(key)
    const known = cell?.peek()
    if (cell && known && known.version === 0) cell.set({ ...known, ...change })
  }

  /** Forgets a thread's messages, those still owed excepted, to keep memory flat. @param {number} id */
  unload(id) {
    const thread = this.#threads.get(id)
    if (!thread) return
    const old = this.#reset(thread)
    thread.low = null
    thread.ahead.clear()
    this.#sweep(thread, old)
  }

  /**
   * Forgets conversations that are nowhere any more, with all that was said in them; what was on its way
   * brings none back.
   * @param {number[]} ids
   */
  erase(ids) {
    for (const id of ids) {
      this.#erased.add(id)
      for (const key of this.#threads.get(id)?.order ?? []) this.#cells.delete(key)
      this.#threads.delete(id)
      this.#cells.delete(`conversation ${id}`)
    }
    this.#sort()
  }

  /** Those that are told again are there again. @param {number[]} ids */
  readmit(ids) {
    for (const id of ids) this.#erased.delete(id)
  }

  /**
   * Called once for a message that has just happened, never for history, whatever way it came.
   * @param {(message: Message) => void} each
   */
  onFresh(each) {
    this.#fresh.add(each)
    return () => {
      this.#fresh.delete(each)
    }
  }

  /** @param {string} key @returns {Message} */
  get(key) {
    return this.#cell(key)()
  }
  /** @param {string} key @returns {Message} */
  peek(key) {
    return this.#cells.get(key)?.peek()
  }
  /** @param {number} id @returns {Conversation | undefined} */
  conversation(id) {
    return this.#cell(`conversation ${id}`)()
  }
  /** @param {number} id @returns {Conversation | undefined} */
  peekConversation(id) {
    return this.#cells.get(`conversation ${id}`)?.peek()
  }

  /** @param {number} id @returns {Thread} */
  thread(id) {
    let thread = this.#threads.get(id)
    if (!thread) {
      thread = {
        order: [],
        members: new Set(),
        ahead: new Map(),
        keys: signal(/** @type {string[]} */ ([])),
        low: null,
        high: 0,
        complete: false,
        atEnd: signal(false),
        version: 0,
      }
      this.#threads.set(id, thread)
    }
    return thread
  }

  /** @param {Thread} thread @param {Message} message */
  #belongs(thread, message) {
    if (message.seq == null) return true
    if (thread.low == null || message.seq < thread.low) return thread.complete && thread.low != null
    if (message.seq <= thread.high) return true
    if (!thread.atEnd.peek()) return false
    thread.high = message.seq
    return true
  }

  /** @param {Thread} thread @param {string} key @param {Message} message @param {boolean} live */
  #keepAhead(thread, key, message, live) {
    const known = thread.ahead.get(key)
    if (known && known.version >= message.version) return
    thread.ahead.set(key, message)
    if (live && !known) this.#tell(message)
  }

  /** @param {Thread} thread */
  #catchUp(thread) {
    const ahead = [...thread.ahead.values()].filter(each => each.seq != null && each.seq > (thread.low ?? 0))
    thread.ahead.clear()
    this.apply(ahead.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)))
  }

  /** @param {Thread} thread @param {string} key */
  #remove(thread, key) {
    thread.members.delete(key)
    thread.order = thread.order.filter(each => each !== key)
  }

  /** @param {Message} message */
  #tell(message) {
    for (const each of this.#fresh) each(message)
  }

  /** Empties the stretch and says what was in it; what is still owed stays. @param {Thread} thread */
  #reset(thread) {
    const owed = thread.order.filter(key => this.peek(key)?.version === 0)
    const old = thread.order.filter(key => !owed.includes(key))
    thread.order = owed
    thread.members = new Set(owed)
    return old
  }

  // Rows that stay on the screen keep their cells through a reset; the others' go.
  /** @param {Thread} thread @param {string[]} old */
  #sweep(thread, old) {
    for (const key of old) if (!thread.members.has(key)) this.#cells.delete(key)
    thread.keys.set([...thread.order])
  }

  /** @param {string} id */
  #cell(id) {
    let cell = this.#cells.get(id)
    if (!cell) this.#cells.set(id, (cell = signal(/** @type {any} */ (undefined))))
    return cell
  }

  // A message's place is the seq its server gave it; one that is not there yet comes last, by its clock.
  /**
   * @param {Thread} thread
   * @param {string} key
   * @param {Message} message
   * @param {Message | undefined} known
   */
  #place({ order, members }, key, message, known) {
    members.add(key)
    if (known) {
      if (known.seq === message.seq) return
      order.splice(order.indexOf(key), 1)
    }
    let low = 0,
      high = order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (comesBefore(this.peek(order[middle]), message)) low = middle + 1
      else high = middle
    }
    order.splice(low, 0, key)
  }

  #sort() {
    const all = []
    for (const [id, cell] of this.#cells)
      if (id.startsWith('conversation ') && cell.peek()) all.push(cell.peek())
    all.sort(newestFirst)
    const before = this.conversations.peek()
    const next = all.map(each => each.id)
    if (next.length !== before.length || next.some((id, i) => id !== before[i])) this.conversations.set(next)
  }
}

/** @param {Conversation} a @param {Conversation} b */
function newestFirst(a, b) {
  if (a.last_activity_at === b.last_activity_at) return b.id - a.id
  return a.last_activity_at < b.last_activity_at ? 1 : -1
}

/** @param {Message} a @param {Message} b */
function comesBefore(a, b) {
  const first = a.seq ?? Infinity,
    second = b.seq ?? Infinity
  return first === second ? a.created_at <= b.created_at : first < second
}
