// @ts-check
// Who else looks at a conversation just now: their faces in its header. Told while the page is in view, and
// taken back when it is not.
import { avatar } from '../core/avatar.js'
import { h, show } from '../core/dom.js'
import { onCleanup } from '../core/signal.js'
import { t } from '../core/words.js'

/** @typedef {import('../core/types.js').Person} Person */

/** So many faces have room. */
const MOST = 3

/** @param {import('./session.js').Session} session @param {number} id */
export function viewersOf({ link, me, people }, id) {
  const tell = (/** @type {boolean} */ is_viewing) =>
    link.send({ type: 'viewing', conversation_id: id, is_viewing })
  const look = () => tell(!document.hidden)
  look()
  document.addEventListener('visibilitychange', look)
  const stop = link.on('subscribed', frame => frame.conversation_id === id && look())
  onCleanup(() => {
    document.removeEventListener('visibilitychange', look)
    stop()
    tell(false)
  })
  return faces(() => (people.viewers().get(id) ?? []).filter(each => each.id !== me.id))
}

/** @param {() => Person[]} others */
function faces(others) {
  const names = () => others().map(each => each.name)
  const words = () => (others().length ? t('viewers.here', { names: names().join(', ') }) : '')
  return show(
    h('div.viewers', { role: 'img', hidden: () => !others().length, 'aria-label': words, title: words }),
    () => [
      ...others()
        .slice(0, MOST)
        .map(each => avatar(each, { size: 'small' })),
      others().length > MOST && h('span.more', `+${others().length - MOST}`),
    ],
  )
}
