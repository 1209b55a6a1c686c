// @ts-check
// An approved message between a form and the API: which places it has to fill, what is sent of them, and how
// it then reads. Pure.

/** @typedef {{text: string, examples?: Record<string, string>}} Text */
/** @typedef {{format: string, text?: Text | null, sample?: number | null}} Header */
/**
 * @typedef {object} Button
 * @property {string} kind
 * @property {string} [text]
 * @property {string | null} [url]
 * @property {string | null} [phone]
 * @property {string | null} [example]
 * @property {string | null} [flow_id]
 */
/** @typedef {{header?: Header | null, body?: Text | null, buttons?: Button[]}} Card */
/** @typedef {Card & {footer?: string | null, carousel?: Card[]}} Content */
/**
 * @typedef {object} Template
 * @property {number} id
 * @property {string} name
 * @property {string | null} [title]
 * @property {string} language
 * @property {string} status
 * @property {boolean} can_be_sent
 * @property {string | null} [category]
 * @property {string | null} [quality]
 * @property {string | null} [reason]
 * @property {string | null} [body]
 * @property {boolean} [is_named]
 * @property {Content} content
 * @property {boolean} [is_hidden]
 * @property {string} [access]
 * @property {number[]} [user_ids]
 */
/**
 * One place to fill: `in` says where it stands, `place` what is between its braces.
 * @typedef {object} Place
 * @property {string} name   of its field
 * @property {'header' | 'body' | 'button' | 'file' | 'location'} in
 * @property {string} place
 * @property {string} example
 * @property {string} [format]  of a file
 * @property {number} [card]
 * @property {number} [index]   of a button
 */
/** @typedef {Record<string, string>} Values by the names of the places; a file's is its id */

const FILES = ['image', 'video', 'document']
/** Buttons whose value a person types. */
const TYPED = ['copy_code', 'one_time_password']

/** What stands between double braces, each once. @param {string | null | undefined} text @returns {string[]} */
export const placesIn = text => [
  ...new Set([...(text ?? '').matchAll(/\{\{([^{}]*)\}\}/g)].map(found => found[1].trim())),
]

/** @param {string | null | undefined} text @param {(place: string) => string | undefined} valueOf */
export const filled = (text, valueOf) =>
  (text ?? '').replace(/\{\{([^{}]*)\}\}/g, (whole, place) => valueOf(place.trim()) || whole)

/** Everything that is to be filled in, in the order in which it is read. @param {Content} content */
export function placesOf(content) {
  const cards = (content.carousel ?? []).flatMap((card, index) => placesOfPart(card, `card${index}.`, index))
  return [...placesOfPart(content, '', undefined), ...cards]
}

/** @param {Card} part @param {string} before @param {number | undefined} card @returns {Place[]} */
function placesOfPart(part, before, card) {
  const { header, body } = part
  const of = (/** @type {'header' | 'body'} */ where, /** @type {Text | null | undefined} */ text) =>
    placesIn(text?.text).map(place => ({
      name: `${before}${where}.${place}`,
      in: where,
      place,
      example: text?.examples?.[place] ?? '',
      card,
    }))
  const buttons = (part.buttons ?? []).flatMap((button, index) =>
    wantsValue(button)
      ? [
          {
            name: `${before}button.${index}`,
            in: /** @type {const} */ ('button'),
            place: button.text ?? '',
            example: button.example ?? '',
            card,
            index,
          },
        ]
      : [],
  )
  return [...above(header, before, card), ...of('header', header?.text), ...of('body', body), ...buttons]
}

/**
 * @param {Header | null | undefined} header @param {string} before @param {number | undefined} card
 * @returns {Place[]}
 */
function above(header, before, card) {
  if (!header) return []
  const it = { name: `${before}header`, place: '', example: '', card }
  if (FILES.includes(header.format)) return [{ ...it, in: 'file', format: header.format }]
  return header.format === 'location' ? [{ ...it, in: 'location' }] : []
}

/** @param {Button} button */
const wantsValue = button =>
  TYPED.includes(button.kind) || (button.kind === 'url' && placesIn(button.url).length > 0)

/** Why it cannot be sent from here, whatever its state: a part that nobody can fill in. @param {Content} content */
export const isForeign = content =>
  [content, ...(content.carousel ?? [])].some(
    part => part.header?.format === 'other' || part.buttons?.some(each => each.kind === 'other'),
  )

/**
 * What is sent.
 * @param {{name: string, language: string, is_named?: boolean, content: Content}} template
 * @param {Values} values
 */
export function messageOf({ name, language, is_named = false, content }, values) {
  const components = {
    ...partOf(content, '', is_named, values),
    ...(content.carousel?.length && {
      carousel: content.carousel.map((card, index) => partOf(card, `card${index}.`, is_named, values)),
    }),
  }
  return { name, language, ...(Object.keys(components).length && { components }) }
}

/** @param {Card} part @param {string} before @param {boolean} isNamed @param {Values} values */
function partOf(part, before, isNamed, values) {
  const header = headerOf(part.header, before, isNamed, values)
  const body = textsOf(part.body, `${before}body.`, isNamed, values)
  const buttons = (part.buttons ?? []).flatMap((button, index) => {
    const value = values[`${before}button.${index}`]
    return wantsValue(button) ? [{ index, kind: button.kind, value: value ?? '' }] : []
  })
  return { ...(header && { header }), ...(body && { body }), ...(buttons.length && { buttons }) }
}

/** @param {Header | null | undefined} header @param {string} before @param {boolean} isNamed @param {Values} values */
function headerOf(header, before, isNamed, values) {
  if (!header) return null
  if (FILES.includes(header.format)) return { [header.format]: Number(values[`${before}header`]) }
  if (header.format === 'location') return { location: placeOn(values[`${before}header`]) }
  const texts = textsOf(header.text, `${before}header.`, isNamed, values)
  return texts && { text: texts }
}

/** "52.5, 13.4; The Gate; Platz 1": degrees, a name, an address. @param {string | undefined} said */
export function placeOn(said = '') {
  const [point, name, address] = said.split(';').map(each => each.trim())
  const [latitude, longitude] = point.split(',').map(Number)
  return { latitude, longitude, ...(name && { name }), ...(address && { address }) }
}

/** @param {Text | null | undefined} text @param {string} before @param {boolean} isNamed @param {Values} values */
function textsOf(text, before, isNamed, values) {
  const places = placesIn(text?.text)
  if (!places.length) return null
  const valueOf = (/** @type {string} */ place) => values[before + place] ?? ''
  if (isNamed) return Object.fromEntries(places.map(place => [place, valueOf(place)]))
  return [...places].sort((one, other) => Number(one) - Number(other)).map(valueOf)
}

/**
 * What was filled in before, by the names of the places.
 * @param {Content} content
 * @param {any} components of what is sent
 * @returns {Values}
 */
export function valuesIn(content, components) {
  const parts = [components ?? {}, ...(components?.carousel ?? [])]
  /** @type {Values} */
  const values = {}
  for (const place of placesOf(content)) {
    const part = parts[place.card == null ? 0 : place.card + 1] ?? {}
    const value = valueIn(part, place)
    if (value != null) values[place.name] = String(value)
  }
  return values
}

/** @param {any} part @param {Place} place */
function valueIn(part, place) {
  if (place.in === 'file') return part.header?.[place.format ?? '']
  if (place.in === 'button')
    return part.buttons?.find((/** @type {any} */ each) => each.index === place.index)?.value
  if (place.in === 'location') {
    const { latitude, longitude, name, address } = part.header?.location ?? {}
    return latitude == null ? null : [`${latitude}, ${longitude}`, name, address].filter(Boolean).join('; ')
  }
  const texts = place.in === 'body' ? part.body : part.header?.text
  return Array.isArray(texts) ? texts[Number(place.place) - 1] : texts?.[place.place]
}

/**
 * Those whose name, title or words hold every word that is looked for, in any language or in one.
 * @template {Template} T
 * @param {T[]} all @param {string} words @param {string} [language]
 */
export function found(all, words, language = '') {
  const plain = (/** @type {string} */ text) =>
    text
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]/g, '')
      .toLowerCase()
      .replaceAll('_', ' ')
  const wanted = plain(words).split(/\s+/).filter(Boolean)
  return all.filter(each => {
    const text = plain([each.name, each.title, each.body].filter(Boolean).join(' '))
    return (!language || each.language === language) && wanted.every(word => text.includes(word))
  })
}

/** The languages that there are, each once. @param {Template[]} all */
export const languagesOf = all => [...new Set(all.map(each => each.language))].sort()
