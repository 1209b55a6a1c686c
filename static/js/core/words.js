// @ts-check
// Every word on the screen comes from words/{language}.json: t('thread.new', { count: 3 }).
// A value that depends on a number is an object of plural forms, chosen by the language's own rules.

/** The languages there are, each with its name in itself; a new one is a file and a line here. */
export const LANGUAGES = /** @type {Record<string, string>} */ ({
  en: 'English',
  es: 'Español',
  pt: 'Português',
  fr: 'Français',
  de: 'Deutsch',
  it: 'Italiano',
  id: 'Bahasa Indonesia',
  ar: 'العربية',
})
const RIGHT_TO_LEFT = new Set(['ar', 'he', 'fa', 'ur'])

/** @typedef {string | Record<string, string>} Text a text, or one for each plural form */
/** @typedef {{[key: string]: string | Tree}} Tree as it is written */
/** @type {Record<string, Text>} */
let words = {}
let plurals = new Intl.PluralRules('en')
let numbers = new Intl.NumberFormat('en')
export let language = 'en'
/** The language as this person's country writes its dates and numbers. */
export let locale = 'en'

/**
 * Loads the person's language, once, before anything is drawn.
 * @param {string[]} parts folders with the words of some pages only
 */
export async function loadWords(...parts) {
  language = chosen()
  const files = await Promise.all(['', ...parts.map(part => `${part}/`)].map(read))
  // Flat first: a part may have words of its own under a heading that another part has, too.
  setWords(language, Object.assign({}, ...files.map(each => flat(each))))
  document.documentElement.lang = language
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr'
}

/** @param {string} part */
async function read(part) {
  const answer = await fetch(new URL(`../../words/${part}${language}.json`, import.meta.url))
  // A part that nobody has translated yet is read in English.
  return (answer.ok ? answer : await fetch(new URL(`../../words/${part}en.json`, import.meta.url))).json()
}

/** @type {Promise<void> | null} */
let more = null

/** The words of what is seldom opened: whoever draws such a thing waits for them first. */
export const moreWords = () =>
  (more ??= read('more/').then(
    all => {
      Object.assign(words, flat(all))
    },
    problem => {
      more = null
      throw problem
    },
  ))

/** @param {string} name @param {Tree} all */
export function setWords(name, all) {
  language = name
  locale = globalThis.navigator?.languages?.find(each => each.split('-')[0] === name) ?? name
  words = flat(all)
  plurals = new Intl.PluralRules(name)
  numbers = new Intl.NumberFormat(locale)
}

/** @param {string} key @param {Record<string, unknown>} [values] */
export function t(key, values = {}) {
  let text = words[key]
  if (text && typeof text === 'object') text = text[plurals.select(Number(values.count))] ?? text.other
  if (typeof text !== 'string') return key
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name]
    return typeof value === 'number' ? numbers.format(value) : String(value ?? '')
  })
}
/** @param {string} key */
t.has = key => key in words

/**
 * The words of a value out of a closed list, or the value itself if the list has grown since.
 * @param {string} list
 * @param {string | null | undefined} value
 */
export const named = (list, value) =>
  value && t.has(`${list}.${value}`) ? t(`${list}.${value}`) : (value ?? '')

/** @param {number} value */
export const number = value => numbers.format(value)

function chosen() {
  const wanted = [kept(), ...navigator.languages].filter(Boolean)
  for (const each of wanted) {
    const name = String(each).split('-')[0]
    if (name in LANGUAGES) return name
  }
  return 'en'
}

/** @param {string} name the language for this browser */
export function keepLanguage(name) {
  try {
    localStorage.setItem('rapport.language', name)
  } catch {
    /* this page only */
  }
}

function kept() {
  try {
    return localStorage.getItem('rapport.language')
  } catch {
    return null
  }
}

// {"thread": {"new": "…"}} is written nested and read flat; an object of plural categories alone is one
// value.
const PLURALS = new Set(['zero', 'one', 'two', 'few', 'many', 'other'])
/** @param {Tree} all @param {string} [before] @param {Record<string, Text>} [out] */
function flat(all, before = '', out = {}) {
  for (const key in all) {
    const value = all[key]
    if (isText(value)) out[before + key] = value
    else flat(value, `${before}${key}.`, out)
  }
  return out
}

/** @param {string | Tree} value @returns {value is Text} */
const isText = value => typeof value !== 'object' || Object.keys(value).every(form => PLURALS.has(form))
