// @ts-check
// Writing to a colleague: find them, write, and the conversation is there.
import { get, post } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { dialog } from '../core/float.js'
import { effect, signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { go } from './place.js'

/** @param {import('./session.js').Session} session */
export function writeDirect(session) {
  return dialog(t('direct.title'), close => {
    const q = signal(''), people = signal(/** @type {any[] | null} */ (null)), chosen = signal(/** @type {any} */ (null)), trouble = signal(''), busy = signal(false)
    let asked = 0
    effect(() => {
      const words = q(), mine = ++asked
      setTimeout(async () => {
        if (mine !== asked) return
        try {
          const { items } = await get('/users', { q: words, limit: 20 })
          if (mine === asked) people.set(items.filter((/** @type {any} */ each) => each.id !== session.me.id))
        } catch (/** @type {any} */ problem) { trouble.set(problem.message) }
      }, words ? 150 : 0)
    })

    /** A conversation that is already there is simply opened. @param {any} user */
    function choose(user) {
      const known = session.store.conversations.peek().map(id => session.store.peekConversation(id)).find(it => it?.kind === 'direct' && it.participants.length === 2 && it.participants.some(each => each.id === user.id))
      if (known) { close(); go({ view: 'direct', c: known.id, q: '' }) } else chosen.set(user)
    }

    // One id for this message however often Send is pressed.
    const client_id = crypto.randomUUID()
    async function send() {
      const content = area.value.trim()
      if (!content || busy.peek()) return
      busy.set(true); trouble.set('')
      try {
        const answer = await post('/direct-messages', { to: chosen.peek().id, content, client_id })
        session.store.applyConversations([answer.conversation])
        close()
        go({ view: 'direct', c: answer.conversation.id, q: '' })
      } catch (/** @type {any} */ problem) { trouble.set(problem.message) } finally { busy.set(false) }
    }

    const find = h('input', { type: 'search', placeholder: t('direct.find'), 'aria-label': t('direct.find'), autofocus: true, oninput: () => { chosen.set(null); q.set(find.value.trim()) },
      onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter' && people.peek()?.length) { event.preventDefault(); choose(people.peek()?.[0]) } } })
    const area = h('textarea', { rows: 3, 'aria-label': t('direct.message'), placeholder: t('direct.message'), dir: 'auto', onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); send() } } })
    effect(() => { if (chosen()) queueMicrotask(() => area.focus()) })
    return h('div.form',
      h('div.field', find),
      show(h('ul.choices', { hidden: () => !!chosen() }), () => (people() ?? []).map(user => h('li', h('button', { type: 'button', onclick: () => choose(user) },
        avatar({ name: user.full_name, avatar_url: user.avatar_url }, { online: () => session.online().has(user.id) }), h('span', h('b', { dir: 'auto' }, user.full_name), h('small', `@${user.username}`)))))),
      h('p.hint', { hidden: () => people() === null || !!people()?.length }, () => t(q() ? 'direct.nobody' : 'direct.alone_here')),
      show(h('div', { hidden: () => !chosen() }), () => chosen() && h('div.chosen', avatar({ name: chosen().full_name, avatar_url: chosen().avatar_url }, { size: 'small' }), h('b', chosen().full_name))),
      h('div.field', { hidden: () => !chosen() }, area),
      h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', () => trouble())),
      h('footer', { hidden: () => !chosen() }, h('button.button', { type: 'button', onclick: () => close() }, t('common.cancel')), h('button.button.primary', { type: 'button', disabled: () => busy(), onclick: send }, t('composer.send'))))
  })
}
