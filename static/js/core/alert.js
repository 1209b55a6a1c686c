// @ts-check
// Drawing attention, and only where it is wanted: a notification and a sound when nobody looks at the page, a number
// in the title. Never asks for permission by itself: that takes a person's click.
import { isLeader } from './tabs.js'
import { t } from './words.js'

const ICON = new URL('../../icon.svg', import.meta.url).href
const ICON_DOT = new URL('../../icon-dot.svg', import.meta.url).href
const SOUND = 'rapport.sound'

export const sound = {
  get on() { try { return localStorage.getItem(SOUND) !== 'off' } catch { return true } },
  set on(on) { try { localStorage.setItem(SOUND, on ? 'on' : 'off') } catch { /* kept for this page only */ } },
}

export const mayNotify = () => 'Notification' in window && Notification.permission === 'granted'
export const canAsk = () => 'Notification' in window && Notification.permission === 'default'
export const ask = () => Notification.requestPermission()

/** One notification a conversation, however many messages; a click opens it. @param {{id: number, title: string, body: string, open: () => void}} what */
export function notify({ id, title, body, open }) {
  if (!document.hidden || !isLeader()) return
  if (sound.on) ring()
  if (!mayNotify()) return
  const shown = new Notification(title, { body, tag: `conversation-${id}`, icon: ICON })
  shown.onclick = () => { window.focus(); open(); shown.close() }
}

/** @param {number} count what is unread and concerns this person @param {string} page */
export function showCount(count, page) {
  document.title = count ? t('title.unread', { count, page }) : t('title.page', { page })
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel=icon]'))
  const href = count ? ICON_DOT : ICON
  if (link && link.href !== href) link.href = href
  const badge = /** @type {any} */ (navigator)
  if (badge.setAppBadge) (count ? badge.setAppBadge(count) : badge.clearAppBadge()).catch(() => {})
}

/** @type {AudioContext | null} */
let audio = null

/** Two soft tones, made here: no sound file to load. */
function ring() {
  try {
    audio ??= new AudioContext()
    if (audio.state !== 'running') return
    for (const [at, pitch] of [[0, 660], [0.12, 880]]) {
      const tone = audio.createOscillator(), volume = audio.createGain()
      tone.frequency.value = pitch
      const start = audio.currentTime + at
      volume.gain.setValueAtTime(0, start)
      volume.gain.linearRampToValueAtTime(0.08, start + 0.02)
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35)
      tone.connect(volume).connect(audio.destination)
      tone.start(start)
      tone.stop(start + 0.4)
    }
  } catch { /* a browser without sound still shows the number */ }
}

// Browsers let a page sound only after it was touched once.
if (typeof window !== 'undefined') addEventListener('pointerdown', () => { audio ??= new AudioContext(); audio.resume() }, { once: true })
