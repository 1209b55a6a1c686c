// @ts-check
// Labels: what conversations are told apart by.
import { call, get, patch, Problem, post } from '../core/api.js'
import { confirm, dialog } from '../core/dialog.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { paged } from '../core/paged.js'
import { showError } from '../core/toast.js'
import { deleted } from '../core/undo.js'
import { t } from '../core/words.js'
import { listTable } from './list_table.js'

/** @typedef {import('./types.js').Label} Label */

export function labelsPage() {
  /** @type {import('../core/paged.js').Paged<Label>} */
  const list = paged(cursor => get('/labels', { limit: 100, cursor }))
  list.load()
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.labels')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => edit(null, list.load) },
        icon('plus'),
        t('labels.new'),
      ),
    ),
    h(
      'section.card',
      h('p.note-line', t('labels.about')),
      listTable({
        label: t('admin.labels'),
        list,
        none: h('p', t('labels.none')),
        textOf: it => it.name,
        columns: [
          { words: t('labels.name'), of: shown, head: true, name: 'name', sort: it => it.name },
          { words: '', kind: 'acts', of: it => acts(it, list.load) },
        ],
      }),
    ),
  )
}

/** @param {Label} it */
const shown = it =>
  h('span.who', h('span.swatch', { 'aria-hidden': 'true', vars: { '--label': it.color } }), h('bdi', it.name))

/** @param {Label} it @param {() => unknown} again */
const acts = (it, again) =>
  h(
    'span.row',
    h(
      'button.button.small',
      {
        type: 'button',
        'aria-label': t('labels.edit_it', { name: it.name }),
        onclick: () => edit(it, again),
      },
      icon('pen'),
    ),
    h(
      'button.button.small',
      {
        type: 'button',
        'aria-label': t('labels.delete', { name: it.name }),
        onclick: () => erase(it, again),
      },
      icon('trash'),
    ),
  )

/** @param {Label | null} it nothing: a new one @param {() => unknown} again */
const edit = (it, again) =>
  dialog(t(it ? 'labels.edit' : 'labels.new'), close =>
    form(
      [
        field(t('labels.name'), {
          name: 'name',
          required: true,
          value: it?.name ?? '',
          autofocus: true,
          autocomplete: 'off',
        }),
        field(t('labels.color'), {
          name: 'color',
          type: 'color',
          required: true,
          value: it?.color ?? '#4f6bed',
        }),
      ],
      t('common.save'),
      async values => {
        try {
          await (it ? patch(`/labels/${it.id}`, values) : post('/labels', values))
        } catch (problem) {
          if (problem instanceof Problem && problem.code === 'label_exists')
            problem.fields = { name: problem.message }
          throw problem
        }
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {Label} it @param {() => unknown} again */
async function erase(it, again) {
  if (!(await confirm(t('labels.delete', { name: it.name }), t('labels.delete_sure'), t('common.delete'))))
    return
  try {
    await call('DELETE', `/labels/${it.id}`)
    again()
    deleted(`/labels/${it.id}`, it.name, again)
  } catch (problem) {
    showError(problem)
  }
}
