// @ts-check
// Writing to colleagues: find one or several, write, and the conversation is there.
import { all, post } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { toast } from '../core/toast.js'
import { effect, signal } from '../core/signal.js'
import { moreWords, t } from '../core/words.js'
import { other } from './names.js'
import { go } from './place.js'

await moreWords()

/**
 * @param {import('./session.js').Session} session
 * @param {{to?: any, title?: string, about?: number | null, sent?: (users: any[], content: string, answer: any) => any}} [how] to: the colleague, if known; about: the customer's conversation they are asked about; sent: what follows in place of opening it
 */
export function writeDirect(session, { to = null, title = t('direct.title'), about = null, sent } = {}) {
  return dialog(title, close => {
    const q = signal(''),
      people = signal(/** @type {any[] | null} */ (null)),
      chosen = signal(/** @type {any[]} */ ([])),
      trouble = signal(''),
      busy = signal(false)
    let asked = 0
    effect(() => {
      const words = q(),
        mine = ++asked
      setTimeout(
        async () => {
          if (mine !== asked) return
          try {
            const items = await all('/users', { q: words })
            if (mine === asked)
              people.set(items.filter((/** @type {any} */ each) => each.id !== session.me.id))
          } catch (/** @type {any} */ problem) {
            trouble.set(problem.message)
          }
        },
        words ? 150 : 0,
      )
    })
    const left = () => (people() ?? []).filter(each => !chosen().some(one => one.id === each.id))

    /** One more of a group, or the first. @param {any} user */
    function add(user) {
      chosen.set([...chosen.peek(), user])
      find.value = ''
      q.set('')
    }

    /** A conversation with this one alone that is already there is simply opened. @param {any} user */
    function choose(user) {
      const known =
        !about &&
        !chosen.peek().length &&
        session.store.conversations
          .peek()
          .map(id => session.store.peekConversation(id))
          .find(
            it =>
              it?.kind === 'direct' &&
              !it.about_conversation_id &&
              it.participants.length === 2 &&
              it.participants.some(each => each.id === user.id),
          )
      if (known) {
        close()
        go({ view: 'direct', c: known.id, q: '' })
      } else {
        add(user)
        queueMicrotask(() => area.focus())
      }
    }

    // One id for this message however often Send is pressed.
    const client_id = crypto.randomUUID()
    async function send() {
      const content = area.value.trim(),
        users = chosen.peek()
      if (!content || busy.peek() || !users.length) return
      busy.set(true)
      trouble.set('')
      try {
        const answer = await post('/direct-messages', {
          to: users.length > 1 ? users.map(each => each.id) : users[0].id,
          content,
          client_id,
          ...(about ? { about_conversation_id: about } : {}),
        })
        session.store.applyConversations([answer.conversation])
        close()
        if (sent) await sent(users, content, answer)
        else go({ view: 'direct', c: answer.conversation.id, q: '' })
      } catch (/** @type {any} */ problem) {
        trouble.set(problem.message)
      } finally {
        busy.set(false)
      }
    }

    const find = h('input', {
      type: 'search',
      placeholder: t('direct.find'),
      'aria-label': t('direct.find'),
      autofocus: true,
      oninput: () => q.set(find.value.trim()),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Enter' && left().length) {
          event.preventDefault()
          choose(left()[0])
        }
      },
    })
    const area = h('textarea', {
      rows: 3,
      'aria-label': t('direct.message'),
      placeholder: t('direct.message'),
      dir: 'auto',
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
          event.preventDefault()
          send()
        }
      },
    })
    if (to) queueMicrotask(() => choose(to))
    return h(
      'div.form',
      show(h('div.chips', { hidden: () => !chosen().length }), () =>
        chosen().map(each =>
          h(
            'span.chip.colleague',
            avatar({ name: each.full_name, avatar_url: each.avatar_url }, { size: 'small' }),
            h('b', { dir: 'auto' }, each.full_name),
            h(
              'button',
              {
                type: 'button',
                'aria-label': t('direct.leave_out', { name: each.full_name }),
                onclick: () => chosen.set(chosen.peek().filter(one => one !== each)),
              },
              icon('close'),
            ),
          ),
        ),
      ),
      h('div.field', find),
      show(h('ul.choices', { hidden: () => !!chosen().length && !q() }), () =>
        left().map(user =>
          h(
            'li',
            h(
              'button',
              { type: 'button', onclick: () => choose(user) },
              avatar(
                { name: user.full_name, avatar_url: user.avatar_url },
                { online: () => session.online().has(user.id) },
              ),
              h('span', h('b', { dir: 'auto' }, user.full_name), h('small', `@${user.username}`)),
            ),
            h(
              'button.button.quiet',
              {
                type: 'button',
                'aria-label': t('direct.add', { name: user.full_name }),
                title: t('direct.add', { name: user.full_name }),
                onclick: () => add(user),
              },
              icon('plus'),
            ),
          ),
        ),
      ),
      h('p.hint', { hidden: () => people() === null || !!left().length || !!chosen().length }, () =>
        t(q() ? 'direct.nobody' : 'direct.alone_here'),
      ),
      h('p.hint', { hidden: () => chosen().length !== 1 || !!q() }, t('direct.more')),
      h('div.field', { hidden: () => !chosen().length }, area),
      h(
        'p.trouble',
        { role: 'alert', hidden: () => !trouble() },
        icon('alert'),
        h('span', () => trouble()),
      ),
      h(
        'footer',
        { hidden: () => !chosen().length },
        h('button.button', { type: 'button', onclick: () => close() }, t('common.cancel')),
        h(
          'button.button.primary',
          { type: 'button', disabled: () => busy(), onclick: send },
          t('composer.send'),
        ),
      ),
    )
  })
}

/** Asks colleagues about a customer's conversation: theirs leads here, and a note here says that they were asked. @param {import('./session.js').Session} session @param {number} id */
export function askColleague(session, id) {
  const name = other(session.store.peekConversation(id), session.me.id).name
  return writeDirect(session, {
    title: t('ask.title', { name }),
    about: id,
    sent: async (users, _content, answer) => {
      const names = users.map(each => each.full_name).join(', ')
      toast(t('ask.done', { name: names }), {
        action: t('ask.open'),
        run: () => go({ view: 'direct', c: answer.conversation.id, q: '' }),
      })
      session.store.apply([
        await post(`/conversations/${id}/messages`, {
          content: t('ask.note', { name: names }),
          client_id: crypto.randomUUID(),
          is_private: true,
        }),
      ])
    },
  })
}
