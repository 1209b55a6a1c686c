// @ts-check
// Writing to colleagues: find one or several, write, and the conversation is there.
import { all, post } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { effect, signal } from '../core/signal.js'
import { toast } from '../core/toast.js'
import { stylesheet } from '../core/stylesheet.js'
import { moreWords, t } from '../core/words.js'
import { other } from './conversation_names.js'
import { go } from './url_state.js'

await Promise.all([moreWords(), stylesheet('inbox_dialogs')])

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').User} User */
/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {{conversation: Conversation}} Answer */
/**
 * @typedef {object} How
 * @property {User | null} [to] the colleague, if known
 * @property {string} [title]
 * @property {number | null} [about] the customer's conversation they are asked about
 * @property {(users: User[], content: string, answer: Answer) => unknown} [sent] what follows in place of
 *   opening it
 */

const PAUSE = 150

/** @param {Session} session @param {How} [how] */
export function writeDirect(session, { to = null, title = t('direct.title'), about = null, sent } = {}) {
  return dialog(title, close => {
    const letter = new Letter(session, { about, sent, close })
    if (to) queueMicrotask(() => letter.choose(to))
    const { chosen, q, people, trouble, busy, area, find } = letter
    const nobody = () => people() !== null && !letter.left().length && !chosen().length
    return h(
      'div.form',
      chips(letter),
      h('div.field', find),
      choices(letter),
      h('p.hint', { hidden: () => !nobody() }, () => t(q() ? 'direct.nobody' : 'direct.alone_here')),
      h('p.hint', { hidden: () => chosen().length !== 1 || !!q() }, t('direct.more')),
      h('div.field', { hidden: () => !chosen().length }, area),
      h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', trouble)),
      h(
        'footer',
        { hidden: () => !chosen().length },
        h('button.button', { type: 'button', onclick: () => close() }, t('common.cancel')),
        h(
          'button.button.primary',
          { type: 'button', disabled: () => busy(), onclick: () => letter.send() },
          t('composer.send'),
        ),
      ),
    )
  })
}

/** What is being written, and to whom. */
class Letter {
  q = signal('')
  people = signal(/** @type {User[] | null} */ (null))
  chosen = signal(/** @type {User[]} */ ([]))
  trouble = signal('')
  busy = signal(false)
  find
  area
  session
  #how
  // One id for this message however often Send is pressed.
  #client_id = crypto.randomUUID()

  /** @param {Session} session @param {Pick<How, 'about' | 'sent'> & {close: () => void}} how */
  constructor(session, how) {
    this.session = session
    this.#how = how
    this.find = finder(this)
    this.area = wordsArea(() => this.send())
    this.#look()
  }

  /** Those who can still be chosen. */
  left() {
    return (this.people() ?? []).filter(each => !this.chosen().some(one => one.id === each.id))
  }

  /** One more of a group, or the first. @param {User} user */
  add(user) {
    this.chosen.set([...this.chosen.peek(), user])
    this.find.value = ''
    this.q.set('')
  }

  /** @param {User} user */
  leaveOut(user) {
    this.chosen.set(this.chosen.peek().filter(one => one !== user))
  }

  /** A conversation with this one alone that is already there is simply opened. @param {User} user */
  choose(user) {
    const { about, close } = this.#how
    const known = !about && !this.chosen.peek().length && conversationWith(this.session, user)
    if (known) {
      close()
      go({ view: 'direct', c: known.id, q: '' })
      return
    }
    this.add(user)
    queueMicrotask(() => this.area.focus())
  }

  async send() {
    const content = this.area.value.trim(),
      users = this.chosen.peek()
    if (!content || this.busy.peek() || !users.length) return
    this.busy.set(true)
    this.trouble.set('')
    try {
      await this.#post(users, content)
    } catch (problem) {
      this.trouble.set(problem instanceof Error ? problem.message : t('error.server'))
    } finally {
      this.busy.set(false)
    }
  }

  /** @param {User[]} users @param {string} content */
  async #post(users, content) {
    const { about, sent, close } = this.#how
    const answer = await post('/direct-messages', {
      to: users.length > 1 ? users.map(each => each.id) : users[0].id,
      content,
      client_id: this.#client_id,
      ...(about ? { about_conversation_id: about } : {}),
    })
    this.session.store.applyConversations([answer.conversation])
    close()
    if (sent) await sent(users, content, answer)
    else go({ view: 'direct', c: answer.conversation.id, q: '' })
  }

  #look() {
    let asked = 0
    effect(() => {
      const words = this.q(),
        mine = ++asked
      setTimeout(
        async () => {
          if (mine !== asked) return
          try {
            const items = await all('/users', { q: words })
            if (mine === asked) this.people.set(items.filter(each => each.id !== this.session.me.id))
          } catch (problem) {
            this.trouble.set(problem instanceof Error ? problem.message : t('error.server'))
          }
        },
        words ? PAUSE : 0,
      )
    })
  }
}

/** @param {Session} session @param {User} user */
const conversationWith = ({ store }, user) =>
  store.conversations
    .peek()
    .map(id => store.peekConversation(id))
    .find(
      it =>
        it?.kind === 'direct' &&
        !it.about_conversation_id &&
        it.participants.length === 2 &&
        it.participants.some(each => each.id === user.id),
    )

/** @param {Letter} letter @returns {HTMLInputElement} */
function finder(letter) {
  const find = h('input', {
    type: 'search',
    placeholder: t('direct.find'),
    'aria-label': t('direct.find'),
    autofocus: true,
    oninput: () => letter.q.set(find.value.trim()),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      const [first] = letter.left()
      if (event.key !== 'Enter' || !first) return
      event.preventDefault()
      letter.choose(first)
    },
  })
  return find
}

/** @param {() => void} send @returns {HTMLTextAreaElement} */
const wordsArea = send =>
  h('textarea', {
    rows: 3,
    'aria-label': t('direct.message'),
    placeholder: t('direct.message'),
    dir: 'auto',
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      send()
    },
  })

/** @param {Letter} letter */
function chips(letter) {
  const chip = (/** @type {User} */ each) =>
    h(
      'span.chip.colleague',
      avatar({ name: each.full_name, avatar_url: each.avatar_url }, { size: 'small' }),
      h('b', { dir: 'auto' }, each.full_name),
      h(
        'button',
        {
          type: 'button',
          'aria-label': t('direct.leave_out', { name: each.full_name }),
          onclick: () => letter.leaveOut(each),
        },
        icon('close'),
      ),
    )
  return show(h('div.chips', { hidden: () => !letter.chosen().length }), () => letter.chosen().map(chip))
}

/** @param {Letter} letter */
function choices(letter) {
  const { session, chosen, q } = letter
  const choice = (/** @type {User} */ user) => {
    const isHere = () => session.people.online().has(user.id)
    const name = t('direct.add', { name: user.full_name })
    return h(
      'li',
      h(
        'button',
        { type: 'button', onclick: () => letter.choose(user) },
        avatar({ name: user.full_name, avatar_url: user.avatar_url }, { online: isHere }),
        h('span', h('b', { dir: 'auto' }, user.full_name), h('small', `@${user.username}`)),
      ),
      h(
        'button.button.quiet',
        { type: 'button', 'aria-label': name, title: name, onclick: () => letter.add(user) },
        icon('plus'),
      ),
    )
  }
  return show(h('ul.choices', { hidden: () => !!chosen().length && !q() }), () => letter.left().map(choice))
}

/**
 * Asks colleagues about a customer's conversation: theirs leads here, and a note here says that they were
 * asked.
 * @param {Session} session
 * @param {number} id
 */
export function askColleague(session, id) {
  const name = other(session.store.peekConversation(id), session.me.id).name
  return writeDirect(session, {
    title: t('ask.title', { name }),
    about: id,
    sent: async (users, _content, answer) => {
      const names = users.map(each => each.full_name).join(', ')
      toast(t('ask.done', { name: names }), {
        action: t('ask.open'),
        run: () => go({ view: 'direct', c: answer.conversation.id, q: '' }),
      })
      session.store.apply([
        await post(`/conversations/${id}/messages`, {
          content: t('ask.note', { name: names }),
          client_id: crypto.randomUUID(),
          is_private: true,
        }),
      ])
    },
  })
}
