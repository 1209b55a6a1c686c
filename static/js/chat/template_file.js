// @ts-check
// A file that stands above an approved message's words: it goes up when it is chosen, and is from then on
// named by its id. Never a message.
import { post } from '../core/api.js'
import { h } from '../core/dom.js'
import { signal } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'

const ACCEPTS = /** @type {Record<string, string>} */ ({
  image: 'image/jpeg,image/png',
  video: 'video/mp4,video/3gpp',
})

/**
 * @param {{name: string, label: string, format: string}} of
 * @param {(kept: {id: number, url: string}) => void} take
 */
export function templateFile({ name, label, format }, take) {
  const isBusy = signal(false)
  const input = h('input', {
    type: 'file',
    accept: ACCEPTS[format] ?? '*/*',
    'aria-label': label,
    onchange: async () => {
      const file = input.files?.[0]
      if (!file) return
      isBusy.set(true)
      try {
        const kept = await bring(file)
        take({ id: kept.id, url: kept.media_url ?? '' })
      } catch (problem) {
        input.value = ''
        showError(problem)
      } finally {
        isBusy.set(false)
      }
    },
  })
  const box = h(
    'div.field',
    h('label', label, input),
    h('p.hint', { hidden: () => !isBusy() }, t('template.loading_file')),
    h('p.error'),
  )
  box.dataset.field = name
  return box
}

/** @param {File} file @returns {Promise<import('../core/types.js').Attachment>} */
function bring(file) {
  const body = new FormData()
  body.append('file', file)
  return post('/media', body)
}
