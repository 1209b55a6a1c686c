// @ts-check
// What the inbox does with the line: it resumes where it was, keeps the store true, and pays what it owes.
// Over 400 lines: whatever comes over the one line is told here, in its order.
import { get, patch, session as http } from '../core/api.js'
import { restored } from '../core/epoch.js'
import { showError } from '../core/toast.js'
import { browserLink } from '../core/socket.js'
import { browserBox, Outbox } from '../core/outbox.js'
import { signal } from '../core/signal.js'
import { Store } from '../core/store.js'
import { inWorkspace } from '../core/workspace.js'
import { ActQueue, browserActs } from './act_queue.js'
import { ListWatch } from './list_watch.js'
import { LivePeople } from './live_people.js'
import { TeamData } from './team_data.js'

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('../core/types.js').User} User */
/** Who goes through the list by keys has read what they have looked at for so long. */
const A_LOOK = 1_000
/** How long a page may be hidden before its person counts as away. */
const AWAY_AFTER = 5_000

export class Session {
  /** Conversations that are no longer there for this person. */
  gone = signal(/** @type {Set<number>} */ (new Set()))
  /**
   * Called once the line is back and no change is missed any more: what is shown is fetched again.
   * @type {Set<() => void>}
   */
  back = new Set()
  /** Called when conversations are gone for good. @type {Set<() => void>} */
  wiped = new Set()
  /**
   * Goes on from a conversation that one's own act took out of the list; the list says how. isDone: one is
   * done with it.
   * @type {(id: number, isDone: boolean) => () => void}
   */
  leaves = () => () => {}
  /** Puts the focus into the reply box of what is open. */
  write = () => {}
  /** Leaves the open conversation for its row in the list. */
  stepOut = () => {}
  /** What is being done with conversations. @type {Set<Promise<unknown>>} */
  doing = new Set()
  /** What takes back what was done, the last one last. @type {(() => Promise<void>)[]} */
  undos = []
  /**
   * A refusal of what was done while the line was away.
   * @type {(act: import('./act_queue.js').Act, problem: any) => void}
   */
  refused = () => {}
  /**
   * The conversation one only looks at in passing: nothing of it counts as read yet.
   * @type {import('../core/signal.js').Signal<number | null>}
   */
  passing = signal(/** @type {number | null} */ (null))
  /** Called for each change of the list. @type {Set<(reason: string, conversation: any) => void>} */
  changed = new Set()
  /** @type {Set<number>} */
  #open = new Set()
  /**
   * How often a conversation had been marked as unread when it was opened.
   * @type {Map<number, number | undefined>}
   */
  #openings = new Map()
  /** What was opened on an earlier line: following it again is no opening. @type {Set<number>} */
  #resumed = new Set()
  /** @type {Set<number>} */
  #replayed = new Set()
  /** @type {Map<number, number>} */
  #read = new Map()
  /** How far one would have read what one only looks at in passing. */
  #seen = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #look

  /** @param {User} me */
  constructor(me) {
    this.me = me
    this.store = new Store(message => message.sender_type === 'support' && message.sender?.id === me.id)
    this.book = new TeamData()
    this.link = browserLink(inWorkspace('/ws'))
    this.list = new ListWatch(this.link)
    this.people = new LivePeople(this.link, me.id)
    this.outbox = new Outbox(browserBox('rapport'), frame => this.link.send(frame))
    this.acts = new ActQueue({
      ...browserActs(String(me.id)),
      send: ({ id, sent }) =>
        patch(`/conversations/${id}`, sent).then(after => this.store.applyConversations([after])),
      refused: (act, problem) => this.refused(act, problem),
    })
    this.#listen()
  }

  async start() {
    const owed = await this.outbox.load(String(this.me.id)).catch(() => [])
    this.store.apply(owed.map(entry => this.#copy(entry)))
    this.link.start()
  }

  /** Follows a conversation from where its thread ends. @param {number} id */
  follow(id) {
    this.#open.add(id)
    this.#openings.set(id, this.store.peekConversation(id)?.marked_unread)
    this.#resumed.delete(id)
    this.#subscribe(id)
  }

  /** @param {number} id */
  leave(id) {
    this.#open.delete(id)
    this.#openings.delete(id)
    this.#resumed.delete(id)
    this.#replayed.delete(id)
    if (this.passing.peek() === id) this.unread(id) // left before it counted as read
    this.link.send({ type: 'unsubscribe', conversation_id: id })
  }

  /**
   * Shows a message now and owes it until the server has it; its client id makes a second try harmless.
   * @param {number} conversation_id
   * @param {{content: string, attachment_ids?: number[], attachments?: any[], quoted?: Message | null, is_private?: boolean}} words
   */
  send(
    conversation_id,
    { content, attachment_ids = [], attachments = [], quoted = null, is_private = false },
  ) {
    this.handled(conversation_id)
    const entry = {
      client_id: crypto.randomUUID(),
      conversation_id,
      content,
      attachment_ids,
      reply_to: quoted?.id ?? null,
      created_at: new Date().toISOString(),
      owner: String(this.me.id),
      ...(is_private ? { is_private } : {}),
    }
    this.store.apply([
      {
        ...this.#copy(entry),
        attachments,
        quote: quoted
          ? {
              id: quoted.id,
              content: quoted.content,
              sender_name: quoted.sender?.name ?? null,
              message_type: quoted.message_type,
            }
          : null,
      },
    ])
    this.outbox.add(entry)
  }

  /** Another try for a send that was refused before it was stored. @param {Message} message */
  again(message) {
    const key = this.store.keyOf(message)
    this.store.amend(key, { status: 'pending', error: null })
    this.outbox.add({
      client_id: message.client_id ?? crypto.randomUUID(),
      conversation_id: message.conversation_id,
      content: message.content ?? '',
      attachment_ids: message.attachments.map(each => each.id),
      reply_to: message.reply_to,
      created_at: message.created_at,
      owner: String(this.me.id),
      ...(message.is_private ? { is_private: true } : {}),
    })
  }

  /** @param {Message} message */
  giveUp(message) {
    if (message.client_id) this.outbox.settle(message.client_id)
    this.store.drop(this.store.keyOf(message))
  }

  /** @param {number} conversation_id @param {number} seq */
  markRead(conversation_id, seq) {
    if (this.passing.peek() === conversation_id) {
      this.#seen = Math.max(this.#seen, seq)
      return
    }
    if ((this.#read.get(conversation_id) ?? 0) >= seq) return
    const opening = this.#resumed.has(conversation_id) ? this.#openings.get(conversation_id) : null
    const which = opening == null ? {} : { opening }
    if (!this.link.send({ type: 'read', conversation_id, seq, ...which })) return
    this.#read.set(conversation_id, seq)
    const known = this.store.peekConversation(conversation_id)
    const newest = known?.last_message?.seq ?? 0
    if ((known?.unread_count || known?.is_mentioned) && seq >= newest)
      this.store.applyConversations([{ ...known, unread_count: 0, is_mentioned: false }])
  }

  /**
   * One goes through the list by keys: what opens is read after a moment of looking, not before.
   * @param {number} id
   */
  pass(id) {
    clearTimeout(this.#look)
    this.#seen = 0
    this.passing.set(id)
    this.#look = setTimeout(() => this.settle(), A_LOOK)
  }

  /**
   * One stays with what is open: what was seen of it is read.
   * @param {number | null} [open] what is open; another one was left before
   */
  settle(open = this.passing.peek()) {
    const id = this.passing.peek()
    if (id == null || id !== open) return
    clearTimeout(this.#look)
    this.passing.set(null)
    if (this.#seen) this.markRead(id, this.#seen)
    this.#seen = 0
  }

  /**
   * Who answers it, or does something with it, has seen it, however quickly they did: the thread may not have
   * told yet how far.
   * @param {number} id
   */
  handled(id) {
    this.settle(id)
    const newest = this.store.peekConversation(id)?.last_message?.seq
    if (newest && this.#open.has(id)) this.markRead(id, newest)
  }

  /** Nothing of it is read any more, until it is opened anew. @param {number} id */
  unread(id) {
    clearTimeout(this.#look)
    this.#read.delete(id)
    if (this.passing.peek() === id) this.passing.set(null)
    this.#seen = 0
  }

  /** @param {number} conversation_id @param {boolean} is_typing */
  type(conversation_id, is_typing) {
    this.link.send({ type: 'typing', conversation_id, is_typing })
  }

  /** @param {number} id */
  #subscribe(id) {
    const thread = this.store.thread(id)
    if (thread.low == null) return // its first page is on its way; `follow` is called again with it
    this.#replayed.delete(id)
    this.people.forgetViewers(id)
    this.link.send({ type: 'subscribe', ref: `subscribe ${id}`, conversation_id: id, after: thread.version })
  }

  #listen() {
    this.#tellWhetherSomebodyLooks()
    this.#beginAnew()
    this.#followFrames()
    // A browser does not say why a socket was refused: a plain request does.
    this.link.on('close', ({ code, welcomed }) => {
      if (code === 4001) return this.#comeBack()
      if (!welcomed) get('/me').catch(() => {})
    })
  }

  /** The sign-in has ended, or one may do and see something else by now: then the page is drawn anew. */
  #comeBack() {
    get('/me').then(
      () => location.reload(),
      () => http.signedOut(),
    )
  }

  /** After each welcome: what is open is followed again, what is owed goes out, what is shown is fetched. */
  #beginAnew() {
    const { link } = this
    link.on('welcome', frame => {
      if (restored(frame)) return
      this.#replayed.clear()
      this.#read.clear()
      this.#resumed = new Set(this.#open)
      this.people.online.set(new Set())
      this.list.begin()
      if (document.hidden) link.send({ type: 'presence', is_here: false })
      for (const id of this.#open) this.#subscribe(id)
      this.outbox.resend()
      this.book.load().catch(showError)
    })
    // What is fetched before this may miss a change that is told to nobody here.
    link.on('watching', ({ ref }) => {
      if (ref !== 'list') return
      const look = () => this.back.forEach(each => each())
      // What was done meanwhile goes first: a list fetched before would show it undone.
      if (this.acts.size) this.acts.resend().finally(look)
      else look()
    })
  }

  #followFrames() {
    const { link, store } = this
    link.on('subscribed', frame => {
      this.#replayed.add(frame.conversation_id)
      store.reached(frame.conversation_id, frame.version)
    })
    link.on('chat_message', frame => this.#took(frame, true))
    link.on('message_sent', frame => this.#took(frame, false))
    link.on('message_updated', frame => this.#took(frame, false))
    link.on('conversations_updated', frame => this.#listed(frame.items))
    // Beside a server of the release before, which knows no ticks.
    link.on('conversation_updated', frame => this.#listed([frame]))
    link.on('conversations_erased', frame => this.erased(frame.conversation_ids))
    link.on('error', frame => this.#refused(frame))
  }

  // A page that is hidden for a moment is still there.
  #tellWhetherSomebodyLooks() {
    /** @type {any} */
    let leaving = null
    document.addEventListener('visibilitychange', () => {
      clearTimeout(leaving)
      if (document.hidden)
        leaving = setTimeout(() => this.link.send({ type: 'presence', is_here: false }), AWAY_AFTER)
      else this.link.send({ type: 'presence', is_here: true })
    })
  }

  /** @param {{reason: string, conversation: import('../core/types.js').Conversation}[]} items */
  #listed(items) {
    this.#readmit(items.map(it => it.conversation.id).filter(id => this.gone.peek().has(id)))
    this.store.applyConversations(
      items.map(it => it.conversation),
      { live: true },
    )
    for (const { reason, conversation } of items) for (const each of this.changed) each(reason, conversation)
  }

  /** Conversations of a customer who was forgotten leave every screen. @param {number[]} ids */
  erased(ids) {
    this.gone.set(new Set([...this.gone.peek(), ...ids]))
    this.store.erase(ids)
    for (const each of this.wiped) each()
  }

  /** What had left one's sight and is told again is back. @param {number[]} ids */
  #readmit(ids) {
    if (!ids.length) return
    this.store.readmit(ids)
    this.gone.set(new Set([...this.gone.peek()].filter(id => !ids.includes(id))))
  }

  /** @param {any} frame @param {boolean} isNew */
  #took(frame, isNew) {
    const { conversation_id, version, message } = frame
    const open = this.#open.has(conversation_id),
      replayed = this.#replayed.has(conversation_id)
    this.store.apply([message], { live: isNew && replayed })
    // A frame of a conversation that is not followed tells nothing of the versions before its own.
    if (open && replayed) this.store.reached(conversation_id, version)
    if (message.client_id && message.sender?.id === this.me.id) this.outbox.settle(message.client_id)
    if (isNew)
      this.people.stopped(conversation_id, message.sender_type === 'customer' ? 0 : (message.sender?.id ?? 0))
  }

  /** @param {any} frame */
  #refused({ ref, code, message }) {
    if (typeof ref === 'string' && ref.startsWith('subscribe ')) {
      const id = Number(ref.slice(10))
      if (code === 'not_found' || code === 'forbidden') this.gone.set(new Set(this.gone.peek()).add(id))
      return
    }
    const entry = ref && this.outbox.refused(ref, code)
    if (entry)
      this.store.amend(`${entry.conversation_id}:${entry.client_id}`, {
        status: 'failed',
        error: { code, message },
      })
  }

  /**
   * The copy of an owed message that stands in its thread until the server's comes.
   * @param {import('../core/types.js').Owed} entry
   * @returns {Message}
   */
  #copy(entry) {
    return {
      id: 0,
      seq: null,
      version: 0,
      conversation_id: entry.conversation_id,
      client_id: entry.client_id,
      sender_type: 'support',
      sender: { id: this.me.id, name: this.me.full_name, avatar_url: this.me.avatar_url },
      origin: 'app',
      message_type: 'text',
      content: entry.content,
      attachments: [],
      reply_to: entry.reply_to,
      is_private: !!entry.is_private,
      status: 'pending',
      error: null,
      is_ai_response: false,
      feedback: null,
      created_at: entry.created_at,
      edited_at: null,
      deleted_at: null,
    }
  }
}
