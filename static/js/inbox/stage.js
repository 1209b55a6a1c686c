// @ts-check
// What stands beside the list: the open conversation with its panel, or why there is none.
import { get, messageOf, statusOf } from '../core/api.js'
import { coming, h, icon } from '../core/dom.js'
import { computed, effect, owned, signal, untracked } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { conversationView } from './conversation.js'
import { go, place } from './url_state.js'

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {ReturnType<typeof conversationView>} View */

/** How many threads stay in memory after they were left. */
const KEPT = 12

/**
 * @param {Session} session
 * @param {() => Channel[]} channels
 * @param {() => boolean} isWalking whether the focus stays in the list
 */
export const makeStage = (session, channels, isWalking) => new Stage(session, channels, isWalking)

class Stage {
  box = h('section.stage', { id: 'stage', tabindex: '-1', 'aria-label': t('thread.stage') })
  /** Whether the panel beside the conversation is open. */
  aside = signal(innerWidth > 1280)
  /** What is open and here. @type {View | null} */
  view = null
  #leave = () => {}
  /** @type {number[]} */
  #recent = []
  #now = ''
  #session
  #channels
  #isWalking

  /** @param {Session} session @param {() => Channel[]} channels @param {() => boolean} isWalking */
  constructor(session, channels, isWalking) {
    this.#session = session
    this.#channels = channels
    this.#isWalking = isWalking
    session.write = () => this.write(false)
    session.back.add(() => this.view?.thread.mark()) // what was read while the line was down
    this.#followMerges()
    this.#followHits()
    const isKnown = computed(() => !!session.store.conversation(place().c ?? 0))
    effect(() => {
      isKnown() // a conversation that was being fetched has come
      this.#look(place().c, session.gone())
    })
  }

  /** Puts the focus into the box: for a note, for a reply, or as it stands. @param {boolean} [isNote] */
  write(isNote) {
    this.#session.settle(place.peek().c)
    this.view?.focus(isNote)
  }

  get isOpen() {
    return !!place.peek().c && !!this.view
  }

  /** A conversation that goes on in another leads there. */
  #followMerges() {
    const { store } = this.#session
    const onward = computed(() => store.conversation(place().c ?? 0)?.merged_into)
    effect(() => {
      const into = onward()
      if (into) untracked(() => go({ c: into }, { replace: true }))
    })
  }

  /** A search leads into a conversation that is already open, too. */
  #followHits() {
    let sought = place.peek().at
    effect(() => {
      const { at } = place()
      if (at && at !== sought) untracked(() => this.view?.find(at))
      sought = at
    })
  }

  /** @param {number | null} id @param {Set<number>} gone */
  #look(id, gone) {
    const isGone = id != null && gone.has(id)
    const isKnown = id != null && !!this.#session.store.peekConversation(id)
    const now = `${id} ${isKnown} ${isGone}`
    if (now === this.#now) return
    this.#now = now
    untracked(() => {
      this.#leave()
      this.#leave = () => {}
      this.view = null
      if (!id) return this.box.replaceChildren(nothingOpen())
      if (isGone) return this.box.replaceChildren(notThere())
      if (isKnown) return this.#open(id)
      this.box.replaceChildren()
      this.#fetch(id)
    })
  }

  /** @param {number} id */
  #open(id) {
    this.#remember(id)
    const [made, stop] = owned(() => {
      const shown = conversationView(this.#session, id, this.#channels, this.aside)
      this.box.replaceChildren(shown.box, this.#panel(id))
      return shown
    })
    this.view = made
    this.#leave = stop
    const { at } = place.peek()
    if (at) made.find(at)
    if (matchMedia('(hover: hover)').matches && !this.#isWalking()) made.focus(false)
  }

  /** @param {number} id */
  #panel(id) {
    return coming(
      h('div.beside', { hidden: () => !this.aside() }),
      import('./customer_panel.js'),
      each => each.customerPanel(this.#session, id, this.#channels, () => this.aside.set(false)),
      showError,
    )
  }

  /** @param {number} id */
  async #fetch(id) {
    const { store } = this.#session
    const asked = store.moment
    try {
      store.applyConversations([await get(`/conversations/${id}`)], { asked })
    } catch (problem) {
      // The list brought it meanwhile, or somebody went on: then what failed is nobody's matter.
      if (place.peek().c !== id || store.peekConversation(id)) return
      const isGone = [403, 404].includes(statusOf(problem) ?? 0)
      this.box.replaceChildren(isGone ? notThere() : notFetched(messageOf(problem), () => this.#fetch(id)))
    }
  }

  /** @param {number} id */
  #remember(id) {
    this.#recent = [id, ...this.#recent.filter(each => each !== id)]
    for (const old of this.#recent.splice(KEPT)) this.#session.store.unload(old)
  }
}

const nothingOpen = () =>
  h('div.empty', icon('chat'), h('h2', t('empty.choose')), h('p', t('empty.choose_next')))

const notThere = () =>
  h(
    'div.empty',
    icon('question'),
    h('h2', t('empty.gone')),
    h('p', t('empty.gone_next')),
    h('button.button', { type: 'button', onclick: () => go({ c: null }) }, t('common.back')),
  )

/** @param {string} why @param {() => void} again */
const notFetched = (why, again) =>
  h(
    'div.empty',
    icon('off'),
    h('p', why),
    h('button.button', { type: 'button', onclick: again }, icon('retry'), t('common.retry')),
  )
