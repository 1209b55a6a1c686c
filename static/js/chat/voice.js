// @ts-check
// A voice message: recorded here, listened to, and only then put with the message as a file.
import { h, icon } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { signal } from '../core/signal.js'
import { length } from '../core/time.js'
import { moreWords, t } from '../core/words.js'

await moreWords()

const KINDS = ['audio/ogg;codecs=opus', 'audio/mp4', 'audio/webm;codecs=opus']

/** @param {HTMLElement} _button @param {(file: File) => void} take */
export async function record(_button, take) {
  let sound
  try {
    sound = await navigator.mediaDevices.getUserMedia({ audio: true })
  } catch {
    throw new Error(t('voice.no_microphone'))
  }
  const type = KINDS.find(each => MediaRecorder.isTypeSupported(each)) ?? ''
  const recorder = new MediaRecorder(sound, type ? { mimeType: type } : {})
  const state = signal('recording'),
    lasted = signal(0)
  /** @type {Blob[]} */
  const parts = []
  let whole = /** @type {any} */ (null)
  const listen = h('audio', { controls: true, 'aria-label': t('voice.listen') })
  recorder.ondataavailable = event => parts.push(event.data)
  recorder.onstop = () => {
    for (const track of sound.getTracks()) track.stop()
    whole = new Blob(parts, { type: recorder.mimeType.split(';')[0] })
    listen.src = URL.createObjectURL(whole)
    state.set('done')
  }
  const ticking = setInterval(() => {
    if (state.peek() === 'recording') lasted.set(lasted.peek() + 0.25)
  }, 250)
  recorder.start(500)
  const put = await dialog(t('voice.title'), close => [
    h(
      'p.recording',
      { role: 'status' },
      h('span.dot', { hidden: () => state() !== 'recording' }),
      () => t(`voice.${state()}`),
      ' ',
      h('time', () => length(lasted())),
    ),
    h('div', { hidden: () => state() !== 'done' }, listen),
    h(
      'footer',
      h('button.button', { type: 'button', onclick: () => close(false) }, t('common.cancel')),
      h(
        'button.button',
        {
          type: 'button',
          hidden: () => state() === 'done',
          onclick: () => {
            if (state.peek() === 'paused') {
              recorder.resume()
              state.set('recording')
            } else {
              recorder.pause()
              state.set('paused')
            }
          },
        },
        () => t(state() === 'paused' ? 'voice.go_on' : 'voice.pause'),
      ),
      h(
        'button.button.primary',
        { type: 'button', hidden: () => state() === 'done', autofocus: true, onclick: () => recorder.stop() },
        icon('check'),
        t('voice.stop'),
      ),
      h(
        'button.button.primary',
        { type: 'button', hidden: () => state() !== 'done', onclick: () => close(true) },
        t('voice.use'),
      ),
    ),
  ])
  clearInterval(ticking)
  if (recorder.state !== 'inactive') recorder.stop()
  URL.revokeObjectURL(listen.src)
  if (!put || !whole) return
  const ending = whole.type === 'audio/ogg' ? 'ogg' : whole.type === 'audio/mp4' ? 'm4a' : 'webm'
  take(
    new File([whole], `voice-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}.${ending}`, {
      type: whole.type,
    }),
  )
}
