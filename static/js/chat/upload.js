// @ts-check
// Sending a file to our server, with its progress; a file that is too big is refused before it starts.
import { each, h, icon } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { sizeOf } from './attachments.js'

/** @typedef {import('../core/types.js').Attachment} Attachment */
/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */
/**
 * A file put with a message; `attachment` is there once our server has it.
 * @typedef {object} Upload
 * @property {string} name @property {string | null} preview
 * @property {XMLHttpRequest | null} request
 * @property {Signal<number>} done @property {Signal<Attachment | null>} attachment @property {Signal<string>} trouble
 */

export const LARGEST = 100 * 1024 * 1024

/**
 * The files being put with a message. `ids()` is null as long as one is still on its way.
 * @param {string} address where files are posted to
 * @param {(file: Attachment) => string} [fate] what becomes of a file on its way to the customer, if it does not go as it is
 */
export function uploads(address, fate = () => '') {
  const all = signal(/** @type {Upload[]} */ ([]))
  const put = (/** @type {Upload} */ one) => all.set([...all.peek(), one])

  /** @param {Iterable<File>} files @param {string} [as] voice: a recording, to be made into a voice note */
  function add(files, as) {
    for (const file of files) {
      const one = upload(file.name, file.type.startsWith('image/') ? URL.createObjectURL(file) : null)
      put(one)
      if (file.size > LARGEST) one.trouble.set(t('upload.too_big', { size: sizeOf(LARGEST) }))
      else start(one, file, as ? `${address}?as=${as}` : address)
    }
  }

  /** @param {Upload} one */
  function drop(one) {
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
        one => row(one, fate, () => drop(one)),
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

/** @param {string} name @param {string | null} preview @returns {Upload} */
const upload = (name, preview) => ({
  name,
  preview,
  request: null,
  done: signal(0),
  attachment: signal(/** @type {Attachment | null} */ (null)),
  trouble: signal(''),
})

// XMLHttpRequest, because fetch does not tell how much of a body has gone.
/** @param {Upload} one @param {File} file @param {string} address */
function start(one, file, address) {
  const form = new FormData()
  form.append('file', file, file.name)
  const request = (one.request = new XMLHttpRequest())
  request.open('POST', address)
  request.responseType = 'json'
  request.upload.onprogress = event => one.done.set(event.total ? event.loaded / event.total : 0)
  request.onload = () => {
    if (request.status < 300 && request.response?.id) one.attachment.set(request.response)
    else one.trouble.set(request.response?.detail || request.response?.title || t('upload.failed'))
  }
  request.onerror = () => one.trouble.set(t('error.offline'))
  request.send(form)
}

// A row a file, made once: the button under somebody's finger or focus stays while the bar grows.
/** @param {Upload} one @param {(file: Attachment) => string} fate @param {() => void} drop */
function row(one, fate, drop) {
  const { name } = one
  const isUnderWay = () => !one.attachment() && !one.trouble(),
    away = () => t(isUnderWay() ? 'upload.cancel' : 'upload.remove', { name })
  const fateOf = () => {
    const attachment = one.attachment()
    const words = attachment ? fate(attachment) : ''
    return words && ` ${words}`
  }
  return h(
    'div',
    { class: () => `uploading${one.trouble() ? ' bad' : ''}${one.attachment() ? ' ready' : ''}` },
    one.preview ? h('img', { src: one.preview, alt: '' }) : icon('file'),
    h(
      'span',
      { dir: 'auto' },
      () => (one.trouble() ? `${name}: ${one.trouble()}` : name),
      h('small', { role: 'status' }, fateOf),
    ),
    bar(one, isUnderWay),
    h(
      'button.button.quiet',
      { type: 'button', 'aria-label': away, title: away, onclick: drop },
      icon('close'),
    ),
  )
}

/** @param {Upload} one @param {() => boolean} isUnderWay */
function bar({ name, done }, isUnderWay) {
  const percent = () => String(Math.round(done() * 100))
  return h('div.bar', {
    role: 'progressbar',
    'aria-label': t('upload.progress', { name }),
    'aria-valuenow': percent,
    vars: () => ({ '--done': `${percent()}%` }),
    hidden: () => !isUnderWay(),
  })
}
