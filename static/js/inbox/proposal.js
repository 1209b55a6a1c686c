// @ts-check
// What the AI proposes to answer: shown above the reply box, marked as such, and never sent without a person.
import { post, remove } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { showError } from '../core/toast.js'
import { signal } from '../core/signal.js'
import { moreWords, t } from '../core/words.js'

await moreWords()

/** @param {import('./session.js').Session} session @param {number} id @param {(words: string) => void} write */
export function draftBox({ store }, id, write) {
  const done = signal(/** @type {number | null} */ (null)),
    busy = signal(false)
  const draft = () => {
    const it = store.conversation(id)?.ai_draft
    return it && it.id !== done() ? it : null
  }
  /** @param {number} which @param {() => Promise<any>} work */
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
  return show(h('section.proposal', { 'aria-label': t('proposal.title'), hidden: () => !draft() }), () => {
    const it = draft()
    if (!it) return null
    const discard = h(
      'button.button.small.quiet',
      {
        type: 'button',
        disabled: () => busy(),
        onclick: () => settle(it.id, () => remove(`/ai-drafts/${it.id}`)),
      },
      t('proposal.discard'),
    )
    // The model gave no answer: that is said once, and goes when somebody writes or puts it away.
    const words = it.content
    if (words == null)
      return [
        h(
          'p.head',
          icon('alert'),
          h('b', t('proposal.none')),
          h('span', { dir: 'auto' }, it.error?.message ?? ''),
        ),
        h('div.row', discard),
      ]
    return [
      h('p.head', icon('spark'), h('b', t('proposal.title')), h('span', t('proposal.hint'))),
      h('p.words', { dir: 'auto' }, words),
      h(
        'div.row',
        h(
          'button.button.small.primary',
          {
            type: 'button',
            disabled: () => busy(),
            onclick: () => settle(it.id, () => post(`/ai-drafts/${it.id}/send`, {})),
          },
          icon('send'),
          t('proposal.send'),
        ),
        h(
          'button.button.small',
          {
            type: 'button',
            onclick: () => {
              write(words)
              settle(it.id, () => remove(`/ai-drafts/${it.id}`))
            },
          },
          icon('pen'),
          t('proposal.edit'),
        ),
        discard,
      ),
    ]
  })
}
