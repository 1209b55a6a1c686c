// @ts-check
// Choosing a canned reply: all of them by folder, the team's or one's own, found by their words, read before
// they are taken. What is attached to one goes with it.
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { computed, signal } from '../core/signal.js'
import { stylesheet } from '../core/stylesheet.js'
import { moreWords, t } from '../core/words.js'
import { found } from './canned_search.js'
import { filled } from './composer_tools.js'

await Promise.all([moreWords(), stylesheet('inbox_dialogs'), stylesheet('canned_replies')])

/** @typedef {import('../chat/composer_box.js').Box} Box */
/** @typedef {import('./canned_search.js').Canned} Canned */

/** Puts what belongs to a canned reply beside its words. @param {Canned} canned @param {Box} box */
export function useCanned({ attachments = [] }, box) {
  for (const each of attachments) box.pile?.adopt(each)
}

/** @param {import('./session.js').Session} session @param {number} id @param {Box} box */
export function chooseCanned(session, id, box) {
  return dialog(
    t('canned.title'),
    close => {
      const take = (/** @type {Canned} */ canned) => {
        close()
        box.insert(filled(canned.content, session.store.peekConversation(id), session.me))
        useCanned(canned, box)
      }
      return board(session, id, it => it && take(it))
    },
    'canned',
    { guards: false },
  ).then(() => box.area.focus())
}

/**
 * @param {import('./session.js').Session} session
 * @param {number} id
 * @param {(canned: Canned | undefined) => void} take
 */
function board({ book, store, me }, id, take) {
  const query = signal(''),
    whose = signal(/** @type {'all' | 'team' | 'mine'} */ ('all')),
    at = signal(0)
  const all = () => /** @type {Canned[]} */ (book.canned())
  const list = computed(() => found(all(), query(), whose()))
  const chosen = () => list()[Math.min(at(), list().length - 1)]
  const step = (/** @type {number} */ by) =>
    at.set(Math.max(0, Math.min(list.peek().length - 1, at.peek() + by)))
  const find = finder({ query, at, step: by => step(by), take: () => take(chosen()) })
  return h(
    'div.canned-board',
    h('div.field', find),
    all().some(each => each.is_shared === false) && whoseBar(whose),
    show(h('ul.choices', { 'aria-label': t('canned.title') }), () =>
      list().map((each, i) => row(each, i, list(), chosen() === each, { at, take })),
    ),
    h('p.hint', { role: 'status', hidden: () => list().length > 0 }, () =>
      t(all().length ? 'picker.none' : 'canned.empty'),
    ),
    show(h('div.preview', { hidden: () => !chosen() }), () => {
      const it = chosen()
      return it && preview(it, filled(it.content, store.peekConversation(id), me), () => take(it))
    }),
  )
}

/**
 * @param {{query: import('../core/signal.js').Signal<string>, at: import('../core/signal.js').Signal<number>,
 *   step: (by: number) => void, take: () => void}} of
 */
function finder({ query, at, step, take }) {
  const find = h('input', {
    type: 'search',
    autofocus: true,
    'aria-label': t('canned.find'),
    placeholder: t('canned.find'),
    oninput: () => {
      query.set(find.value)
      at.set(0)
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
      if (!by && event.key !== 'Enter') return
      event.preventDefault()
      if (by) step(by)
      else take()
    },
  })
  return find
}

/** @param {import('../core/signal.js').Signal<'all' | 'team' | 'mine'>} whose */
const whoseBar = whose =>
  h(
    'div.modes',
    { role: 'group', 'aria-label': t('canned.whose') },
    .../** @type {const} */ (['all', 'team', 'mine']).map(each =>
      h(
        'button',
        { type: 'button', 'aria-pressed': () => String(whose() === each), onclick: () => whose.set(each) },
        t(`canned.${each}`),
      ),
    ),
  )

/**
 * @param {Canned} it @param {number} i @param {Canned[]} all @param {boolean} isChosen
 * @param {{at: import('../core/signal.js').Signal<number>, take: (canned: Canned | undefined) => void}} of
 */
function row(it, i, all, isChosen, { at, take }) {
  const isFirst = !!it.folder && all[i - 1]?.folder !== it.folder
  return h(
    'li',
    isFirst && h('h3', { dir: 'auto' }, it.folder),
    h(
      'button',
      {
        type: 'button',
        'aria-current': String(isChosen),
        onmouseenter: () => at.set(i),
        onfocus: () => at.set(i),
        onclick: () => take(it),
      },
      h('span', h('b', { dir: 'auto' }, `/${it.shortcut}`), h('small', { dir: 'auto' }, it.content)),
      !!it.attachments?.length && icon('clip', t('canned.files', { count: it.attachments.length })),
    ),
  )
}

/** @param {Canned} it @param {string} words @param {() => void} take */
const preview = (it, words, take) => [
  h('p', { dir: 'auto' }, words),
  ...(it.attachments ?? []).map(each => h('p.attached', icon('clip'), h('bdi', each.file_name ?? ''))),
  h('footer', h('button.button.primary', { type: 'button', onclick: take }, t('canned.use'))),
]
