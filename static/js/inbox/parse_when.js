// @ts-check
// A time as somebody types it: "thu 9", "in 3 days", "tomorrow 14:30", "dec 3". The words of a language come
// from Intl, so that every language there is reads its own. Pure.

const MINUTE = 60_000
const DAY = 86_400_000
/** When a day is named without an hour. */
const MORNING = 9
/** @type {Record<string, number>} */
const LENGTH = { minute: MINUTE, hour: 60 * MINUTE, day: DAY, week: 7 * DAY }

/** Short forms that people type whatever their language. @type {Record<string, string>} */
const SHORT = { m: 'minute', min: 'minute', h: 'hour', d: 'day', w: 'week' }

/** Letters as one compares them: without accents, capitals, and dots. @param {string} text */
const plain = text =>
  text
    .normalize('NFD')
    .replace(/[\p{M}.\u200e\u200f]/gu, '')
    .toLocaleLowerCase()
    .trim()

/** Digits of any script as ours: Arabic ones are numbers, too. @param {string} text */
const digits = text =>
  text.replace(/\p{Nd}/gu, digit => {
    const code = digit.codePointAt(0) ?? 0
    for (const zero of [0x660, 0x6f0, 0x966]) if (code >= zero && code <= zero + 9) return String(code - zero)
    return digit
  })

/** @typedef {{weekdays: Map<string, number>, months: Map<string, number>, units: Map<string, string>, days: Map<string, number>}} Words */
/** @type {Map<string, Words>} */
const known = new Map()

/** What a language calls days, months and lengths of time. @param {string} language @returns {Words} */
function wordsOf(language) {
  const had = known.get(language)
  if (had) return had
  const made = {
    weekdays: namesOf(language, 'weekday', 7, i => new Date(2023, 0, 1 + i)), // the 1st was a Sunday
    months: namesOf(language, 'month', 12, i => new Date(2023, i, 1)),
    units: unitsOf(language),
    days: daysOf(language),
  }
  known.set(language, made)
  return made
}

/** @param {string} language @param {'weekday' | 'month'} what @param {number} count @param {(i: number) => Date} at */
function namesOf(language, what, count, at) {
  /** @type {Map<string, number>} */
  const out = new Map()
  for (const style of /** @type {const} */ (['long', 'short'])) {
    const format = new Intl.DateTimeFormat(language, { [what]: style })
    for (let i = 0; i < count; i++) out.set(plain(format.format(at(i))), i)
  }
  return out
}

/** "day", "days", "h", in every plural the language has. @param {string} language */
function unitsOf(language) {
  /** @type {Map<string, string>} */
  const out = new Map(Object.entries(SHORT))
  for (const unit of Object.keys(LENGTH))
    for (const unitDisplay of /** @type {const} */ (['long', 'short', 'narrow']))
      for (const count of [1, 2, 3, 11, 100]) {
        const parts = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay }).formatToParts(
          count,
        )
        const word = plain(parts.find(each => each.type === 'unit')?.value ?? '')
        if (word) out.set(word, unit)
      }
  for (const [word, unit] of relativeUnits(language)) out.set(word, unit)
  return out
}

/** The form a length has behind "in": German says "3 Tage", but "in 3 Tagen". @param {string} language */
function relativeUnits(language) {
  const format = new Intl.RelativeTimeFormat(language)
  /** @type {[string, string][]} */
  const out = []
  for (const unit of /** @type {const} */ (['minute', 'hour', 'day', 'week']))
    for (const count of [1, 2, 3, 11, 100]) {
      const parts = format.formatToParts(count, unit)
      const at = parts.findIndex(each => each.type === 'integer')
      const word = plain(parts[at + 1]?.value ?? '').split(' ')[0]
      if (at >= 0 && word) out.push([word, unit])
    }
  return out
}

/** "today", "tomorrow", and what a language calls the day after. @param {string} language */
function daysOf(language) {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const said = [0, 1, 2].map(
    days => /** @type {[string, number]} */ ([plain(format.format(days, 'day')), days]),
  )
  return new Map(said.filter(([words]) => !/\d/.test(words))) // "in 2 days" is a length
}

/** The key that a word begins, if it is the only meaning: "thu" of "thursday". @template T @param {Map<string, T>} words @param {string} word @returns {T | undefined} */
function begun(words, word) {
  if (words.has(word)) return words.get(word)
  if (word.length < 3 || /\d/.test(word)) return undefined
  const found = new Set([...words].filter(([each]) => each.startsWith(word)).map(([, value]) => value))
  return found.size === 1 ? [...found][0] : undefined
}

/** "9", "9:30", "14h30", "9am". @param {string} word @returns {[number, number] | null} */
function clockOf(word) {
  const found = /^(\d{1,2})(?:[:h.](\d{2})?)?\s?(am|pm)?$/.exec(word)
  if (!found) return null
  const hour = (Number(found[1]) % (found[3] ? 12 : 24)) + (found[3] === 'pm' ? 12 : 0)
  const minute = Number(found[2] ?? 0)
  return Number(found[1]) <= 24 && minute < 60 ? [hour, minute] : null
}

/** What the words say: a length of time, a day, a clock. @typedef {{length: number, days: number | null, weekday: number | null, month: number | null, date: number | null, clock: [number, number] | null}} Said */

/** @param {string[]} parts @param {Words} words @returns {Said} */
function heard(parts, words) {
  /** @type {Said} */
  const said = { length: 0, days: null, weekday: null, month: null, date: null, clock: null }
  for (let i = 0; i < parts.length; i++) {
    const word = parts[i]
    const unit = /^\d+$/.test(word) && i + 1 < parts.length ? words.units.get(parts[i + 1]) : undefined
    if (unit && !begun(words.months, parts[i + 1])) {
      said.length += Number(word) * LENGTH[unit]
      i++
    } else hear(said, word, words)
  }
  return said
}

/** @param {Said} said @param {string} word @param {Words} words */
function hear(said, word, words) {
  const day = begun(words.days, word)
  const weekday = begun(words.weekdays, word)
  const month = begun(words.months, word)
  if (day != null) said.days = day
  else if (weekday != null) said.weekday = weekday
  else if (month != null) said.month = month
  else if (/^\d{1,2}$/.test(word) && (said.month != null || said.date != null) && said.date == null)
    said.date = Number(word)
  else if (clockOf(word)) said.clock = clockOf(word)
}

/** "3 dec", "24 de diciembre": the date may stand before its month, with small words between. @param {string[]} given @param {Words} words */
const monthsFirst = (given, words) => {
  const means = (/** @type {string} */ each) =>
    /\d/.test(each) ||
    words.units.has(each) ||
    [words.days, words.weekdays, words.months].some(all => begun(all, each) != null)
  const parts = given.filter(means)
  const at = parts.findIndex(each => begun(words.months, each) != null && begun(words.weekdays, each) == null)
  if (at <= 0 || !/^\d{1,2}$/.test(parts[at - 1])) return parts
  return [...parts.slice(0, at - 1), parts[at], parts[at - 1], ...parts.slice(at + 1)]
}

/** @param {Said} said @param {Date} now @returns {Date | null} */
function dateOf({ days, weekday, month, date, clock }, now) {
  const [hour, minute] = clock ?? [MORNING, 0]
  const at = (/** @type {number} */ more) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + more, hour, minute)
  if (month != null) {
    const here = new Date(now.getFullYear(), month, date ?? 1, hour, minute)
    if (here.getMonth() !== month) return null
    return +here > +now ? here : new Date(now.getFullYear() + 1, month, date ?? 1, hour, minute)
  }
  if (weekday != null) return at((weekday - now.getDay() + 7) % 7 || (+at(0) > +now && clock ? 0 : 7))
  if (days != null) return at(days)
  if (!clock) return null
  return +at(0) > +now ? at(0) : at(1)
}

/** A date as computers write it, with or without a clock. @param {string} text @returns {Date | null} */
function exact(text) {
  const found = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t](\d{1,2}):(\d{2}))?$/.exec(text)
  if (!found) return null
  const [year, month, day] = found.slice(1, 4).map(Number)
  return new Date(year, month - 1, day, Number(found[4] ?? MORNING), Number(found[5] ?? 0))
}

/**
 * The time somebody means, or null: of what is no time, and of what is past.
 * @param {string} text
 * @param {{now?: Date, language?: string}} [how]
 */
export function parseWhen(text, { now = new Date(), language = 'en' } = {}) {
  const clean = plain(digits(text)).replace(/(\d)\s+(am|pm)\b/g, '$1$2')
  const words = wordsOf(language)
  // "3d" is "3 d"; a clock such as 14h30 or 9am stays together.
  const parts = clean
    .replace(/\b(\d+)(?!am\b|pm\b|h\d)(\p{L}+)/gu, '$1 $2')
    .split(/[\s,]+/)
    .filter(Boolean)
  const whole = begunWhole(clean, words)
  const said = heard(monthsFirst(whole.rest ?? parts, words), words)
  if (whole.days != null) said.days = whole.days
  const at = exact(clean) ?? (said.length ? new Date(+now + said.length) : dateOf(said, now))
  return at && +at > +now ? at : null
}

/** A day of several words ("après-demain", "dopodomani", "after tomorrow") with what stands behind it. @param {string} text @param {Words} words @returns {{days: number | null, rest: string[] | null}} */
function begunWhole(text, words) {
  const found = [...words.days]
    .filter(([each]) => text.startsWith(each))
    .sort((a, b) => b[0].length - a[0].length)
  if (!found.length) return { days: null, rest: null }
  const rest = text.slice(found[0][0].length).split(/[\s,]+/)
  return { days: found[0][1], rest: rest.filter(Boolean) }
}
