// @ts-check
// What holds for the whole workspace: its name, the seconds in which a reply can be taken back, when somebody is there.
import { get, patch } from '../core/api.js'
import { h, show } from '../core/dom.js'
import { toast } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { WEEK, dayFault, hoursOf, isZone, weekday } from './days.js'
import { troubleLine } from './listing.js'

const LONGEST_UNDO = 120

export function settingsPage() {
  const all = signal(/** @type {any} */ (null)),
    trouble = signal('')
  const load = () =>
    get('/settings')
      .then(answer => {
        all.set(answer)
        trouble.set('')
      })
      .catch(problem => trouble.set(problem.message))
  load()
  return h(
    'div',
    h('header.top', h('h1', t('admin.settings'))),
    troubleLine(trouble, load),
    h('p.note-line.late', { hidden: () => !!all() || !!trouble() }, t('form.busy')),
    show(h('div.cards.loose'), () => all() && [general(all()), hours(all().business_hours)]),
  )
}

/** @param {any} change */
async function save(change) {
  await patch('/settings', change)
  toast(t('settings.saved'), { tone: 'good' })
}

/** Says at a field what is wrong with its value, before it is sent. @param {HTMLElement} box @param {(value: string) => string} fault words, or nothing */
function judged(box, fault) {
  const input = /** @type {HTMLInputElement} */ (box.querySelector('input'))
  const judge = () => input.setCustomValidity(fault(input.value))
  input.addEventListener('input', judge)
  judge()
  return box
}

/** @param {any} all */
const general = all =>
  h(
    'section.card',
    h('h2', t('settings.general')),
    form(
      [
        field(t('settings.workspace_name'), {
          name: 'workspace_name',
          required: true,
          value: all.workspace_name ?? '',
        }),
        judged(
          field(t('settings.undo_seconds'), {
            name: 'undo_seconds',
            required: true,
            value: String(all.undo_seconds ?? 0),
            hint: t('settings.undo_hint', { most: LONGEST_UNDO }),
            autocomplete: 'off',
          }),
          value =>
            /^\d+$/.test(value.trim()) && Number(value) <= LONGEST_UNDO
              ? ''
              : t('settings.undo_wrong', { most: LONGEST_UNDO }),
        ),
      ],
      t('common.save'),
      values =>
        save({ workspace_name: values.workspace_name.trim(), undo_seconds: Number(values.undo_seconds) }),
    ),
  )

/** @param {any} given */
function hours(given) {
  const of = (/** @type {number} */ day) => given?.days?.find((/** @type {any} */ each) => each.day === day)
  const zones = h(
    'datalist',
    { id: 'zones' },
    ...(Intl.supportedValuesOf?.('timeZone') ?? []).map(zone => h('option', { value: zone })),
  )
  return h(
    'section.card',
    h('h2', t('settings.hours')),
    h('p.note-line', t('settings.hours_about')),
    form(
      [
        field(t('settings.hours_on'), {
          name: 'is_on',
          value: String(!!given?.is_on),
          options: [
            ['false', t('common.no')],
            ['true', t('common.yes')],
          ],
        }),
        judged(
          field(
            t('settings.time_zone'),
            /** @type {any} */ ({
              name: 'time_zone',
              required: true,
              list: 'zones',
              value:
                given?.time_zone === 'UTC' && !given?.is_on
                  ? Intl.DateTimeFormat().resolvedOptions().timeZone
                  : (given?.time_zone ?? 'UTC'),
              autocomplete: 'off',
              hint: t('settings.zone_hint'),
            }),
          ),
          value => (isZone(value.trim()) ? '' : t('settings.zone_wrong')),
        ),
        zones,
        ...WEEK.map(day => dayRow(day, of(day))),
      ],
      t('common.save'),
      values => save({ business_hours: hoursOf(values) }),
    ),
  )
}

/** @param {number} day @param {any} kept */
function dayRow(day, kept) {
  const name = weekday(day),
    id = `day-${day}-error`
  const time = (/** @type {'from' | 'to'} */ end) =>
    h('input', {
      type: 'time',
      name: `${end}-${day}`,
      value: kept?.[end] ?? '',
      'aria-label': t(`settings.${end}`, { day: name }),
      'aria-describedby': id,
    })
  const from = time('from'),
    to = time('to')
  const judge = () => {
    const fault = dayFault(from.value, to.value)
    to.setCustomValidity(fault ? t(`settings.day_${fault}`) : '')
  }
  judge()
  return h(
    'fieldset.field.day',
    { oninput: judge },
    h('legend', name),
    from,
    h('span', { 'aria-hidden': 'true' }, '–'),
    to,
    h('p.error', { id }),
  )
}
