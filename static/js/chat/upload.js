// @ts-check
// Sending a file to our server, with its progress; a file that is too big is refused before it starts.
import { h, icon } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { t } from '../core/words.js'
import { sizeOf } from './media.js'

export const LARGEST = 100 * 1024 * 1024

/**
 * The files being put with a message. `ids()` is null as long as one is still on its way.
 * @param {string} address where files are posted to
 */
export function uploads(address) {
  /** @type {import('../core/signal.js').Signal<any[]>} */
  const all = signal(/** @type {any[]} */ ([]))
  const change = () => all.set([...all.peek()])

  /** @param {Iterable<File>} files */
  function add(files) {
    for (const file of files) {
      /** @type {any} */
      const each = { file, done: 0, attachment: null, trouble: '', preview: file.type.startsWith('image/') ? URL.createObjectURL(file) : null }
      all.set([...all.peek(), each])
      if (file.size > LARGEST) { each.trouble = t('upload.too_big', { size: sizeOf(LARGEST) }); change(); continue }
      start(each)
    }
  }

  // XMLHttpRequest, because fetch does not tell how much of a body has gone.
  /** @param {any} each */
  function start(each) {
    const form = new FormData()
    form.append('file', each.file, each.file.name)
    const request = (each.request = new XMLHttpRequest())
    request.open('POST', address)
    request.responseType = 'json'
    request.upload.onprogress = event => { each.done = event.total ? event.loaded / event.total : 0; change() }
    request.onload = () => {
      if (request.status < 300 && request.response?.id) each.attachment = request.response
      else each.trouble = request.response?.detail || request.response?.title || t('upload.failed')
      change()
    }
    request.onerror = () => { each.trouble = t('error.offline'); change() }
    request.send(form)
  }

  /** @param {any} each */
  function drop(each) {
    each.request?.abort()
    if (each.preview) URL.revokeObjectURL(each.preview)
    all.set(all.peek().filter(other => other !== each))
  }

  const view = () => all().map(each => h(`div.uploading${each.trouble ? '.bad' : ''}${each.attachment ? '.ready' : ''}`, { vars: { '--done': `${Math.round(each.done * 100)}%` } },
    each.preview ? h('img', { src: each.preview, alt: '' }) : icon('file'),
    h('span', each.trouble ? `${each.file.name}: ${each.trouble}` : each.file.name),
    h('button.button.quiet', { type: 'button', 'aria-label': t('upload.remove', { name: each.file.name }), onclick: () => drop(each) }, icon('close'))))

  return {
    add, view,
    any: () => all().length > 0,
    ids: () => (all().every(each => each.attachment) ? all().map(each => each.attachment.id) : null),
    taken() { const sent = all.peek().map(each => each.attachment); all.set([]); return sent },
  }
}
