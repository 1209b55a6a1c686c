// @ts-check
// Sending a file to our server, with its progress; a file that is too big is refused before it starts.
import { each, h, icon } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { sizeOf } from './attachments.js'

export const LARGEST = 100 * 1024 * 1024

/** @typedef {{file: File, preview: string | null, request: XMLHttpRequest | null, done: import('../core/signal.js').Signal<number>, attachment: import('../core/signal.js').Signal<any>, trouble: import('../core/signal.js').Signal<string>}} Upload */

/**
 * The files being put with a message. `ids()` is null as long as one is still on its way.
 * @param {string} address where files are posted to
 * @param {(file: any) => string} [fate] what becomes of a file on its way to the customer, if it does not go as it is
 */
export function uploads(address, fate = () => '') {
  const all = signal(/** @type {Upload[]} */ ([]))

  /** @param {Iterable<File>} files @param {string} [as] voice: a recording, to be made into a voice note */
  function add(files, as) {
    for (const file of files) {
      const one = {
        file,
        preview: file.type.startsWith('image/') ? URL.createObjectURL(file) : null,
        request: null,
        done: signal(0),
        attachment: signal(/** @type {any} */ (null)),
        trouble: signal(''),
      }
      all.set([...all.peek(), one])
      if (file.size > LARGEST) one.trouble.set(t('upload.too_big', { size: sizeOf(LARGEST) }))
      else start(one, as)
    }
  }

  // XMLHttpRequest, because fetch does not tell how much of a body has gone.
  /** @param {Upload} one @param {string} [as] */
  function start(one, as) {
    const form = new FormData()
    form.append('file', one.file, one.file.name)
    const request = (one.request = new XMLHttpRequest())
    request.open('POST', as ? `${address}?as=${as}` : address)
    request.responseType = 'json'
    request.upload.onprogress = event => one.done.set(event.total ? event.loaded / event.total : 0)
    request.onload = () => {
      if (request.status < 300 && request.response?.id) one.attachment.set(request.response)
      else one.trouble.set(request.response?.detail || request.response?.title || t('upload.failed'))
    }
    request.onerror = () => one.trouble.set(t('error.offline'))
    request.send(form)
  }

  /** @param {Upload} one */
  function drop(one) {
    one.request?.abort()
    if (one.preview) URL.revokeObjectURL(one.preview)
    all.set(all.peek().filter(other => other !== one))
  }

  // A row a file, made once: the button under somebody's finger or focus stays while the bar grows.
  /** @param {Upload} one */
  function row(one) {
    const { name } = one.file,
      isUnderWay = () => !one.attachment() && !one.trouble(),
      percent = () => String(Math.round(one.done() * 100))
    const away = () => t(isUnderWay() ? 'upload.cancel' : 'upload.remove', { name })
    return h(
      'div',
      { class: () => `uploading${one.trouble() ? ' bad' : ''}${one.attachment() ? ' ready' : ''}` },
      one.preview ? h('img', { src: one.preview, alt: '' }) : icon('file'),
      h(
        'span',
        { dir: 'auto' },
        () => (one.trouble() ? `${name}: ${one.trouble()}` : name),
        h('small', { role: 'status' }, () => {
          const words = one.attachment() ? fate(one.attachment()) : ''
          return words && ` ${words}`
        }),
      ),
      h('div.bar', {
        role: 'progressbar',
        'aria-label': t('upload.progress', { name }),
        'aria-valuenow': percent,
        vars: () => ({ '--done': `${percent()}%` }),
        hidden: () => !isUnderWay(),
      }),
      h(
        'button.button.quiet',
        { type: 'button', 'aria-label': away, title: away, onclick: () => drop(one) },
        icon('close'),
      ),
    )
  }

  /** @param {HTMLElement} parent */
  function showIn(parent) {
    each(parent, () => all(), row)
    return parent
  }

  return {
    add,
    showIn,
    any: () => all().length > 0,
    ids: () => (all().every(one => one.attachment()) ? all().map(one => one.attachment().id) : null),
    taken() {
      const sent = all.peek().map(one => one.attachment.peek())
      all.set([])
      return sent
    },
  }
}
