// @ts-check
// Sending a file to our server, with its progress; a file that is too big is refused before it starts.
import { h, icon } from '../core/dom.js'
import { moreWords, t } from '../core/words.js'
import { sizeOf } from './attachments.js'

await moreWords()

/** @typedef {import('../core/types.js').Attachment} Attachment */
/** @typedef {import('./upload.js').Upload} Upload */

const LARGEST = 100 * 1024 * 1024

// XMLHttpRequest, because fetch does not tell how much of a body has gone.
/** @param {Upload} one @param {File} file @param {string} address where it is posted to */
export function send(one, file, address) {
  if (one.isDropped) return
  if (file.size > LARGEST) return one.trouble.set(t('upload.too_big', { size: sizeOf(LARGEST) }))
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
export function uploadRow(one, fate, drop) {
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
