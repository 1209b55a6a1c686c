// @ts-check
// What a message carries beside its words: pictures, sound, video, files; what else it says is in
// message_details.js.
import { coming, h, icon } from '../core/dom.js'
import { named, number, t } from '../core/words.js'

/** @typedef {import('../core/types.js').Attachment} Attachment */
/** The longer side of the server's small pictures. */
const SMALL = 480

/** @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1024 * 1024) return t('size.kb', { size: number(Math.max(1, Math.round(bytes / 1024))) })
  return t('size.mb', { size: number(Math.round(bytes / 1024 / 102.4) / 10) })
}

/** @param {Attachment} it @param {(() => void)} [again] fetches one that did not come */
export function attachment(it, again) {
  if (it.processing_status === 'pending' && !it.media_url) return waiting(it)
  if (it.processing_status === 'failed' || !it.media_url) return missing(it, again)
  if (it.kind === 'sticker')
    return h('span.sticker', h('img', { src: it.media_url, alt: t('kind.sticker'), loading: 'lazy' }))
  if (it.kind === 'image' || (it.kind === 'animation' && it.mime_type === 'image/gif')) return picture(it)
  if (it.kind === 'video' || it.kind === 'animation') return film(it)
  if (it.kind === 'audio' || it.kind === 'voice') return heard(it)
  return file(it)
}

/** The room of a picture in the thread: a tall one is shown with its middle, whole where it is opened. */
const WIDEST = 320,
  TALLEST = 360,
  NARROWEST = 140

// The box has its size before the picture is there, so nothing moves when it comes.
/** @param {Attachment} it */
function box({ width, height }) {
  if (!width || !height) return { 'inline-size': '16rem', 'aspect-ratio': '4 / 3' }
  const scale = Math.min(1, WIDEST / width, TALLEST / height)
  const inline = Math.round(Math.max(Math.min(NARROWEST, width), width * scale))
  const block = Math.round(Math.max(Math.min(60, height), Math.min(TALLEST, (height * inline) / width)))
  return { 'inline-size': `${inline}px`, 'aspect-ratio': `${inline} / ${block}` }
}

/** Opens what a picture or film shows, over the whole window. @param {HTMLElement} from */
const view = from => {
  import('./viewer.js').then(viewer => viewer.openViewer(from)).catch(() => {})
}

/** @param {Attachment} it */
function picture(it) {
  const name = it.file_name ?? t('kind.image')
  // A large one is shown small at first; the whole one is what opens.
  const small = Math.max(it.width ?? 0, it.height ?? 0) > SMALL ? it.thumbnail_url : null
  const button = h(
    'button.media',
    {
      type: 'button',
      vars: box(it),
      'data-shown': it.media_url,
      'data-name': name,
      'aria-label': t('media.open', { name }),
      onclick: () => view(button),
    },
    h('img', { src: small ?? it.media_url, alt: name, loading: 'lazy', decoding: 'async' }),
  )
  return button
}

/** @param {Attachment} it */
function film(it) {
  const name = it.file_name ?? t('kind.video')
  const video = h('video', { src: it.media_url, controls: true, preload: 'metadata', 'aria-label': name })
  const enlarge = h(
    'button.button.enlarge',
    {
      type: 'button',
      'data-shown': it.media_url,
      'data-name': name,
      'data-film': '',
      'aria-label': t('media.open', { name }),
      title: t('media.open', { name }),
      onclick: () => {
        video.pause()
        view(enlarge)
      },
    },
    icon('enlarge'),
  )
  return h('span.media', { vars: box(it) }, video, enlarge)
}

/** @param {Attachment} it */
const heard = it =>
  h(
    'div',
    coming(
      h('div.room-of-voice'),
      import('./voice_player.js'),
      player => player.voicePlayer(it),
      () => {},
    ),
    it.transcription &&
      h(
        'p.transcription',
        h('b', t('media.transcription')),
        ' ',
        h('span', { dir: 'auto' }, it.transcription),
      ),
  )

/** @param {Attachment} it */
function file(it) {
  const name = it.file_name ?? named('kind', it.kind)
  const words = [
    icon('file'),
    h(
      'span',
      h('b', { dir: 'auto' }, name),
      h('small', [it.mime_type, it.size ? sizeOf(it.size) : ''].filter(Boolean).join(' · ')),
    ),
  ]
  if (!isShown(it))
    return h(
      'a.file',
      { href: it.media_url, download: it.file_name ?? '', target: '_blank', rel: 'noopener' },
      ...words,
    )
  const button = h(
    'button.file',
    {
      type: 'button',
      'data-shown': it.media_url,
      'data-name': name,
      'data-pages': '',
      'aria-label': t('media.open', { name }),
      onclick: () => view(button),
    },
    ...words,
  )
  return button
}

/** Whether the viewer has it: a PDF for the team, where the browser reads one. @param {Attachment} it */
const isShown = it =>
  it.mime_type === 'application/pdf' &&
  !!it.media_url?.startsWith('/api/') &&
  navigator.pdfViewerEnabled !== false

/** @param {Attachment} it */
const waiting = it =>
  h(
    'span.file',
    icon('clock'),
    h(
      'span',
      h('b', { dir: 'auto' }, it.file_name ?? named('kind', it.kind)),
      h('small', t('media.pending')),
    ),
  )
/** @param {Attachment} it @param {(() => void)} [again] */
const missing = (it, again) =>
  h(
    'span.file',
    icon('alert'),
    h(
      'span',
      h('b', it.file_name ?? named('kind', it.kind)),
      h(
        'small',
        t('media.failed'),
        it.processing_error && h('span', { dir: 'auto' }, ` ${it.processing_error}`),
      ),
    ),
    again &&
      it.processing_status === 'failed' &&
      h('button.button.small', { type: 'button', onclick: again }, t('common.retry')),
  )

/** What is said beside a text; its code and words come with the first message that has any. */
const SAID =
  'call contacts interactive links location order poll product quoted_text referral share story template unsupported'.split(
    ' ',
  )
/** @type {typeof import('./message_details.js') | null} */
let cards = null

/** What some kinds of message say beside their text. @param {import('../core/types.js').Message} message */
export function details(message) {
  const it = message.details
  if (!it) return []
  const out = []
  if (it.forwarded || it.frequently_forwarded)
    out.push(h('small', t('message.forwarded'), it.forwarded_from && h('bdi', ` · ${it.forwarded_from}`)))
  if (!SAID.some(name => it[name])) return out
  if (cards) return [...out, ...cards.detailCards(message)]
  const place = h('div')
  import('./message_details.js')
    .then(each => {
      cards = each
      place.replaceWith(...each.detailCards(message))
    })
    .catch(() => {})
  return [...out, place]
}
