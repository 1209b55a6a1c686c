// @ts-check
// The first start: the one-time link carries its token after `#`, so that no log ever sees it.
import '../core/theme.js'
import { get, post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { field, form, newPassword } from '../core/form.js'
import { loadWords, t } from '../core/words.js'

const token = decodeURIComponent(location.hash.slice(1))
// Not in the history either, once it is read.
history.replaceState(null, '', location.pathname)

await loadWords('sign')
document.title = t('title.page', { page: t('setup.title') })
const root = h('div.card')
document.getElementById('app')?.append(h('main.sign', root))

/** @param {string} title @param {string} words @param {Node} [more] */
const say = (title, words, more) =>
  root.replaceChildren(
    h('span.logo', icon('chat')),
    h('header', h('h1', title), h('p.lead', words)),
    ...(more ? [more] : []),
  )

const state = await get('/setup').catch(() => null)
if (!state)
  say(
    t('setup.title'),
    t('error.offline'),
    h(
      'a.button',
      { href: location.pathname + '#' + token, onclick: () => location.reload() },
      t('common.retry'),
    ),
  )
else if (!state.needed)
  say(t('setup.done_title'), t('setup.done'), h('a.button.primary', { href: '/login' }, t('login.action')))
else if (!token) say(t('setup.title'), t('setup.no_token'))
else
  say(
    t('setup.title'),
    t('setup.lead'),
    form(
      [
        field(t('setup.workspace'), {
          name: 'workspace_name',
          autocomplete: 'organization',
          placeholder: t('setup.workspace_example'),
        }),
        field(t('setup.full_name'), {
          name: 'full_name',
          required: true,
          autocomplete: 'name',
          autofocus: true,
        }),
        field(t('login.username'), {
          name: 'username',
          required: true,
          autocomplete: 'username',
          spellcheck: false,
          hint: t('setup.username_hint'),
        }),
        newPassword(t('login.password'), { hint: t('setup.password_hint') }),
      ],
      t('setup.action'),
      async values => {
        const { workspace_name, ...rest } = values
        await post(
          '/setup',
          { token, ...rest, ...(workspace_name.trim() ? { workspace_name: workspace_name.trim() } : {}) },
          { quiet: true },
        )
        location.replace('/admin#channels')
        await new Promise(() => {})
      },
    ),
  )
document.documentElement.dataset.ready = ''
