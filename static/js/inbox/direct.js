// @ts-check
// Writing to a colleague: find them, write, and the conversation is there.
import { able } from '../core/abilities.js'
import { get, post } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { dialog, toast } from '../core/float.js'
import { effect, signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { other } from './names.js'
import { go } from './place.js'

/**
 * @param {import('./session.js').Session} session
 * @param {{to?: any, title?: string, begin?: string, sent?: (user: any, content: string, answer: any) => any, stay?: boolean}} [how] to: the colleague, if known; begin: what the message begins with
 */
export function writeDirect(session, { to = null, title = t('direct.title'), begin = '', sent = () => {}, stay = false } = {}) {
  return dialog(title, close => {
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
      if (known && !stay) { close(); go({ view: 'direct', c: known.id, q: '' }) } else chosen.set(user)
    }

    // One id for this message however often Send is pressed.
    const client_id = crypto.randomUUID()
    async function send() {
      const content = area.value.trim()
      if (!content || busy.peek()) return
      busy.set(true); trouble.set('')
      try {
        const answer = await post('/direct-messages', { to: chosen.peek().id, content: begin ? `${content}\n${begin}` : content, client_id })
        session.store.applyConversations([answer.conversation])
        await sent(chosen.peek(), content, answer)
        close()
        if (!stay) go({ view: 'direct', c: answer.conversation.id, q: '' })
      } catch (/** @type {any} */ problem) { trouble.set(problem.message) } finally { busy.set(false) }
    }

    const find = h('input', { type: 'search', placeholder: t('direct.find'), 'aria-label': t('direct.find'), autofocus: true, oninput: () => { chosen.set(null); q.set(find.value.trim()) },
      onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter' && people.peek()?.length) { event.preventDefault(); choose(people.peek()?.[0]) } } })
    const area = h('textarea', { rows: 3, 'aria-label': t('direct.message'), placeholder: t('direct.message'), dir: 'auto', onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); send() } } })
    effect(() => { if (chosen()) queueMicrotask(() => area.focus()) })
    if (to) queueMicrotask(() => choose(to))
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

/** Asks a colleague about a customer's conversation: their message leads here, and a note here leads to it. @param {import('./session.js').Session} session @param {number} id */
export function askColleague(session, id) {
  const it = session.store.peekConversation(id)
  const name = other(it, session.me.id).name
  return writeDirect(session, {
    title: t('ask.title', { name }), stay: true, begin: t('ask.about', { name, link: `${location.origin}/?c=${id}` }),
    sent: async (user, content, answer) => {
      if (able.has('notes')) session.store.apply([await post(`/conversations/${id}/messages`, { content: t('ask.note', { name: `@${user.username}`, words: content, link: `${location.origin}/?view=direct&c=${answer.conversation.id}` }), client_id: crypto.randomUUID(), is_private: true })])
      toast(t('ask.done', { name: user.full_name }))
    },
  })
}
