// @ts-check
// Canned replies: answers kept for use again, found with "/" while writing.
import { call, get, patch, post } from '../core/api.js'
import { confirm, dialog } from '../core/dialog.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { paged } from '../core/paged.js'
import { showError } from '../core/toast.js'
import { deleted } from '../core/undo.js'
import { OF_REPLIES } from '../core/variables.js'
import { t } from '../core/words.js'
import { insertButton } from './insert.js'
import { listTable } from './list_table.js'

/** @typedef {import('./types.js').CannedReply} CannedReply */

export function cannedPage() {
  /** @type {import('../core/paged.js').Paged<CannedReply>} */
  const list = paged(cursor => get('/canned-replies', { limit: 100, cursor }))
  list.load()
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.canned')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => edit(null, list.load) },
        icon('plus'),
        t('canned.new'),
      ),
    ),
    h(
      'section.card',
      h('p.note-line', t('canned.about')),
      listTable({
        label: t('admin.canned'),
        list,
        none: h('p', t('canned.none')),
        textOf: it => `/${it.shortcut} ${it.content} ${it.folder ?? ''}`,
        columns: columns(list.load),
      }),
    ),
  )
}

/** @param {() => unknown} again @returns {import('./table.js').Column<CannedReply>[]} */
const columns = again => [
  {
    words: t('canned.shortcut'),
    of: it => h('bdi', `/${it.shortcut}`),
    head: true,
    kind: 'mono',
    name: 'shortcut',
    sort: it => it.shortcut,
  },
  {
    words: t('canned.content'),
    of: it => h('bdi', it.content),
    kind: 'wrap',
    name: 'content',
    sort: it => it.content,
  },
  {
    words: t('canned.folder'),
    of: it => it.folder && h('bdi', it.folder),
    name: 'folder',
    sort: it => it.folder,
  },
  {
    words: t('canned.for'),
    of: it => t(it.is_shared === false ? 'canned.mine' : 'canned.team'),
    name: 'for',
    sort: it => Number(it.is_shared === false),
  },
  { words: '', kind: 'acts', of: it => acts(it, again) },
]

/** @param {CannedReply} it @param {() => unknown} again */
const acts = (it, again) =>
  h(
    'span.row',
    h(
      'button.button.small',
      {
        type: 'button',
        'aria-label': t('canned.edit_it', { shortcut: it.shortcut }),
        onclick: () => edit(it, again),
      },
      icon('pen'),
    ),
    h(
      'button.button.small',
      {
        type: 'button',
        'aria-label': t('canned.delete', { shortcut: it.shortcut }),
        onclick: () => erase(it, again),
      },
      icon('trash'),
    ),
  )

/**
 * @param {CannedReply | null} it nothing: a new one
 * @param {() => unknown} again
 */
const edit = (it, again) =>
  dialog(t(it ? 'canned.edit' : 'canned.new'), close =>
    form(
      [...fieldsOf(it), ...whose(it)],
      t('common.save'),
      async values => {
        await (it
          ? patch(`/canned-replies/${it.id}`, replyOf(values, it))
          : post('/canned-replies', replyOf(values, it)))
        again()
        close()
      },
      { cancel: () => close() },
    ),
  )

/** @param {CannedReply | null} it */
function fieldsOf(it) {
  const content = field(t('canned.content'), {
    name: 'content',
    required: true,
    value: it?.content ?? '',
    rows: 5,
    hint: t('insert.hint', { place: '{{customer.first_name|there}}' }),
  })
  return [
    field(t('canned.shortcut'), {
      name: 'shortcut',
      required: true,
      value: it?.shortcut ?? '',
      hint: t('canned.shortcut_hint'),
      autofocus: true,
      autocomplete: 'off',
      mono: true,
    }),
    content,
    h(
      'div.row.start',
      insertButton(() => content.querySelector('textarea'), OF_REPLIES),
    ),
  ]
}

/** Where it lies, and who has it. @param {CannedReply | null} it */
const whose = it => [
  field(t('canned.folder'), { name: 'folder', value: it?.folder ?? '', autocomplete: 'off' }),
  field(t('canned.for'), {
    name: 'is_shared',
    value: String(it?.is_shared !== false),
    options: [
      ['true', t('canned.team')],
      ['false', t('canned.mine')],
    ],
  }),
]

/**
 * What was not changed is not sent: a server may know neither folders nor one's own replies.
 * @param {Record<string, string>} values
 * @param {CannedReply | null} it
 */
function replyOf(values, it) {
  const folder = values.folder.trim() || null
  const isShared = values.is_shared === 'true'
  return {
    shortcut: values.shortcut.trim().replace(/^\//, ''),
    content: values.content,
    ...(folder !== (it?.folder ?? null) && { folder }),
    ...(isShared !== (it?.is_shared !== false) && { is_shared: isShared }),
  }
}

/** @param {CannedReply} it @param {() => unknown} again */
async function erase(it, again) {
  if (
    !(await confirm(
      t('canned.delete', { shortcut: it.shortcut }),
      t('canned.delete_sure'),
      t('common.delete'),
    ))
  )
    return
  try {
    await call('DELETE', `/canned-replies/${it.id}`)
    again()
    deleted(`/canned-replies/${it.id}`, `/${it.shortcut}`, again)
  } catch (problem) {
    showError(problem)
  }
}
