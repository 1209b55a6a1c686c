// @ts-check
// The approved messages of a channel: how each stands with its platform, what the team calls it, who may use
// it. `#channels/3/templates`. What is said in one is written in template_editor.js.
import { all, call, get, patch, post } from '../core/api.js'
import { confirm, dialog } from '../core/dialog.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { paged } from '../core/paged.js'
import { onCleanup, signal } from '../core/signal.js'
import { browserLink } from '../core/socket.js'
import { ago } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { listTable } from './list_table.js'
import { editTemplate } from './template_editor.js'

/** @typedef {import('../core/template_parts.js').Template} Template */
/** @typedef {import('../core/types.js').Channel} Channel */

const ACCESS = ['everybody', 'admins', 'users']

/** @param {Channel} channel */
export function templatesPage(channel) {
  const path = `/channels/${channel.id}/templates`
  const syncedAt = signal(/** @type {string | null} */ (null))
  const fault = signal('')
  /** @type {import('../core/paged.js').Paged<Template>} */
  const list = paged(async cursor => {
    const answer = await get(path, { limit: 100, hidden: true, cursor })
    syncedAt.set(answer.synced_at)
    fault.set(answer.fault ?? '')
    return answer
  })
  list.load()
  followNews(list.load)
  const sync = () =>
    post(`${path}/sync`, {})
      .then(() => toast(t('templates.synced_now')))
      .then(list.load)
      .catch(showError)
  return h(
    'div',
    head(channel, () => editTemplate(path, null, list.load), sync),
    h(
      'section.card',
      h('p.note-line', () => (syncedAt() ? t('templates.synced', { when: ago(syncedAt() ?? '') }) : '')),
      h('p.trouble', { hidden: () => !fault() }, icon('alert'), h('span', { dir: 'auto' }, fault)),
      listTable({
        label: t('channels.templates'),
        list,
        none: h('p', t('templates.none')),
        textOf: it => `${it.name} ${it.title ?? ''} ${it.body ?? ''}`,
        columns: columns(path, list.load),
      }),
    ),
  )
}

/** The server tells of each change at once. @param {() => unknown} again */
function followNews(again) {
  const link = browserLink('/ws')
  link.on('welcome', () => link.send({ type: 'watch', scope: 'mine', batch: true }))
  link.on('templates_updated', again)
  link.start()
  onCleanup(() => link.stop())
}

/** @param {Channel} channel @param {() => unknown} create @param {() => unknown} sync */
const head = (channel, create, sync) =>
  h(
    'header.top',
    h('h1', t('templates.of', { name: channel.name })),
    h(
      'span.row',
      h('a.button', { href: '#channels' }, icon('back'), t('admin.channels')),
      h('button.button', { type: 'button', onclick: sync }, icon('retry'), t('templates.sync')),
      h('button.button.primary', { type: 'button', onclick: create }, icon('plus'), t('templates.new')),
    ),
  )

/** @param {string} path @param {() => unknown} again @returns {import('./table.js').Column<Template>[]} */
const columns = (path, again) => [
  {
    words: t('templates.name'),
    of: it => h('bdi', it.title ? `${it.title} (${it.name})` : it.name),
    head: true,
    name: 'name',
    sort: it => it.title || it.name,
  },
  { words: t('templates.language'), of: it => it.language, name: 'language', sort: it => it.language },
  {
    words: t('templates.category'),
    of: it => (it.category ? named('template_category', it.category.toLowerCase()) : ''),
    name: 'category',
    sort: it => it.category,
  },
  { words: t('templates.state'), of: state, kind: 'wrap', name: 'state', sort: it => it.status },
  {
    words: t('templates.for'),
    of: it => (it.is_hidden ? t('templates.hidden') : named('template_access', it.access ?? 'everybody')),
    name: 'for',
    sort: it => it.access,
  },
  { words: '', kind: 'acts', of: it => acts(path, it, again) },
]

/** The platform's own words: it makes new ones. @param {Template} it */
const state = it =>
  h(
    'span',
    { class: it.can_be_sent ? 'good' : 'faint' },
    [it.status.replaceAll('_', ' ').toLowerCase(), it.quality?.toLowerCase(), it.reason]
      .filter(Boolean)
      .join(' · '),
  )

/** @param {string} path @param {Template} it @param {() => unknown} again */
function acts(path, it, again) {
  const name = it.title || it.name
  const act = (/** @type {string} */ sign, /** @type {string} */ words, /** @type {() => unknown} */ run) =>
    h('button.button.small', { type: 'button', 'aria-label': words, title: words, onclick: run }, icon(sign))
  return h(
    'span.row',
    act('people', t('templates.care', { name }), () => care(path, it, again)),
    act('pen', t('templates.edit_it', { name }), () => editTemplate(path, it, again)),
    act('trash', t('templates.delete', { name }), () => erase(path, it, again)),
  )
}

/** What only our team says of it. @param {string} path @param {Template} it @param {() => unknown} again */
async function care(path, it, again) {
  /** @type {import('../core/types.js').User[]} */
  const users = await all('/users').catch(() => [])
  return dialog(t('templates.care', { name: it.name }), close =>
    form(
      [
        field(t('templates.title'), { name: 'title', value: it.title ?? '', autofocus: true }),
        field(t('templates.for'), {
          name: 'access',
          value: it.access ?? 'everybody',
          options: ACCESS.map(each => [each, named('template_access', each)]),
        }),
        whom(users, it.user_ids ?? []),
        h(
          'label',
          h('input', { type: 'checkbox', name: 'is_hidden', value: 'true', checked: !!it.is_hidden }),
          ' ',
          t('templates.hide'),
        ),
      ],
      t('common.save'),
      async values => {
        await patch(`${path}/${it.id}`, careOf(values))
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )
}

/** @param {import('../core/types.js').User[]} users @param {number[]} chosen */
const whom = (users, chosen) =>
  h(
    'fieldset',
    h('legend', t('templates.users')),
    ...users.map(each =>
      h(
        'label',
        h('input', { type: 'checkbox', name: `user-${each.id}`, checked: chosen.includes(each.id) }),
        ' ',
        h('bdi', each.full_name),
      ),
    ),
  )

/** @param {Record<string, string>} values */
const careOf = values => ({
  title: values.title.trim() || null,
  access: values.access,
  is_hidden: values.is_hidden === 'true',
  user_ids: Object.keys(values)
    .filter(name => name.startsWith('user-'))
    .map(name => Number(name.slice(5))),
})

/** @param {string} path @param {Template} it @param {() => unknown} again */
async function erase(path, it, again) {
  const title = t('templates.delete', { name: it.title || it.name })
  if (!(await confirm(title, t('templates.delete_sure'), t('common.delete')))) return
  try {
    await call('DELETE', `${path}/${it.id}`)
    await again()
  } catch (problem) {
    showError(problem)
  }
}
