// @ts-check
// A flow's steps between the form and the API: what each kind begins with, spans of time as people write
// them. Pure.

/** @typedef {import('./types.js').Step} Step */

export const STEP_KINDS = [
  'message',
  'template',
  'wait',
  'wait_for_answer',
  'branch',
  'set_status',
  'assign',
  'label',
  'hand_to_ai',
  'go_to',
  'end',
]
export const STATUSES = ['open', 'pending', 'snoozed', 'closed']
const UNITS = /** @type {[string, number][]} */ ([
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
])

/** "2h", "1d 12h", "90": seconds; null where it is no span of time. @param {string} text */
export function secondsOf(text) {
  const parts = text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  let sum = 0
  for (const part of parts) {
    const found = /^(\d+)([dhms]?)$/.exec(part)
    if (!found) return null
    sum += Number(found[1]) * (UNITS.find(unit => unit[0] === found[2])?.[1] ?? 1)
  }
  return parts.length ? sum : null
}

/** The same back. @param {number | null | undefined} seconds */
export function spanOf(seconds) {
  if (seconds == null || Number.isNaN(seconds)) return ''
  const parts = []
  let left = seconds
  for (const [unit, size] of UNITS) {
    if (left >= size) parts.push(`${Math.floor(left / size)}${unit}`)
    left %= size
  }
  return parts.join(' ') || '0s'
}

/** "yes, yep": words apart, whichever comma is written. @param {string} text @returns {string[]} */
export const wordsOf = text =>
  text
    .split(/[,،]/)
    .map(word => word.trim())
    .filter(Boolean)

/** @type {Record<string, Omit<Step, 'kind'>>} */
const BLANK = {
  message: { text: '', attachment_ids: [] },
  template: { template: { name: '', language: '' } },
  wait: { seconds: 3_600 },
  wait_for_answer: { save_as: null, timeout_seconds: 86_400, on_timeout: null },
  branch: { cases: [], otherwise: null, variable: null },
  set_status: { status: 'closed', snooze_seconds: null },
  assign: { user_id: null },
  label: { label_id: null, change: 'put' },
  hand_to_ai: { mode: 'auto' },
  go_to: { step: '' },
}

/** What a step of a kind is before anything is filled in. @param {string} kind @returns {Step} */
export const blankStep = kind => ({ kind, ...structuredClone(BLANK[kind] ?? {}) })

/**
 * Which step a refusal of the server is about, and what it says: "Step 2 (wait): …".
 * @param {string} words
 */
export function stepOf(words) {
  const found = /^Step (\d+)[^:]*:\s*(.+)$/s.exec(words)
  return found ? { place: Number(found[1]) - 1, words: found[2] } : null
}
