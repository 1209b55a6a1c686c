// @ts-check
// Who else looks at a conversation just now: their faces in its header. Told while the page is in view, and
// taken back when it is not.
import { avatar } from '../core/avatar.js'
import { h, show } from '../core/dom.js'
import { onCleanup, signal } from '../core/signal.js'
import { t } from '../core/words.js'

/** @typedef {import('../core/types.js').Person} Person */

/** So many faces have room. */
const MOST = 3

/** @param {import('./session.js').Session} session @param {number} id */
export function viewersOf({ link, me }, id) {
  const others = signal(/** @type {Person[]} */ ([]))
  const tell = (/** @type {boolean} */ is_viewing) =>
    link.send({ type: 'viewing', conversation_id: id, is_viewing })
  const look = () => tell(!document.hidden)
  document.addEventListener('visibilitychange', look)
  const stops = [
    link.on('subscribed', frame => frame.conversation_id === id && look()),
    link.on('viewers', frame => {
      if (frame.conversation_id !== id) return
      others.set(frame.users.filter((/** @type {Person} */ each) => each.id !== me.id))
    }),
    link.on('close', () => others.set([])),
  ]
  onCleanup(() => {
    document.removeEventListener('visibilitychange', look)
    for (const stop of stops) stop()
    tell(false)
  })
  return faces(() => others())
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
