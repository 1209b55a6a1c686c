// @ts-check
// A customer as the team knows them: identities, own fields, earlier conversations; joined, blocked, deleted.
import { get, patch, post, remove } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog, menu, toast, troubled } from '../core/float.js'
import { field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { ago } from '../core/time.js'
import { named, t } from '../core/words.js'
import { go } from './place.js'

/** @param {import('./session.js').Session} session @param {number} customer @param {number} conversation the one that is open */
export function profileOf(session, customer, conversation) {
  const known = signal(/** @type {any} */ (null))
  const load = () => get(`/customers/${customer}`).then(it => known.set(it)).catch(() => {})
  load()
  const change = (/** @type {any} */ fields) => patch(`/customers/${customer}`, fields).then(async it => { if (it?.id) known.set({ ...known.peek(), ...it }); await load() })
  return show(h('div.profile', { hidden: () => !known() }), () => {
    const it = known()
    if (!it) return []
    return [
      it.blocked && h('p.blocked', { role: 'status' }, icon('shield'), t('customer.blocked')),
      identities(it), fields(it, change), earlier(it, conversation), acts(session, it, change),
    ]
  })
}

/** @param {any} it */
const identities = it => it.identities?.length > 1 && h('section', h('h3', t('customer.identities')), h('ul', ...it.identities.map((/** @type {any} */ each) => h('li', h('span', named('channel', each.channel_kind ?? each.kind)), ' ', h('span.mono', { dir: 'ltr' }, each.username ? `@${each.username}` : each.external_id ?? '')))))

/** @param {any} it @param {(fields: any) => Promise<any>} change */
function fields(it, change) {
  const all = Object.entries(it.custom_fields ?? {})
  const edit = (/** @type {string} */ name, /** @type {string} */ value) => dialog(t(name ? 'customer.field_edit' : 'customer.field_add'), close => form([
    field(t('customer.field_name'), { name: 'name', required: true, value: name, autofocus: !name, autocomplete: 'off' }), field(t('customer.field_value'), { name: 'value', value, autofocus: !!name, autocomplete: 'off' }),
  ], t('common.save'), async values => {
    const next = { ...it.custom_fields }
    if (name && name !== values.name) delete next[name]
    if (values.value.trim()) next[values.name.trim()] = values.value.trim()
    else delete next[values.name.trim()]
    await change({ custom_fields: next })
    close()
  }, { cancel: () => close() }))
  return h('section', h('h3', t('customer.fields')),
    h('dl.facts', ...all.flatMap(([name, value]) => [h('dt', { dir: 'auto' }, name), h('dd', h('button.text', { type: 'button', dir: 'auto', title: t('customer.field_edit'), onclick: () => edit(name, String(value)) }, String(value)))])),
    h('button.button.small.quiet', { type: 'button', onclick: () => edit('', '') }, icon('plus'), t('customer.field_add')))
}

/** @param {any} it @param {number} open */
function earlier(it, open) {
  const others = (it.conversations ?? []).filter((/** @type {any} */ each) => each.id !== open)
  return !!others.length && h('section', h('h3', t('customer.conversations')), h('ul', ...others.map((/** @type {any} */ each) => h('li', h('button.text', { type: 'button', onclick: () => go({ c: each.id }) }, `${named('channel', each.channel_kind)} · ${named('status', each.status)} · ${ago(each.last_activity_at ?? each.created_at)}`)))))
}

/** @param {import('./session.js').Session} session @param {any} it @param {(fields: any) => Promise<any>} change */
function acts(session, it, change) {
  const button = h('button.button.small', { type: 'button' }, icon('more'), t('customer.acts'))
  return menu(button, () => [
    { label: t('customer.rename'), icon: 'pen', run: () => rename(session, it, change) },
    { label: t('customer.merge'), icon: 'people', run: () => merge(session, it, () => change({})) },
    { label: t(it.blocked ? 'customer.unblock' : 'customer.block'), icon: 'shield', run: () => change({ blocked: !it.blocked }).catch(troubled) },
    ...(session.me.role === 'admin' ? [{ label: t('customer.delete'), icon: 'trash', danger: true, run: () => erase(it) }] : []),
  ])
}

/** @param {import('./session.js').Session} session @param {any} it @param {(fields: any) => Promise<any>} change */
const rename = (session, it, change) => dialog(t('customer.rename'), close => form([field(t('start.name'), { name: 'name', required: true, value: it.name ?? '', autofocus: true })], t('common.save'), async ({ name }) => {
  await change({ name: name.trim() })
  close()
}, { cancel: () => close() }))

/** The other one goes into this: looked for among the conversations. @param {import('./session.js').Session} session @param {any} it @param {() => any} again */
const merge = (session, it, again) => dialog(t('customer.merge'), close => {
  const q = signal(''), found = signal(/** @type {any[]} */ ([])), trouble = signal('')
  let asked = 0
  async function look() {
    const mine = ++asked
    const answer = await get('/conversations', { q: q.peek(), limit: 30 }).catch(() => null)
    if (mine !== asked || !answer) return
    const seen = new Set([it.id])
    found.set(answer.items.filter((/** @type {any} */ each) => each.customer && !seen.has(each.customer.id) && seen.add(each.customer.id)))
  }
  async function take(/** @type {any} */ other) {
    if (!await confirm(t('customer.merge'), t('customer.merge_sure', { name: other.name ?? other.external_id, into: it.name ?? it.external_id ?? '' }), t('customer.merge_action'))) return
    try { await post(`/customers/${it.id}/merge`, { customer_id: other.id }); close(); toast(t('customer.merged')); again() } catch (/** @type {any} */ problem) { trouble.set(problem.message) }
  }
  const input = h('input', { type: 'search', autofocus: true, 'aria-label': t('customer.merge_find'), placeholder: t('customer.merge_find'), oninput: () => { q.set(input.value.trim()); look() } })
  look()
  return h('div.form', h('p.hint', t('customer.merge_about')), h('div.field', input),
    show(h('ul.choices'), () => found().map(each => h('li', h('button', { type: 'button', onclick: () => take(each.customer) }, h('span', h('b', { dir: 'auto' }, each.customer.name ?? each.customer.external_id), h('small', `${named('channel', each.channel_kind)} · ${each.customer.external_id ?? ''}`)))))),
    h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', () => trouble())))
})

/** @param {any} it */
async function erase(it) {
  if (!await confirm(t('customer.delete'), t('customer.delete_sure', { name: it.name ?? it.external_id ?? '' }), t('customer.delete_action'))) return
  try { await remove(`/customers/${it.id}`); go({ c: null }); location.reload() } catch (problem) { troubled(problem) }
}
