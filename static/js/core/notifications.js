// @ts-check
// Drawing attention, and only where it is wanted: a notification and a sound when nobody looks at the page,
// which may well be visible behind another window. Never asks for permission by itself: that takes a person's
// click.
import { ICON } from './page_title.js'
import { signal } from './signal.js'
import { isLookedAt, mayCall } from './tab_leader.js'

const KEPT = 'rapport.alerts'

/** How one person at this browser wants to be told: sound, its volume (0 to 1), and hours of quiet. */
export const alerts = {
  /** @returns {{sound: boolean, volume: number, quiet: boolean, from: string, to: string}} */
  get all() {
    const usual = { sound: true, volume: 0.5, quiet: false, from: '20:00', to: '08:00' }
    try {
      return { ...usual, ...JSON.parse(localStorage.getItem(KEPT) ?? '{}') }
    } catch {
      return usual
    }
  },
  /** @param {Partial<{sound: boolean, volume: number, quiet: boolean, from: string, to: string}>} change */
  keep(change) {
    try {
      localStorage.setItem(KEPT, JSON.stringify({ ...this.all, ...change }))
    } catch {
      /* kept for this page only */
    }
  },
}

/**
 * Whether a time lies in the hours of quiet, which may go over midnight.
 * @param {{quiet: boolean, from: string, to: string}} how
 * @param {Date} [at]
 */
export function isQuiet({ quiet, from, to }, at = new Date()) {
  if (!quiet) return false
  const now = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
  return from <= to ? now >= from && now < to : now >= from || now < to
}

export const mayNotify = () => 'Notification' in window && Notification.permission === 'granted'
export const canAsk = () => 'Notification' in window && Notification.permission === 'default'
export const ask = () => Notification.requestPermission()

const OFFERED = 'rapport.notifications_offered'
/** Whether it is time to offer notifications: somebody has written, and nobody has said yes or no yet. */
export const offering = signal(false)

function offer() {
  try {
    if (canAsk() && !localStorage.getItem(OFFERED)) offering.set(true)
  } catch {
    /* where nothing can be kept, it would be offered again and again */
  }
}

/** The offer was answered, and is not made again in this browser. @param {boolean} isWanted */
export function answerOffer(isWanted) {
  offering.set(false)
  try {
    localStorage.setItem(OFFERED, '1')
  } catch {
    /* as above */
  }
  return isWanted ? ask() : Promise.resolve(null)
}

/**
 * One notification a conversation, however many messages; a click opens it. `silent`: it is no news any more.
 * @param {{id: number, title: string, body: string, open: () => void, silent?: boolean}} what
 */
export async function notify({ id, title, body, open, silent = false }) {
  offer()
  if (isLookedAt() || !(await mayCall())) return
  const how = alerts.all
  if (isQuiet(how)) return
  if (how.sound && !silent) ring()
  if (!mayNotify()) return
  // The sound is ours, as loud as it was set: the system adds none.
  const shown = new Notification(title, { body, tag: `conversation-${id}`, icon: ICON, silent: true })
  shown.onclick = () => {
    window.focus()
    open()
    shown.close()
  }
}

/** A sound alone, where a page has no notifications: once, however many tabs are open. */
export async function sound() {
  const how = alerts.all
  if (how.sound && !isQuiet(how) && (await mayCall())) ring()
}

/** @type {AudioContext | null} */
let audio = null

/** Two soft tones, made here: no sound file to load. */
export function ring() {
  try {
    audio ??= new AudioContext()
    if (audio.state !== 'running') return
    for (const [at, pitch] of [
      [0, 660],
      [0.12, 880],
    ]) {
      const tone = audio.createOscillator(),
        volume = audio.createGain()
      tone.frequency.value = pitch
      const start = audio.currentTime + at
      volume.gain.setValueAtTime(0, start)
      volume.gain.linearRampToValueAtTime(0.16 * alerts.all.volume, start + 0.02)
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35)
      tone.connect(volume).connect(audio.destination)
      tone.start(start)
      tone.stop(start + 0.4)
    }
  } catch {
    /* a browser without sound still shows the number */
  }
}

function waken() {
  try {
    audio ??= new AudioContext()
    audio.resume()
  } catch {
    /* silent */
  }
}

// Browsers let a page sound only after it was touched once, which it may have been before this came.
if (typeof window !== 'undefined') {
  if (navigator.userActivation?.hasBeenActive) waken()
  for (const touch of ['pointerdown', 'keydown']) addEventListener(touch, waken, { once: true })
}
