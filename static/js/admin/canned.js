// @ts-check
// Canned replies: answers kept for use again, found with "/" while writing.
import { call, get, patch, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog, troubled } from '../core/float.js'
import { field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'

export function cannedPage() {
  const replies = signal(/** @type {any[] | null} */ (null)), trouble = signal('')
  const load = () => get('/canned-replies', { limit: 100 }).then(answer => { replies.set(answer.items); trouble.set('') }).catch(problem => trouble.set(problem.message))
  load()
  return h('div',
    h('header.top', h('h1', t('admin.canned')), h('button.button.primary', { type: 'button', onclick: () => edit(null, load) }, icon('plus'), t('canned.new'))),
    h('section.card', h('p.note-line', t('canned.about')), h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', () => trouble())),
      h('p.note-line', { hidden: () => replies()?.length !== 0 }, t('canned.none')),
      h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('admin.canned'), hidden: () => !replies()?.length }, h('table',
        h('thead', h('tr', ...['shortcut', 'content'].map(name => h('th', { scope: 'col' }, t(`canned.${name}`))), h('th', { scope: 'col' }, h('span.hidden-text', t('common.more'))))),
        show(h('tbody'), () => (replies() ?? []).map(it => h('tr', h('td.mono', `/${it.shortcut}`), h('td.wrap', { dir: 'auto' }, it.content),
          h('td', h('span.row', h('button.button.small', { type: 'button', 'aria-label': t('canned.edit_it', { shortcut: it.shortcut }), onclick: () => edit(it, load) }, icon('pen')),
            h('button.button.small', { type: 'button', 'aria-label': t('canned.delete', { shortcut: it.shortcut }), onclick: () => erase(it, load) }, icon('trash')))))))))))
}

/** @param {any} it none: a new one @param {() => void} again */
const edit = (it, again) => dialog(t(it ? 'canned.edit' : 'canned.new'), close => form([
  field(t('canned.shortcut'), { name: 'shortcut', required: true, value: it?.shortcut ?? '', hint: t('canned.shortcut_hint'), autofocus: true, autocomplete: 'off', mono: true }),
  field(t('canned.content'), { name: 'content', required: true, value: it?.content ?? '', rows: 5 }),
], t('common.save'), async values => {
  await (it ? patch(`/canned-replies/${it.id}`, values) : post('/canned-replies', values))
  again()
  close()
}, { cancel: () => close() }))

/** @param {any} it @param {() => void} again */
async function erase(it, again) {
  if (!await confirm(t('canned.delete', { shortcut: it.shortcut }), t('canned.delete_sure'), t('common.delete'))) return
  try { await call('DELETE', `/canned-replies/${it.id}`); again() } catch (problem) { troubled(problem) }
}
