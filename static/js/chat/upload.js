// @ts-check
// The files being put with a message. How one goes up and how it looks meanwhile comes with the first of
// them.
import { coming, each, h } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'

/** @typedef {import('../core/types.js').Attachment} Attachment */
/** @typedef {{toString: () => string}} Address read when it is needed: a visitor's has their token */
/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */
/**
 * A file put with a message; `attachment` is there once our server has it.
 * @typedef {object} Upload
 * @property {string} name @property {string | null} preview
 * @property {XMLHttpRequest | null} request
 * @property {boolean} isDropped taken back
 * @property {Signal<number>} done
 * @property {Signal<Attachment | null>} attachment
 * @property {Signal<string>} trouble
 */

/**
 * The files being put with a message. `ids()` is null as long as one is still on its way.
 * @param {Address} address where files are posted to
 * @param {(file: Attachment) => string} [fate] what becomes of a file on its way to the customer, if it does
 *   not go as it is
 */
export function uploads(address, fate = () => '') {
  const all = signal(/** @type {Upload[]} */ ([]))
  const put = (/** @type {Upload} */ one) => all.set([...all.peek(), one])

  /** @param {Iterable<File>} files @param {string} [as] voice: a recording, to be made into a voice note */
  function add(files, as) {
    for (const file of files) {
      const one = upload(file.name, file.type.startsWith('image/') ? URL.createObjectURL(file) : null)
      put(one)
      fetched()
        .then(each => each.send(one, file, as ? `${address}?as=${as}` : String(address)))
        .catch(() => one.trouble.set(t('error.offline')))
    }
  }

  /** @param {Upload} one */
  function drop(one) {
    one.isDropped = true
    one.request?.abort()
    if (one.preview?.startsWith('blob:')) URL.revokeObjectURL(one.preview)
    all.set(all.peek().filter(other => other !== one))
  }

  return {
    add,
    /** One that our server has already. @param {Attachment} attachment */
    adopt: attachment => put(adopted(attachment)),
    /** @param {HTMLElement} parent */
    showIn(parent) {
      each(
        parent,
        () => all(),
        one => rowOf(one, fate, () => drop(one)),
      )
      return parent
    },
    any: () => all().length > 0,
    ids: () => idsOf(all()),
    taken() {
      const sent = /** @type {Attachment[]} */ (all.peek().map(one => one.attachment.peek()))
      all.set([])
      return sent
    },
  }
}

/** @param {Upload[]} all @returns {number[] | null} */
function idsOf(all) {
  const ids = all.map(one => one.attachment()?.id)
  return ids.every(id => id != null) ? /** @type {number[]} */ (ids) : null
}

/** @param {Attachment} attachment */
function adopted(attachment) {
  const { kind, media_url, thumbnail_url, file_name } = attachment
  const one = upload(file_name ?? t('kind.document'), kind === 'image' ? (thumbnail_url ?? media_url) : null)
  one.attachment.set(attachment)
  return one
}

const fetched = () => import('./upload_row.js')

/** @param {Upload} one @param {(file: Attachment) => string} fate @param {() => void} drop */
const rowOf = (one, fate, drop) =>
  coming(
    h('div.upload'),
    fetched(),
    come => come.uploadRow(one, fate, drop),
    () => {},
  )

/** @param {string} name @param {string | null} preview @returns {Upload} */
const upload = (name, preview) => ({
  name,
  preview,
  request: null,
  isDropped: false,
  done: signal(0),
  attachment: signal(/** @type {Attachment | null} */ (null)),
  trouble: signal(''),
})
