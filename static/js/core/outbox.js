// @ts-check
// What a person has sent and no server has acknowledged. It outlives a reload and a closed laptop
// (IndexedDB), and every entry goes out under one client id, so that a second try can do no harm.

/** @typedef {import('./types.js').Owed} Owed */
/** Refusals that time may heal: everything else is final and shown to the person. */
const PASSING = new Set([
  'unavailable',
  'storage_unavailable',
  'service_unavailable',
  'overloaded',
  'busy',
  'rate_limited',
  'too_many_requests',
  'internal',
  'internal_error',
  'timeout',
  'shutting_down',
])
const ANSWER_WITHIN = 15_000

export class Outbox {
  /** @type {Map<string, Owed>} */
  #owed = new Map()
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map()
  #box
  #send

  /**
   * @param {{all(): Promise<Owed[]>, put(entry: Owed): Promise<unknown>,
   *   remove(id: string): Promise<void>}} box
   *   where entries are kept
   * @param {(frame: import('./socket.js').Frame) => boolean} send whether the line took the frame
   */
  constructor(box, send) {
    this.#box = box
    this.#send = send
  }

  /** What an earlier page of the same person left. @param {string} owner */
  async load(owner) {
    const found = await this.#box.all()
    const mine = found
      .filter(each => each.owner === owner)
      .sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
    for (const entry of mine) if (!this.#owed.has(entry.client_id)) this.#owed.set(entry.client_id, entry)
    return mine
  }

  /** @param {Owed} entry */
  add(entry) {
    this.#owed.set(entry.client_id, entry)
    const kept = this.#box.put(entry)
    this.#push(entry)
    return kept
  }

  /** The line is live: everything owed goes out again, in its order. */
  resend() {
    for (const entry of this.#owed.values()) this.#push(entry)
  }

  /** The server has it, or the person gave it up. @param {string} id */
  settle(id) {
    this.#stop(id)
    if (!this.#owed.delete(id)) return null
    return this.#box.remove(id)
  }

  /**
   * The server refused. A passing trouble is tried again; for a final one the entry is handed back and kept
   * no more.
   * @param {string} id @param {string} code @param {number} [after] seconds to wait @returns {Owed | null}
   */
  refused(id, code, after = 0) {
    const entry = this.#owed.get(id)
    if (!entry) return null
    this.#stop(id)
    if (PASSING.has(code)) {
      this.#timers.set(
        id,
        setTimeout(() => this.#push(entry), Math.max(2_000, after * 1_000) + Math.random() * 3_000),
      )
      return null
    }
    this.settle(id)
    return entry
  }

  get size() {
    return this.#owed.size
  }

  /** @param {Owed} entry */
  #push(entry) {
    const { client_id, conversation_id, content, attachment_ids, reply_to, is_private } = entry
    this.#stop(client_id)
    const gone = this.#send({
      type: 'send',
      ref: client_id,
      client_id,
      conversation_id,
      content,
      attachment_ids,
      reply_to,
      ...(is_private ? { is_private } : {}),
    })
    if (gone)
      this.#timers.set(
        client_id,
        setTimeout(() => {
          if (this.#owed.has(client_id)) this.#push(entry)
        }, ANSWER_WITHIN),
      )
  }

  /** @param {string} id */
  #stop(id) {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }
}

/**
 * Entries in this browser; where it keeps nothing (a private window), they live as long as the page.
 * @param {string} name
 */
export function browserBox(name) {
  /** @type {Promise<IDBDatabase | null>} */
  const opened = new Promise(done => {
    try {
      const asking = indexedDB.open(name, 1)
      asking.onupgradeneeded = () => asking.result.createObjectStore('outbox', { keyPath: 'client_id' })
      asking.onsuccess = () => done(asking.result)
      asking.onerror = () => done(null)
    } catch {
      done(null)
    }
  })
  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<T>} work
   * @returns {Promise<T | undefined>}
   */
  const run = async (mode, work) => {
    const db = await opened
    if (!db) return undefined
    return new Promise((done, fail) => {
      const asked = work(db.transaction('outbox', mode, { durability: 'strict' }).objectStore('outbox'))
      asked.onsuccess = () => done(asked.result)
      asked.onerror = () => fail(asked.error)
    })
  }
  return {
    /** @returns {Promise<Owed[]>} */
    all: async () => (await run('readonly', store => store.getAll())) ?? [],
    /** @param {Owed} entry */
    put: entry => run('readwrite', store => store.put(entry)),
    /** @param {string} id */
    remove: id => run('readwrite', store => store.delete(id)),
  }
}
