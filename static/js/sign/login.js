// @ts-check
// Signing in. Where the workspace has no user yet, it says how the first one is made.
import '../core/theme.js'
import { get, post, statusOf } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { loadWords, t } from '../core/words.js'
import { onward } from './onward.js'

await loadWords('sign')
document.title = t('title.page', { page: t('login.title') })

const signIn = form(
  [
    field(t('login.username'), {
      name: 'username',
      required: true,
      autocomplete: 'username',
      autofocus: true,
      spellcheck: false,
    }),
    field(t('login.password'), {
      name: 'password',
      type: 'password',
      required: true,
      autocomplete: 'current-password',
    }),
  ],
  t('login.action'),
  async ({ username, password }) => {
    try {
      await post('/login', { username: username.trim(), password }, { quiet: true })
    } catch (problem) {
      throw statusOf(problem) === 401 ? new Error(t('login.wrong')) : problem
    }
    location.replace(onward(new URLSearchParams(location.search).get('next'), location.href))
    await new Promise(() => {}) // the button stays busy until the next page is there
  },
)

const first = h('p.note', { hidden: true }, icon('info'), ' ', t('login.first'))
document
  .getElementById('app')
  ?.append(
    h(
      'main.sign',
      h(
        'div.card',
        h('span.logo', icon('chat')),
        h('header', h('h1', t('login.title')), h('p.lead', t('login.lead'))),
        signIn,
        first,
      ),
    ),
  )
signIn.querySelector('input')?.focus()
document.documentElement.dataset.ready = ''

get('/setup')
  .then(answer => {
    if (answer?.needed) first.hidden = false
  })
  .catch(() => {})
