// @ts-check
// The tokens programs sign in with, and the browsers one is signed in with. A token is shown once: what is
// not copied
// then is made anew.
import { call, get, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { confirm } from '../core/dialog.js'
import { showError } from '../core/toast.js'
import { copyable, field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { since } from '../core/time.js'
import { t } from '../core/words.js'
import { listed, listing } from './listing.js'
import { table } from './table.js'

export function tokensPage() {
  const made = signal(''),
    tokens = listing(cursor => get('/tokens', { limit: 100, cursor }))
  tokens.load()
  const asking = form(
    [
      field(t('tokens.name'), {
        name: 'name',
        required: true,
        hint: t('tokens.name_hint'),
        autocomplete: 'off',
      }),
    ],
    t('tokens.make'),
    async ({ name }) => {
      made.set((await post('/tokens', { name: name.trim() })).token)
      asking.reset()
      tokens.load()
    },
  )
  return h(
    'div',
    h('header.top', h('h1', t('admin.tokens'))),
    h(
      'section.card.narrow',
      h('p', t('tokens.about'), ' ', h('a', { href: '/docs' }, t('tokens.docs'))),
      asking,
      show(
        h('div.form', { role: 'status', hidden: () => !made() }),
        () =>
          made() && [
            h('p.warning', icon('alert'), h('span', t('tokens.once'))),
            copyable(t('tokens.token'), made()),
            copyable(
              t('tokens.example'),
              `curl -H "Authorization: Bearer ${made()}" ${location.origin}/api/v1/me`,
            ),
          ],
      ),
    ),
    h(
      'section.card',
      h('h2', t('tokens.yours')),
      listed(
        tokens,
        h('p', t('tokens.none')),
        table(
          t('tokens.yours'),
          [
            { words: t('tokens.column_name'), of: it => h('bdi', it.name || '–'), head: true },
            { words: t('tokens.column_made'), of: it => since(it.created_at) },
            {
              words: t('tokens.column_used'),
              of: it => (it.last_used_at ? since(it.last_used_at) : t('tokens.never')),
            },
            { words: t('tokens.ends'), of: it => (it.expires_at ? since(it.expires_at) : t('tokens.never')) },
            {
              words: '',
              kind: 'acts',
              of: it =>
                h(
                  'span.row',
                  h(
                    'button.button.small',
                    {
                      type: 'button',
                      'aria-label': t('admin.act', { act: t('tokens.end_it'), name: it.name }),
                      onclick: () => end(it, tokens.load),
                    },
                    t('tokens.end_it'),
                  ),
                ),
            },
          ],
          tokens.rows,
        ),
      ),
    ),
    sessionsCard(),
  )
}

function sessionsCard() {
  const sessions = listing(cursor => get('/me/sessions', { limit: 100, cursor }))
  sessions.load()
  return h(
    'section.card',
    h('h2', t('tokens.sessions')),
    h('p.note-line', t('tokens.sessions_about')),
    listed(
      sessions,
      h('p', t('tokens.sessions_none')),
      table(
        t('tokens.sessions'),
        [
          { words: t('tokens.device'), of: it => h('bdi', it.device || '–'), head: true, kind: 'wrap' },
          { words: t('tokens.address'), of: it => h('bdi', it.address || '–') },
          { words: t('tokens.signed_in'), of: it => since(it.created_at) },
          { words: t('tokens.column_used'), of: it => since(it.last_used_at) },
          {
            words: '',
            kind: 'acts',
            of: it =>
              it.is_current
                ? t('tokens.this_one')
                : h(
                    'button.button.small',
                    {
                      type: 'button',
                      'aria-label': t('admin.act', { act: t('tokens.end_it'), name: it.address ?? '' }),
                      onclick: () => endSession(`/${it.id}`, sessions.load),
                    },
                    t('tokens.end_it'),
                  ),
          },
        ],
        sessions.rows,
      ),
    ),
    h(
      'button.button.small',
      {
        type: 'button',
        hidden: () => (sessions.rows()?.length ?? 0) < 2,
        onclick: () => endSession('', sessions.load),
      },
      t('tokens.end_others'),
    ),
  )
}

/** @param {string} which a path below the sessions; nothing: all but this one @param {() => void} again */
async function endSession(which, again) {
  if (!(await confirm(t('tokens.end_session'), t('tokens.end_session_sure'), t('tokens.end_it')))) return
  try {
    await call('DELETE', `/me/sessions${which}`)
    again()
  } catch (problem) {
    showError(problem)
  }
}

/** @param {any} it @param {() => void} again */
async function end(it, again) {
  if (!(await confirm(t('tokens.end', { name: it.name }), t('tokens.end_sure'), t('tokens.end_it')))) return
  try {
    await call('DELETE', `/tokens/${it.id}`)
    again()
  } catch (problem) {
    showError(problem)
  }
}
