// @ts-check
// What holds for the whole workspace: its name, the seconds in which a reply can be taken back, when somebody is there.
import { get, patch } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { toast } from '../core/float.js'
import { field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { WEEK, hoursOf, weekday } from './days.js'

export function settingsPage() {
  const all = signal(/** @type {any} */ (null)), trouble = signal('')
  get('/settings').then(all.set).catch(problem => trouble.set(problem.message))
  return h('div', h('header.top', h('h1', t('admin.settings'))),
    h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', () => trouble())),
    show(h('div.cards'), () => all() && [general(all()), hours(all().business_hours)]))
}

/** @param {any} change */
async function save(change) {
  await patch('/settings', change)
  toast(t('settings.saved'), { tone: 'good' })
}

/** @param {any} all */
const general = all => h('section.card', h('h2', t('settings.general')), form([
  field(t('settings.workspace_name'), { name: 'workspace_name', required: true, value: all.workspace_name ?? '' }),
  field(t('settings.undo_seconds'), { name: 'undo_seconds', type: 'number', required: true, value: String(all.undo_seconds ?? 0), hint: t('settings.undo_hint') }),
], t('common.save'), values => save({ workspace_name: values.workspace_name.trim(), undo_seconds: Number(values.undo_seconds) })))

/** @param {any} given */
function hours(given) {
  const of = (/** @type {number} */ day) => given?.days?.find((/** @type {any} */ each) => each.day === day)
  return h('section.card', h('h2', t('settings.hours')), h('p.note-line', t('settings.hours_about')), form([
    field(t('settings.hours_on'), { name: 'is_on', value: String(!!given?.is_on), options: [['false', t('common.no')], ['true', t('common.yes')]] }),
    field(t('settings.time_zone'), { name: 'time_zone', required: true, value: given?.time_zone === 'UTC' && !given?.is_on ? Intl.DateTimeFormat().resolvedOptions().timeZone : given?.time_zone ?? 'UTC', autocomplete: 'off' }),
    ...WEEK.map(day => h('fieldset.day', h('legend', weekday(day)),
      h('input', { type: 'time', name: `from-${day}`, value: of(day)?.from ?? '', 'aria-label': t('settings.from', { day: weekday(day) }) }), h('span', { 'aria-hidden': 'true' }, '–'),
      h('input', { type: 'time', name: `to-${day}`, value: of(day)?.to ?? '', 'aria-label': t('settings.to', { day: weekday(day) }) }))),
  ], t('common.save'), values => save({ business_hours: hoursOf(values) })))
}
