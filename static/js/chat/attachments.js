// @ts-check
// What a message carries beside its words: pictures, sound, video, files; what else it says is in
// message_details.js.
import { h, icon } from '../core/dom.js'
import { effect, signal } from '../core/signal.js'
import { length } from '../core/time.js'
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
  if (it.kind === 'video' || it.kind === 'animation')
    return h(
      'span.media',
      { vars: box(it) },
      h('video', {
        src: it.media_url,
        controls: true,
        preload: 'metadata',
        'aria-label': it.file_name ?? t('kind.video'),
      }),
    )
  if (it.kind === 'audio' || it.kind === 'voice')
    return h(
      'div',
      voice(it),
      it.transcription &&
        h(
          'p.transcription',
          h('b', t('media.transcription')),
          ' ',
          h('span', { dir: 'auto' }, it.transcription),
        ),
    )
  return file(it)
}

// The box has its size before the picture is there, so nothing moves when it comes.
/** @param {Attachment} it */
function box({ width, height }) {
  if (!width || !height) return { 'inline-size': '16rem', 'aspect-ratio': '4 / 3' }
  const scale = Math.min(1, 320 / width, 360 / height)
  return {
    'inline-size': `${Math.max(80, Math.round(width * scale))}px`,
    'aspect-ratio': `${width} / ${height}`,
  }
}

/** @param {Attachment} it */
function picture(it) {
  const name = it.file_name ?? t('kind.image')
  // A large one is shown small at first; the whole one is what opens.
  const small = Math.max(it.width ?? 0, it.height ?? 0) > SMALL ? it.thumbnail_url : null
  return h(
    'button.media',
    {
      type: 'button',
      vars: box(it),
      'data-picture': it.media_url,
      'aria-label': t('media.open', { name }),
      onclick: (/** @type {any} */ event) => {
        const from = event.currentTarget
        import('./viewer.js').then(viewer => viewer.openViewer(from)).catch(() => {})
      },
    },
    h('img', { src: small ?? it.media_url, alt: name, loading: 'lazy', decoding: 'async' }),
  )
}

/** @param {Attachment} it */
function file(it) {
  return h(
    'a.file',
    { href: it.media_url, download: it.file_name ?? '', target: '_blank', rel: 'noopener' },
    icon('file'),
    h(
      'span',
      h('b', { dir: 'auto' }, it.file_name ?? named('kind', it.kind)),
      h('small', [it.mime_type, it.size ? sizeOf(it.size) : ''].filter(Boolean).join(' · ')),
    ),
  )
}

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

/** @type {HTMLAudioElement | null} */
let playing = null

// One plays at a time; the recording is asked for when somebody wants to hear it.
/** @param {Attachment} it */
function voice(it) {
  const on = signal(false),
    at = signal(0),
    whole = signal(it.duration ?? 0),
    rate = signal(1),
    broken = signal(false)
  const audio = new Audio()
  audio.preload = 'none'
  audio.src = it.media_url ?? ''
  audio.onplay = () => {
    if (playing !== audio) playing?.pause()
    playing = audio
    on.set(true)
  }
  audio.onpause = () => on.set(false)
  audio.onended = () => {
    on.set(false)
    at.set(0)
  }
  audio.ontimeupdate = () => at.set(audio.currentTime)
  audio.onloadedmetadata = () => {
    if (Number.isFinite(audio.duration)) whole.set(audio.duration)
  }
  audio.onerror = () => broken.set(true)
  const toggle = h('button.button', {
    type: 'button',
    'aria-label': () => t(on() ? 'media.pause' : 'media.play'),
    onclick: () => (on.peek() ? audio.pause() : audio.play().catch(() => broken.set(true))),
  })
  effect(() => toggle.replaceChildren(icon(on() ? 'pause' : 'play')))
  return h(
    'div.voice',
    toggle,
    h('input', {
      type: 'range',
      min: '0',
      max: () => String(Math.max(1, whole())),
      step: '0.1',
      value: () => String(at()),
      'aria-label': t('media.position'),
      oninput: (/** @type {any} */ event) => {
        audio.currentTime = Number(event.target.value)
      },
    }),
    h(
      'span',
      h('time', () => (broken() ? t('media.failed') : length(on() || at() ? at() : whole()))),
      ' ',
      h(
        'button.button.quiet.small',
        {
          type: 'button',
          'aria-label': t('media.speed'),
          onclick: () => {
            rate.set({ 1: 1.5, 1.5: 2, 2: 1 }[rate.peek()] ?? 1)
            audio.playbackRate = rate.peek()
          },
        },
        () => `${rate()}×`,
      ),
    ),
  )
}

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
