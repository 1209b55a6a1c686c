// @ts-check
// What holds for the whole workspace: its name, the seconds in which a reply can be taken back, when somebody
// is there.
import { get, patch } from '../core/api.js'
import { h, show } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { troubleLine } from '../core/paged.js'
import { signal } from '../core/signal.js'
import { toast } from '../core/toast.js'
import { t } from '../core/words.js'
import { WEEK, dayFault, hoursOf, isZone, weekday } from './days.js'
import { workspacesCard } from './workspaces.js'

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').OpenDay} OpenDay */

const LONGEST_UNDO = 120

export function settingsPage() {
  const all = signal(/** @type {Settings | null} */ (null))
  const trouble = signal('')
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
    show(h('div.cards.loose'), () => cardsOf(all())),
    workspacesCard(),
  )
}

/** @param {Settings | null} all */
const cardsOf = all => all && [general(all), hours(all.business_hours)]

/** @param {Partial<Settings>} change */
async function save(change) {
  await patch('/settings', change)
  toast(t('settings.saved'), { tone: 'good' })
}

/**
 * Says at a field what is wrong with its value, before it is sent.
 * @param {HTMLElement} box
 * @param {(value: string) => string} fault words, or nothing
 */
function judged(box, fault) {
  const input = /** @type {HTMLInputElement} */ (box.querySelector('input'))
  const judge = () => input.setCustomValidity(fault(input.value))
  input.addEventListener('input', judge)
  judge()
  return box
}

/** @param {Settings} all */
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
        undoSeconds(all),
        // A server that does not know it does not tell it.
        all.assign_on_reply !== undefined && assignOnReply(all.assign_on_reply),
      ],
      t('common.save'),
      values => save(generalOf(values)),
    ),
  )

/** @param {Settings} all */
const undoSeconds = all =>
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
  )

/** @param {boolean} is */
const assignOnReply = is =>
  field(t('settings.assign_on_reply'), {
    name: 'assign_on_reply',
    value: String(is),
    options: yesOrNo(),
    hint: t('settings.assign_on_reply_hint'),
  })

/** @returns {[string, string][]} */
const yesOrNo = () => [
  ['true', t('common.yes')],
  ['false', t('common.no')],
]

/** @param {Record<string, string>} values @returns {Partial<Settings>} */
const generalOf = ({ workspace_name, undo_seconds, assign_on_reply }) => ({
  workspace_name: workspace_name.trim(),
  undo_seconds: Number(undo_seconds),
  ...(assign_on_reply !== undefined && { assign_on_reply: assign_on_reply === 'true' }),
})

/** @param {Settings['business_hours'] | undefined} given */
function hours(given) {
  const of = (/** @type {number} */ day) => given?.days?.find(each => each.day === day)
  return h(
    'section.card',
    h('h2', t('settings.hours')),
    h('p.note-line', t('settings.hours_about')),
    form(
      [
        field(t('settings.hours_on'), {
          name: 'is_on',
          value: String(!!given?.is_on),
          options: yesOrNo().reverse(),
        }),
        ...timeZone(given),
        ...WEEK.map(day => dayRow(day, of(day))),
      ],
      t('common.save'),
      values => save({ business_hours: hoursOf(values) }),
    ),
  )
}

/**
 * The reader's own zone is offered where none was ever chosen.
 * @param {Settings['business_hours'] | undefined} given
 */
function timeZone(given) {
  const isUnset = given?.time_zone === 'UTC' && !given.is_on
  const ours = Intl.DateTimeFormat().resolvedOptions().timeZone
  const box = field(
    t('settings.time_zone'),
    /** @type {{name: string}} */ ({
      name: 'time_zone',
      required: true,
      list: 'zones',
      value: isUnset ? ours : (given?.time_zone ?? 'UTC'),
      autocomplete: 'off',
      hint: t('settings.zone_hint'),
    }),
  )
  const zones = (Intl.supportedValuesOf?.('timeZone') ?? []).map(zone => h('option', { value: zone }))
  return [
    judged(box, value => (isZone(value.trim()) ? '' : t('settings.zone_wrong'))),
    h('datalist', { id: 'zones' }, ...zones),
  ]
}

/** @param {number} day @param {OpenDay | undefined} kept */
function dayRow(day, kept) {
  const name = weekday(day)
  const id = `day-${day}-error`
  const time = (/** @type {'from' | 'to'} */ end) =>
    h('input', {
      type: 'time',
      name: `${end}-${day}`,
      value: kept?.[end] ?? '',
      'aria-label': t(`settings.${end}`, { day: name }),
      'aria-describedby': id,
    })
  const from = time('from')
  const to = time('to')
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
