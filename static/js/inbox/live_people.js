// @ts-check
// Who is there, who is writing, and who looks at an open conversation: what the line tells of people, and
// nobody keeps.
import { signal } from '../core/signal.js'

const TYPING_LASTS = 5_000

export class LivePeople {
  /** Ids of the people who are there. */
  online = signal(/** @type {Set<number>} */ (new Set()))
  /** Who is writing where: `conversation id` → names by person. */
  typing = signal(/** @type {Map<number, Map<number, string>>} */ (new Map()))
  /** Who looks at an open conversation. */
  viewers = signal(/** @type {Map<number, import('../core/types.js').Person[]>} */ (new Map()))
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #fading = new Map()
  #me

  /** @param {import('../core/socket.js').Link} link @param {number} me */
  constructor(link, me) {
    this.#me = me
    link.on('typing', frame => this.#heard(frame))
    link.on('presence_snapshot', ({ users }) => this.#came(users, new Set()))
    link.on('presence_changes', ({ items }) => this.#came(items, new Set(this.online.peek())))
    link.on('viewers', ({ conversation_id, users }) =>
      this.viewers.set(new Map(this.viewers.peek()).set(conversation_id, users)),
    )
  }

  /** @param {{id: number, state: string}[]} people @param {Set<number>} online who was there before */
  #came(people, online) {
    for (const { id, state } of people) state === 'online' ? online.add(id) : online.delete(id)
    this.online.set(online)
  }

  /** Nobody looks at it until the line says so again. @param {number} conversation_id */
  forgetViewers(conversation_id) {
    const next = new Map(this.viewers.peek())
    if (next.delete(conversation_id)) this.viewers.set(next)
  }

  /** @param {{conversation_id: number, user?: {id: number, name?: string | null}, is_typing: boolean}} frame */
  #heard({ conversation_id, user, is_typing }) {
    const person = user?.id ?? 0
    if (person === this.#me) return
    if (!is_typing) return this.stopped(conversation_id, person)
    const next = new Map(this.typing.peek())
    next.set(conversation_id, new Map(next.get(conversation_id) ?? []).set(person, user?.name ?? ''))
    this.typing.set(next)
    const key = `${conversation_id} ${person}`
    clearTimeout(this.#fading.get(key))
    this.#fading.set(
      key,
      setTimeout(() => this.stopped(conversation_id, person), TYPING_LASTS),
    )
  }

  /** Somebody writes no more. @param {number} conversation_id @param {number} person */
  stopped(conversation_id, person) {
    if (!this.typing.peek().get(conversation_id)?.has(person)) return
    const next = new Map(this.typing.peek())
    const people = new Map(next.get(conversation_id))
    people.delete(person)
    people.size ? next.set(conversation_id, people) : next.delete(conversation_id)
    this.typing.set(next)
  }
}
