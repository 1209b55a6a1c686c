// @ts-check
// Teams: who is in them, who leads them, over which channels customers come to them.
import { all, call, get, patch, post } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { paged } from '../core/paged.js'
import { signal } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { listTable } from './list_table.js'
import { tick, tickedIn } from './permission_boxes.js'

/** @typedef {import('./types.js').Team} Team */
/** @typedef {{id: number, name: string}} Named */
/** @typedef {{people: Named[], channels: Named[]}} Around who and what a team can be made of */

const around = signal(/** @type {Around} */ ({ people: [], channels: [] }))

async function know() {
  const [users, channels] = await Promise.all([all('/users'), all('/channels')])
  const people = users.map((/** @type {{id: number, full_name: string}} */ each) => ({
    id: each.id,
    name: each.full_name,
  }))
  around.set({ people, channels })
}

export function teamsPage() {
  /** @type {import('../core/paged.js').Paged<Team>} */
  const list = paged(async cursor => {
    const [page] = await Promise.all([get('/teams', { limit: 100, cursor }), know()])
    return page
  })
  list.load()
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.teams')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => edit(null, list.load).catch(showError) },
        icon('plus'),
        t('teams.new'),
      ),
    ),
    h(
      'section.card',
      h('p.note-line', t('teams.about')),
      listTable({
        label: t('admin.teams'),
        list,
        none: h('p', t('teams.none')),
        textOf: it => it.name,
        columns: columns(list),
      }),
    ),
  )
}

/** @param {number[]} ids @param {Named[]} all */
const names = (ids, all) =>
  ids
    .map(id => all.find(each => each.id === id)?.name)
    .filter(Boolean)
    .join(', ')

/** @param {import('../core/paged.js').Paged<Team>} list @returns {import('./table.js').Column<Team>[]} */
const columns = list => [
  { words: t('teams.name'), of: it => h('bdi', it.name), head: true, name: 'name', sort: it => it.name },
  { words: t('teams.members'), of: it => h('bdi', names(it.member_ids, around().people)), kind: 'wrap' },
  { words: t('teams.channels'), of: it => h('bdi', names(it.channel_ids, around().channels)), kind: 'wrap' },
  { words: t('teams.lead'), of: it => h('bdi', it.lead_id ? names([it.lead_id], around().people) : '–') },
  { words: '', kind: 'acts', of: it => acts(it, list) },
]

/** @param {Team} it @param {import('../core/paged.js').Paged<Team>} list */
const acts = (it, list) =>
  h(
    'span.row',
    button('pen', t('teams.edit_it', { name: it.name }), () => edit(it, list.load).catch(showError)),
    button('trash', t('teams.delete', { name: it.name }), () => erase(it, list)),
  )

/** @param {string} sign @param {string} words @param {() => unknown} onclick */
const button = (sign, words, onclick) =>
  h('button.button.small', { type: 'button', 'aria-label': words, onclick }, icon(sign))

/** @param {Team | null} it nothing: a new one @param {() => unknown} again */
const edit = async (it, again) => {
  // Whoever is quicker than the page: a team without anybody to choose from helps nobody.
  if (!around.peek().people.length) await know()
  return dialog(t(it ? 'teams.edit' : 'teams.new'), close => {
    const { people, channels } = around.peek()
    const boxes = h(
      'div',
      ticks('members', t('teams.members'), people, it?.member_ids ?? []),
      ticks('channels', t('teams.channels'), channels, it?.channel_ids ?? []),
    )
    return form(
      [named(it), boxes, leadField(it, people)],
      t('common.save'),
      async values => {
        const said = saidOf(values, boxes)
        await (it ? patch(`/teams/${it.id}`, said) : post('/teams', said))
        again()
        close()
      },
      { cancel: () => close() },
    )
  })
}

/** @param {Record<string, string>} values @param {HTMLElement} boxes */
const saidOf = (values, boxes) => ({
  name: values.name,
  lead_id: Number(values.lead_id) || null,
  member_ids: tickedIn(boxes, 'members').map(Number),
  channel_ids: tickedIn(boxes, 'channels').map(Number),
})

/** @param {Team | null} it */
const named = it =>
  field(t('teams.name'), {
    name: 'name',
    required: true,
    value: it?.name ?? '',
    autofocus: true,
    autocomplete: 'off',
  })

/** @param {string} name @param {string} legend @param {Named[]} all @param {number[]} ticked */
const ticks = (name, legend, all, ticked) =>
  h(
    'fieldset.field.events',
    h('legend', legend),
    ...all.map(each => tick(name, String(each.id), each.name, ticked.includes(each.id))),
  )

/** @param {Team | null} it @param {Named[]} people */
const leadField = (it, people) =>
  field(t('teams.lead'), {
    name: 'lead_id',
    value: String(it?.lead_id ?? ''),
    options: [
      ['', t('teams.nobody')],
      ...people.map(each => /** @type {[string, string]} */ ([String(each.id), each.name])),
    ],
  })

/** @param {Team} it @param {import('../core/paged.js').Paged<Team>} list */
async function erase(it, list) {
  const others = (list.rows() ?? []).filter(each => each.id !== it.id)
  try {
    await dialog(t('teams.delete', { name: it.name }), close => parting(it, others, close, list.load))
  } catch (problem) {
    showError(problem)
  }
}

/** @param {Team} it @param {Team[]} others @param {() => void} close @param {() => unknown} again */
const parting = (it, others, close, again) =>
  form(
    [
      h('p', t('teams.delete_sure')),
      field(t('teams.to'), {
        name: 'successor_id',
        options: [
          ['', t('teams.no_team')],
          ...others.map(each => /** @type {[string, string]} */ ([String(each.id), each.name])),
        ],
      }),
    ],
    t('common.delete'),
    async values => {
      const successor = values.successor_id ? `?successor_id=${values.successor_id}` : ''
      await call('DELETE', `/teams/${it.id}${successor}`)
      again()
      close()
    },
    { cancel: close, danger: true },
  )
