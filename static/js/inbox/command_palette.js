// @ts-check
// Everything that can be done or opened, by a few letters: commands with their object, conversations,
// colleagues, canned replies.
import { get } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { keyWords } from '../core/key_words.js'
import { keysOf } from '../core/shortcuts.js'
import { effect, signal, untracked } from '../core/signal.js'
import { stylesheet } from '../core/stylesheet.js'
import { moreWords, named, t } from '../core/words.js'
import { other } from './conversation_names.js'
import { commandsOf, flowCommands, typedCommand } from './palette_commands.js'
import { best } from './palette_match.js'
import { go, place } from './url_state.js'

await Promise.all([moreWords(), stylesheet('command_palette')])

/** @typedef {import('./palette_commands.js').Command} Command */
/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Conversation} Conversation */

const LAST = 'rapport.palette'
const KEPT = 12
/** A server is asked when the person pauses. */
const PAUSE = 150

const last = {
  /** @returns {string[]} */
  get all() {
    try {
      return JSON.parse(localStorage.getItem(LAST) ?? '[]')
    } catch {
      return []
    }
  },
  /** @param {string} key */
  add(key) {
    try {
      localStorage.setItem(
        LAST,
        JSON.stringify([key, ...this.all.filter(each => each !== key)].slice(0, KEPT)),
      )
    } catch {
      /* not kept */
    }
  },
}

/** Where a conversation is: two with one person are told apart. @param {Conversation | undefined} it */
const kindOf = it => (it?.channel_kind ? named('channel', it.channel_kind) : t('palette.conversation'))

/**
 * @param {Session} session
 * @param {import('../core/shortcuts.js').Shortcut[]} actions
 * @param {() => import('../core/types.js').Channel[]} channels
 * @param {(text: string) => void} write puts a canned reply into the box
 */
export function openPalette(session, actions, channels, write) {
  const things = new Things(session, actions, channels, write)
  return dialog(t('palette.title'), close => paletteBox(things, close), 'palette', {
    guards: false,
    isStep: false,
  })
}

/** What is here, and what the server has found since. */
class Things {
  #session
  #found = signal(/** @type {Command[]} */ ([]))
  #asked = 0
  #fixed

  /**
   * @param {Session} session
   * @param {import('../core/shortcuts.js').Shortcut[]} actions
   * @param {() => import('../core/types.js').Channel[]} channels
   * @param {(text: string) => void} write
   */
  constructor(session, actions, channels, write) {
    this.#session = session
    const keys = actions.filter(each => each.name !== 'palette' && each.when?.() !== false)
    const byKeys = keys.map(byKey)
    const called = new Set(byKeys.map(each => each.label))
    this.#fixed = [
      ...byKeys,
      // The first saved views have keys and are offered with them.
      ...untracked(() => commandsOf(session, channels)).filter(each => !called.has(each.label)),
      ...(place.peek().c ? canned(session, write) : []),
      ...colleaguesOf(session),
    ]
    flowCommands(session)
      .then(flows => this.#found.set([...this.#found.peek(), ...flows]))
      .catch(() => {})
  }

  /** What the letters themselves say: it need not be looked for. @param {string} letters */
  typed(letters) {
    return typedCommand(this.#session, letters)
  }

  /** @returns {Command[]} */
  all() {
    const { store } = this.#session
    const here = store.conversations.peek().map(id => this.#conversation(store.peekConversation(id), id))
    return [...this.#fixed, ...here, ...this.#found()]
  }

  /** @param {Conversation | undefined} it @param {number} id @returns {Command} */
  #conversation(it, id) {
    const label = other(it, this.#session.me.id).name
    return { key: `open ${id}`, label, kind: kindOf(it), icon: 'chat', run: () => go({ c: id }) }
  }

  /**
   * Whom this page has not seen yet comes from the server; what is here is shown without waiting.
   * @param {string} words
   */
  ask(words) {
    const mine = ++this.#asked
    if (words.length < 2) return
    setTimeout(() => mine === this.#asked && this.#fromServer(words, mine), PAUSE)
  }

  /** @param {string} words @param {number} mine */
  async #fromServer(words, mine) {
    const { store } = this.#session
    const asked = store.moment
    const answer = await get('/conversations', { q: words, limit: 10 }).catch(() => null)
    if (mine !== this.#asked || !answer) return
    const known = new Set(store.conversations.peek())
    store.applyConversations(answer.items, { asked })
    const items = /** @type {Conversation[]} */ (answer.items).filter(it => !known.has(it.id))
    this.#found.set([...this.#found.peek(), ...items.map(it => this.#conversation(it, it.id))])
  }
}

/** @param {import('../core/shortcuts.js').Shortcut} each @returns {Command} */
const byKey = each => ({
  key: `do ${each.name}`,
  label: each.label ?? t(`keys.${each.name}`),
  kind: t('palette.action'),
  icon: 'bolt',
  hint: keyWords(keysOf(each)[0]),
  run: each.run,
})

/** @param {Session} session @param {(text: string) => void} write @returns {Command[]} */
const canned = ({ book }, write) =>
  book
    .canned()
    .map(each => ({
      key: `write ${each.id}`,
      label: `/${each.shortcut} ${each.content}`,
      kind: t('palette.canned'),
      icon: 'note',
      run: () => write(each.content),
    }))

/** @param {Session} session @returns {Command[]} */
const colleaguesOf = session =>
  session.book
    .people()
    .filter(each => each.id !== session.me.id)
    .map(each => ({
      key: `person ${each.id}`,
      label: `${each.full_name} @${each.username}`,
      kind: t('palette.person'),
      icon: 'person',
      run: () => import('./direct_message.js').then(direct => direct.writeDirect(session, { to: each })),
    }))

/** @param {Things} things @param {() => void} close */
function paletteBox(things, close) {
  const letters = signal('')
  const at = signal(0)
  const found = signal(/** @type {Command[]} */ ([]))
  const recent = last.all
  effect(() => {
    found.set([...things.typed(letters()), ...best(things.all(), letters(), recent)])
    at.set(0)
  })
  effect(() => things.ask(letters()))
  const take = (/** @type {Command | undefined} */ each) => {
    if (!each) return
    last.add(each.key)
    close()
    queueMicrotask(() => each.run())
  }
  const nothing = h('p.hint', { role: 'status', hidden: () => found().length > 0 }, t('palette.nothing'))
  return h(
    'div.palette-box',
    h('label.find', icon('search'), paletteInput(letters, at, found, take)),
    offers(at, found, take),
    nothing,
  )
}

/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */

/**
 * @param {Signal<string>} letters
 * @param {Signal<number>} at
 * @param {Signal<Command[]>} found
 * @param {(each: Command | undefined) => void} take
 */
function paletteInput(letters, at, found, take) {
  const press = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const count = found.peek().length
    if (by && count) {
      event.preventDefault()
      at.set((at.peek() + by + count) % count)
      document.getElementById(`palette-${at.peek()}`)?.scrollIntoView({ block: 'nearest' })
    }
    if (event.key !== 'Enter' || event.isComposing) return
    event.preventDefault()
    take(found.peek()[at.peek()])
  }
  const input = h('input', {
    type: 'text',
    role: 'combobox',
    autofocus: true,
    autocomplete: 'off',
    spellcheck: false,
    placeholder: t('palette.find'),
    'aria-label': t('palette.find'),
    'aria-expanded': 'true',
    'aria-controls': 'palette-list',
    'aria-activedescendant': () => (found().length ? `palette-${at()}` : null),
    oninput: () => letters.set(input.value.trim()),
    onkeydown: press,
  })
  return input
}

/** @param {Signal<number>} at @param {Signal<Command[]>} found @param {(each: Command) => void} take */
const offers = (at, found, take) =>
  show(h('ul.offers', { id: 'palette-list', role: 'listbox', 'aria-label': t('palette.title') }), () =>
    found().map((each, i) =>
      h(
        'li',
        {
          id: `palette-${i}`,
          role: 'option',
          'aria-selected': () => String(at() === i),
          onclick: () => take(each),
          onpointermove: () => at.set(i),
        },
        icon(each.icon),
        h('b', { dir: 'auto' }, each.label),
        h('span', each.kind),
        each.hint && h('kbd', each.hint),
      ),
    ),
  )
