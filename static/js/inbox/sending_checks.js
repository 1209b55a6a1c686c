// @ts-check
// Two who answer at once: whoever writes while a colleague answers is asked once to read that first. Nothing
// is held back: Enter again sends. And words with a place that nobody filled are not sent without a question.
import { confirm } from '../core/dialog.js'
import { effect } from '../core/signal.js'
import { unfilled } from '../core/variables.js'
import { moreWords, named, t } from '../core/words.js'
import { answeredSince } from './collision.js'

await moreWords()

/**
 * @param {import('./session.js').Session} session @param {number} id
 * @param {import('../chat/composer_box.js').Box} box
 * @param {import('../core/signal.js').Signal<string>} words what the writer is asked
 * @param {number} began the newest message the writer had seen when they began what is in the box
 * @param {() => void} showNewest
 */
export function sendingChecks({ store, me }, id, box, words, began, showNewest) {
  const thread = store.thread(id)
  const messages = () => thread.keys.peek().map(key => store.peek(key))
  /** What the writer had seen when they began. */
  let seen = began,
    wrote = !!box.text.peek()
  effect(() => {
    const writes = !!box.text()
    if (writes && !wrote) seen = thread.high
    if (!writes) words.set('')
    wrote = writes
  })
  return {
    /** @returns {true | Promise<boolean>} */
    mayGo() {
      const answer = box.note?.peek() ? null : answeredSince(messages(), seen, me.id)
      if (!answer) return isMeant(box.area.value)
      seen = answer.seq ?? seen
      words.set(t('collision.read_first', { name: answer.sender?.name || named('origin', answer.origin) }))
      showNewest()
      return Promise.resolve(false)
    },
  }
}

/** Whether a text may go. @param {string} text @returns {true | Promise<boolean>} */
export function isMeant(text) {
  const left = unfilled(text)
  if (!left.length) return true
  const places = [...new Set(left)].join(', ')
  return confirm(t('unfilled.title'), t('unfilled.sure', { places }), t('unfilled.send')).then(Boolean)
}
