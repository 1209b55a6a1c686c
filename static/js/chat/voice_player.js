// @ts-check
// A recording with its player: where it is, how fast, one at a time.
import { h, icon } from '../core/dom.js'
import { effect, signal } from '../core/signal.js'
import { length } from '../core/time.js'
import { t } from '../core/words.js'
import { inWorkspace } from '../core/workspace.js'

/** @typedef {import('../core/types.js').Attachment} Attachment */

/** @type {HTMLAudioElement | null} */
let playing = null
/** The speed after this one. */
const FASTER = /** @type {Record<number, number>} */ ({ 1: 1.5, 1.5: 2, 2: 1 })

/** @param {Attachment} it */
export function voicePlayer(it) {
  const { audio, on, at, whole, broken } = soundOf(it)
  const toggle = h('button.button', {
    type: 'button',
    'aria-label': () => t(on() ? 'media.pause' : 'media.play'),
    onclick: () => (on.peek() ? audio.pause() : audio.play().catch(() => broken.set(true))),
  })
  effect(() => toggle.replaceChildren(icon(on() ? 'pause' : 'play')))
  const position = h('input', {
    type: 'range',
    min: '0',
    max: () => String(Math.max(1, whole())),
    step: '0.1',
    value: () => String(at()),
    'aria-label': t('media.position'),
    oninput: () => {
      audio.currentTime = Number(position.value)
    },
  })
  const shown = () => length(on() || at() ? at() : whole())
  return h(
    'div.voice',
    toggle,
    position,
    h(
      'span',
      h('time', () => (broken() ? t('media.failed') : shown())),
      ' ',
      speed(audio),
    ),
  )
}

// The recording is asked for when somebody wants to hear it.
/** @param {Attachment} it */
function soundOf(it) {
  const on = signal(false),
    at = signal(0),
    whole = signal(it.duration ?? 0),
    broken = signal(false)
  const audio = new Audio()
  audio.preload = 'none'
  audio.src = inWorkspace(it.media_url ?? '')
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
  return { audio, on, at, whole, broken }
}

/** @param {HTMLAudioElement} audio */
function speed(audio) {
  const rate = signal(1)
  return h(
    'button.button.quiet.small',
    {
      type: 'button',
      'aria-label': t('media.speed'),
      onclick: () => {
        rate.set(FASTER[rate.peek()] ?? 1)
        audio.playbackRate = rate.peek()
      },
    },
    () => `${rate()}×`,
  )
}
