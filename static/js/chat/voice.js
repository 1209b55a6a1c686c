// @ts-check
// A voice message: recorded here, listened to, and only then put with the message as a file.
import { h, icon } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { signal } from '../core/signal.js'
import { length } from '../core/time.js'
import { moreWords, t } from '../core/words.js'

await moreWords()

const KINDS = ['audio/ogg;codecs=opus', 'audio/mp4', 'audio/webm;codecs=opus']
const ENDINGS = /** @type {Record<string, string>} */ ({ 'audio/ogg': 'ogg', 'audio/mp4': 'm4a' })
const TICK = 250

/** @param {(file: File) => void} take */
export async function record(take) {
  const recording = new Recording(await microphone())
  const put = await dialog(t('voice.title'), (/** @type {(put?: boolean) => void} */ close) =>
    content(recording, close),
  )
  recording.end()
  if (put && recording.whole) take(fileOf(recording.whole))
}

async function microphone() {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true })
  } catch {
    throw new Error(t('voice.no_microphone'))
  }
}

/** @param {Blob} whole */
function fileOf(whole) {
  const at = new Date().toISOString().slice(0, 19).replace(/\D/g, '')
  return new File([whole], `voice-${at}.${ENDINGS[whole.type] ?? 'webm'}`, { type: whole.type })
}

class Recording {
  state = signal(/** @type {'recording' | 'paused' | 'done'} */ ('recording'))
  lasted = signal(0)
  /** @type {Blob | null} */
  whole = null
  /** @type {HTMLAudioElement} */
  listen = h('audio', { controls: true, 'aria-label': t('voice.listen') })
  #recorder
  #ticking

  /** @param {MediaStream} sound */
  constructor(sound) {
    const type = KINDS.find(each => MediaRecorder.isTypeSupported(each)) ?? ''
    const recorder = (this.#recorder = new MediaRecorder(sound, type ? { mimeType: type } : {}))
    /** @type {Blob[]} */
    const parts = []
    recorder.ondataavailable = event => parts.push(event.data)
    recorder.onstop = () => {
      for (const track of sound.getTracks()) track.stop()
      this.whole = new Blob(parts, { type: recorder.mimeType.split(';')[0] })
      this.listen.src = URL.createObjectURL(this.whole)
      this.state.set('done')
    }
    this.#ticking = setInterval(() => {
      if (this.state.peek() === 'recording') this.lasted.set(this.lasted.peek() + TICK / 1000)
    }, TICK)
    recorder.start(500)
  }

  pauseOrGoOn() {
    const isPaused = this.state.peek() === 'paused'
    if (isPaused) this.#recorder.resume()
    else this.#recorder.pause()
    this.state.set(isPaused ? 'recording' : 'paused')
  }

  stop() {
    this.#recorder.stop()
  }

  end() {
    clearInterval(this.#ticking)
    if (this.#recorder.state !== 'inactive') this.#recorder.stop()
    URL.revokeObjectURL(this.listen.src)
  }
}

/** @param {Recording} recording @param {(put: boolean) => void} close */
function content(recording, close) {
  const { state, lasted, listen } = recording
  const isDone = () => state() === 'done'
  const button = (
    /** @type {string | (() => string)} */ words,
    /** @type {() => void} */ run,
    /** @type {Record<string, unknown>} */ how = {},
  ) => h('button', { class: 'button', type: 'button', onclick: run, ...how }, words)
  return [
    h(
      'p.recording',
      { role: 'status' },
      h('span.dot', { hidden: () => state() !== 'recording' }),
      () => t(`voice.${state()}`),
      ' ',
      h('time', () => length(lasted())),
    ),
    h('div', { hidden: () => !isDone() }, listen),
    h(
      'footer',
      button(t('common.cancel'), () => close(false)),
      button(
        () => t(state() === 'paused' ? 'voice.go_on' : 'voice.pause'),
        () => recording.pauseOrGoOn(),
        { hidden: isDone },
      ),
      h(
        'button.button.primary',
        { type: 'button', hidden: isDone, autofocus: true, onclick: () => recording.stop() },
        icon('check'),
        t('voice.stop'),
      ),
      button(t('voice.use'), () => close(true), { class: 'button primary', hidden: () => !isDone() }),
    ),
  ]
}
