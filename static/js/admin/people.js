// @ts-check
// Who works here: adding, changing, taking away; and the tokens programs sign in with.
import { call, get, patch, post } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog, menu, toast, troubled } from '../core/float.js'
import { copyable, field, form } from '../core/form.js'
import { effect, signal, untracked } from '../core/signal.js'
import { ago, full } from '../core/time.js'
import { named, t } from '../core/words.js'

/** @typedef {import('../core/types.js').User} User */

/** @param {User} me */
export function peoplePage(me) {
  const users = signal(/** @type {User[] | null} */ (null)), q = signal(''), trouble = signal('')
  let asked = 0
  async function load() {
    const mine = ++asked
    try { const { items } = await get('/users', { q: q.peek(), limit: 100 }); if (mine === asked) { users.set(items); trouble.set('') } } catch (/** @type {any} */ problem) { trouble.set(problem.message) }
  }
  effect(() => { q(); untracked(load) })
  const find = h('input', { type: 'search', placeholder: t('people.find'), 'aria-label': t('people.find'), oninput: () => q.set(find.value.trim()) })
  return h('div',
    h('header.top', h('h1', t('admin.people')), h('button.button.primary', { type: 'button', onclick: () => add(load) }, icon('plus'), t('people.add'))),
    h('section.card', h('div.field', find), h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', () => trouble())),
      h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('admin.people') }, h('table',
        h('thead', h('tr', ...['name', 'username', 'email', 'role'].map(name => h('th', { scope: 'col' }, t(`people.${name}`))), h('th', { scope: 'col' }, h('span.hidden-text', t('common.more'))))),
        show(h('tbody'), () => (users() ?? []).map(it => row(it, me, load)))))))
}

/** @param {User} it @param {User} me @param {() => void} again */
function row(it, me, again) {
  const change = async (/** @type {any} */ what) => { try { await patch(`/users/${it.id}`, what); again() } catch (problem) { troubled(problem) } }
  return h('tr',
    h('td', h('span.who', avatar({ name: it.full_name, avatar_url: it.avatar_url }, { size: 'small' }), h('b', { dir: 'auto' }, it.full_name), it.id === me.id && h('span.note-line', t('people.you')))),
    h('td', it.username), h('td', it.email ?? '–'), h('td', named('role', it.role)),
    h('td', menu(h('button.button.quiet', { type: 'button', 'aria-label': t('people.acts', { name: it.full_name }) }, icon('more')), () => [
      { label: t('people.edit'), icon: 'pen', run: () => edit(it, again) },
      { label: t('people.new_password'), icon: 'key', run: () => newPassword(it) },
      ...(it.id === me.id ? [] : [
        { label: t(it.role === 'admin' ? 'people.make_agent' : 'people.make_admin'), icon: 'shield', run: () => change({ role: it.role === 'admin' ? 'agent' : 'admin' }) },
        { label: t('people.remove'), icon: 'trash', danger: true, run: () => remove(it, again) },
      ]),
    ])))
}

/** @param {User | null} it */
const fields = it => [
  field(t('people.name'), { name: 'full_name', required: true, value: it?.full_name ?? '', autofocus: true, autocomplete: 'off' }),
  field(t('people.email'), { name: 'email', type: 'email', value: it?.email ?? '', autocomplete: 'off' }),
]

/** @param {() => void} again */
const add = again => dialog(t('people.add'), close => form([
  ...fields(null),
  field(t('people.username'), { name: 'username', required: true, autocomplete: 'off', mono: true }),
  field(t('login.password'), { name: 'password', type: 'password', required: true, minlength: 12, autocomplete: 'new-password', hint: t('people.password_hint') }),
  field(t('people.role'), { name: 'role', options: [['agent', t('role.agent')], ['admin', t('role.admin')]] }),
], t('people.add'), async values => {
  await post('/users', { ...values, username: values.username.trim(), email: values.email.trim() || null })
  toast(t('people.added', { name: values.full_name }), { tone: 'good' })
  again()
  close()
}, { cancel: () => close() }))

/** @param {User} it @param {() => void} again */
const edit = (it, again) => dialog(t('people.edit'), close => form(fields(it), t('common.save'), async values => {
  await patch(`/users/${it.id}`, { full_name: values.full_name, email: values.email.trim() || null })
  again()
  close()
}, { cancel: () => close() }))

/** @param {User} it */
const newPassword = it => dialog(t('people.new_password'), close => form([
  field(t('password.new'), { name: 'password', type: 'password', required: true, minlength: 12, autocomplete: 'new-password', hint: t('people.password_hint'), autofocus: true }),
], t('common.save'), async values => {
  await patch(`/users/${it.id}`, values)
  toast(t('people.password_set', { name: it.full_name }), { tone: 'good' })
  close()
}, { cancel: () => close() }))

/** @param {User} it @param {() => void} again */
async function remove(it, again) {
  if (!await confirm(t('people.remove'), t('people.remove_sure', { name: it.full_name }), t('people.remove'))) return
  try { await call('DELETE', `/users/${it.id}`); again() } catch (problem) { troubled(problem) }
}

/** A token is shown once: what is not copied then is made anew. */
export function tokensPage() {
  const made = signal(''), tokens = signal(/** @type {any[]} */ ([]))
  const load = () => get('/tokens', { limit: 100 }).then(answer => tokens.set(answer.items)).catch(troubled)
  load()
  return h('div', h('header.top', h('h1', t('admin.tokens'))),
    h('section.card.narrow', h('p', t('tokens.about')), form([field(t('tokens.name'), { name: 'name', required: true, hint: t('tokens.name_hint'), autocomplete: 'off' })], t('tokens.make'), async ({ name }) => { made.set((await post('/tokens', { name })).token); load() }),
      show(h('div.form', { hidden: () => !made() }), () => made() && [h('p.warning', icon('alert'), h('span', t('tokens.once'))), copyable(t('tokens.token'), made()), copyable(t('tokens.example'), `curl -H "Authorization: Bearer ${made()}" ${location.origin}/api/v1/me`)]),
      h('p', h('a', { href: '/docs' }, t('tokens.docs')))),
    h('section.card', { hidden: () => !tokens().length }, h('h2', t('tokens.yours')), h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('tokens.yours') }, h('table',
      h('thead', h('tr', ...['name', 'made', 'used'].map(name => h('th', { scope: 'col' }, t(`tokens.column_${name}`))), h('th', { scope: 'col' }, h('span.hidden-text', t('common.delete'))))),
      show(h('tbody'), () => tokens().map(it => h('tr', h('td', h('b', { dir: 'auto' }, it.name || '–')), h('td', full(it.created_at)), h('td', it.last_used_at ? ago(it.last_used_at) : t('tokens.never')),
        h('td', h('button.button.small', { type: 'button', 'aria-label': t('tokens.end', { name: it.name }), onclick: () => end(it, load) }, t('tokens.end_it'))))))))))
}

/** @param {any} it @param {() => void} again */
async function end(it, again) {
  if (!await confirm(t('tokens.end', { name: it.name }), t('tokens.end_sure'), t('tokens.end_it'))) return
  try { await call('DELETE', `/tokens/${it.id}`); again() } catch (problem) { troubled(problem) }
}
