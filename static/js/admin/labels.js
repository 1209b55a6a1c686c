// @ts-check
// Labels: what conversations are told apart by.
import { call, get, patch, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { confirm, dialog } from '../core/dialog.js'
import { showError } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { deleted } from '../core/undo.js'
import { t } from '../core/words.js'
import { listed, listing } from './listing.js'

export function labelsPage() {
  const labels = listing(cursor => get('/labels', { limit: 100, cursor }))
  labels.load()
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.labels')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => edit(null, labels.load) },
        icon('plus'),
        t('labels.new'),
      ),
    ),
    h(
      'section.card.narrow',
      h('p.note-line', t('labels.about')),
      listed(
        labels,
        h('p', t('labels.none')),
        show(h('ul.label-list'), () =>
          (labels.rows() ?? []).map(it =>
            h(
              'li',
              h('span.swatch', { 'aria-hidden': 'true', vars: { '--label': it.color } }),
              h('b', { dir: 'auto' }, it.name),
              h(
                'span.row',
                h(
                  'button.button.small',
                  {
                    type: 'button',
                    'aria-label': t('labels.edit_it', { name: it.name }),
                    onclick: () => edit(it, labels.load),
                  },
                  icon('pen'),
                ),
                h(
                  'button.button.small',
                  {
                    type: 'button',
                    'aria-label': t('labels.delete', { name: it.name }),
                    onclick: () => erase(it, labels.load),
                  },
                  icon('trash'),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  )
}

/** @param {any} it none: a new one @param {() => void} again */
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
        } catch (/** @type {any} */ problem) {
          if (problem.code === 'label_exists') problem.fields = { name: problem.message }
          throw problem
        }
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {any} it @param {() => void} again */
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
