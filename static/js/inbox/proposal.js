// @ts-check
// What the AI proposes to answer: shown above the reply box, marked as such, and never sent without a person.
import { post, remove } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { troubled } from '../core/float.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'

/** @param {import('./session.js').Session} session @param {number} id @param {(words: string) => void} write */
export function draftBox({ store }, id, write) {
  const done = signal(/** @type {number | null} */ (null)), busy = signal(false)
  const draft = () => { const it = store.conversation(id)?.ai_draft; return it && it.id !== done() ? it : null }
  /** @param {number} which @param {() => Promise<any>} work */
  async function settle(which, work) {
    if (busy.peek()) return
    busy.set(true)
    try {
      const answer = await work()
      if (answer?.conversation_id) store.apply([answer])
      done.set(which)
    } catch (problem) { troubled(problem) } finally { busy.set(false) }
  }
  return show(h('section.proposal', { 'aria-label': t('proposal.title'), hidden: () => !draft() }), () => {
    const it = draft()
    return it && [h('p.head', icon('spark'), h('b', t('proposal.title')), h('span', t('proposal.hint'))), h('p.words', { dir: 'auto' }, it.content),
      h('div.row', h('button.button.small.primary', { type: 'button', disabled: () => busy(), onclick: () => settle(it.id, () => post(`/ai-drafts/${it.id}/send`, {})) }, icon('send'), t('proposal.send')),
        h('button.button.small', { type: 'button', onclick: () => settle(it.id, async () => { await remove(`/ai-drafts/${it.id}`); write(it.content) }) }, icon('pen'), t('proposal.edit')),
        h('button.button.small.quiet', { type: 'button', onclick: () => settle(it.id, () => remove(`/ai-drafts/${it.id}`)) }, t('proposal.discard')))]
  })
}
