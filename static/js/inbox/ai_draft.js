// @ts-check
// What the AI proposes to answer: shown above the reply box, marked as such, and never sent without a person.
import { post, remove } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'

await moreWords()

/** @typedef {NonNullable<import('../core/types.js').Conversation['ai_draft']>} Draft */
/**
 * @typedef {(which: number, work: () => Promise<import('../core/types.js').Message | null>) => void} Settle
 */

/**
 * @param {import('./session.js').Session} session
 * @param {number} id
 * @param {(words: string) => void} write
 */
export function draftBox({ store }, id, write) {
  const done = signal(/** @type {number | null} */ (null)),
    busy = signal(false)
  const draft = () => {
    const it = store.conversation(id)?.ai_draft
    return it && it.id !== done() ? it : null
  }
  /** @type {Settle} */
  async function settle(which, work) {
    if (busy.peek()) return
    busy.set(true)
    try {
      const answer = await work()
      if (answer?.conversation_id) store.apply([answer])
      done.set(which)
    } catch (problem) {
      showError(problem)
    } finally {
      busy.set(false)
    }
  }
  const box = h('section.proposal', { 'aria-label': t('proposal.title'), hidden: () => !draft() })
  return show(box, () => {
    const it = draft()
    return it && drawn(it, { settle, write, busy: () => busy() })
  })
}

/** @param {Draft} it @param {{settle: Settle, write: (words: string) => void, busy: () => boolean}} of */
function drawn(it, { settle, write, busy }) {
  const words = it.content
  const drop = () => settle(it.id, () => remove(`/ai-drafts/${it.id}`))
  const discard = h(
    'button.button.small.quiet',
    { type: 'button', disabled: busy, onclick: drop },
    t('proposal.discard'),
  )
  if (words == null) return [unanswered(it), h('div.row', discard)]
  const button = (
    /** @type {string} */ kind,
    /** @type {string} */ name,
    /** @type {string} */ sign,
    /** @type {() => void} */ run,
  ) => h(kind, { type: 'button', disabled: busy, onclick: run }, icon(sign), t(name))
  return [
    h('p.head', icon('spark'), h('b', t('proposal.title')), h('span', t('proposal.hint'))),
    h('p.words', { dir: 'auto' }, words),
    h(
      'div.row',
      button('button.button.small.primary', 'proposal.send', 'send', () =>
        settle(it.id, () => post(`/ai-drafts/${it.id}/send`, {})),
      ),
      button('button.button.small', 'proposal.edit', 'pen', () => {
        write(words)
        drop()
      }),
      discard,
    ),
  ]
}

/**
 * The model gave no answer: that is said once, and goes when somebody writes or puts it away.
 * @param {Draft} it
 */
const unanswered = it =>
  h('p.head', icon('alert'), h('b', t('proposal.none')), h('span', { dir: 'auto' }, it.error?.message ?? ''))
