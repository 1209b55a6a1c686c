// @ts-check
// Everything that can be done or opened, by a few letters: actions, conversations, colleagues, saved replies.
import { get } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { effect, signal, untracked } from '../core/signal.js'
import { moreWords, named, t } from '../core/words.js'
import { other } from './names.js'
import { go, place } from './place.js'

await moreWords()

/** @typedef {{key: string, label: string, kind: string, icon: string, hint?: string, run: () => any}} Thing */
const LAST = 'rapport.palette'

/** How well letters fit a text: 0 for not at all; a beginning beats a word's beginning beats the middle. @param {string} letters @param {string} text */
export function fit(letters, text) {
  const wanted = plain(letters),
    whole = plain(text)
  if (!wanted) return 1
  const at = whole.indexOf(wanted)
  if (at >= 0) return 1000 - at - whole.length / 100 + (at === 0 ? 500 : /\s/.test(whole[at - 1]) ? 250 : 0)
  let from = 0,
    score = 100
  for (const letter of wanted) {
    if (letter === ' ') continue
    const found = whole.indexOf(letter, from)
    if (found < 0) return 0
    score -= found - from
    from = found + 1
  }
  return Math.max(1, score)
}
/** @param {string} text */
const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()

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
      localStorage.setItem(LAST, JSON.stringify([key, ...this.all.filter(each => each !== key)].slice(0, 12)))
    } catch {
      /* not kept */
    }
  },
}

/** @param {Thing[]} things @param {string} letters @param {string[]} recent */
export function best(things, letters, recent) {
  const rank = (/** @type {Thing} */ each) => {
    const at = recent.indexOf(each.key)
    return at < 0 ? 0 : 20 - at
  }
  return things
    .map(each => ({ each, score: fit(letters, each.label) }))
    .filter(({ score }) => score > 0)
    .sort(
      (a, b) => b.score + rank(b.each) * (letters ? 1 : 100) - a.score - rank(a.each) * (letters ? 1 : 100),
    )
    .slice(0, 12)
    .map(({ each }) => each)
}

/** Where a conversation is: two with one person are told apart. @param {import('../core/types.js').Conversation | undefined} it */
const kindOf = it => (it?.channel_kind ? named('channel', it.channel_kind) : t('palette.conversation'))

/** @param {import('./session.js').Session} session @param {import('../core/shortcuts.js').Shortcut[]} actions @param {(text: string) => void} write puts a saved reply into the box */
export function openPalette(session, actions, write) {
  const { store, me, book } = session
  const found_there = signal(/** @type {Thing[]} */ ([]))
  /** @returns {Thing[]} what is here, and what the server has found since */
  const things = () => [
    ...actions
      .filter(each => each.name !== 'palette' && each.when?.() !== false)
      .map(each => ({
        key: `do ${each.name}`,
        label: t(`keys.${each.name}`),
        kind: t('palette.action'),
        icon: 'bolt',
        hint: each.keys[0],
        run: each.run,
      })),
    ...store.conversations
      .peek()
      .map(id => ({
        key: `open ${id}`,
        label: other(store.peekConversation(id), me.id).name,
        kind: kindOf(store.peekConversation(id)),
        icon: 'chat',
        run: () => go({ c: id }),
      })),
    ...book
      .canned()
      .map(each => ({
        key: `write ${each.id}`,
        label: `/${each.shortcut} ${each.content}`,
        kind: t('palette.canned'),
        icon: 'note',
        run: () => write(each.content),
      }))
      .filter(() => place.peek().c),
    ...book
      .people()
      .filter(each => each.id !== me.id)
      .map(person),
    ...found_there(),
  ]
  /** @param {any} each @returns {Thing} */
  function person(each) {
    return {
      key: `person ${each.id}`,
      label: `${each.full_name} @${each.username}`,
      kind: t('palette.person'),
      icon: 'person',
      run: () => import('./direct.js').then(direct => direct.writeDirect(session, { to: each })),
    }
  }
  const recent = last.all
  return dialog(
    t('palette.title'),
    close => {
      const letters = signal(''),
        at = signal(0),
        found = signal(/** @type {Thing[]} */ ([]))
      effect(() => {
        found.set(best(things(), letters(), recent))
        at.set(0)
      })
      // Whom this page has not seen yet comes from the server; what is here is shown without waiting.
      let asked = 0
      effect(() => {
        const words = letters(),
          mine = ++asked
        if (words.length > 1)
          setTimeout(() => {
            if (mine === asked) fromServer(words, mine)
          }, 150)
      })
      /** @param {string} words @param {number} mine */
      async function fromServer(words, mine) {
        const moment = store.moment
        const answer = await get('/conversations', { q: words, limit: 10 }).catch(() => null)
        if (mine !== asked || !answer) return
        store.applyConversations(answer.items, { asked: moment })
        const known = new Set(untracked(things).map(each => each.key))
        found_there.set([
          ...found_there.peek(),
          ...answer.items
            .filter((/** @type {any} */ it) => !known.has(`open ${it.id}`))
            .map((/** @type {any} */ it) => ({
              key: `open ${it.id}`,
              label: other(it, me.id).name,
              kind: kindOf(it),
              icon: 'chat',
              run: () => go({ c: it.id }),
            })),
        ])
      }
      const take = (/** @type {Thing | undefined} */ each) => {
        if (!each) return
        last.add(each.key)
        close()
        queueMicrotask(() => each.run())
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
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          const by = { ArrowDown: 1, ArrowUp: -1 }[event.key],
            count = found.peek().length
          if (by && count) {
            event.preventDefault()
            at.set((at.peek() + by + count) % count)
            document.getElementById(`palette-${at.peek()}`)?.scrollIntoView({ block: 'nearest' })
          }
          if (event.key === 'Enter' && !event.isComposing) {
            event.preventDefault()
            take(found.peek()[at.peek()])
          }
        },
      })
      return h(
        'div.palette-box',
        h('label.find', icon('search'), input),
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
        ),
        h('p.hint', { role: 'status', hidden: () => found().length > 0 }, t('palette.nothing')),
      )
    },
    'palette',
    { guards: false, isStep: false },
  )
}
