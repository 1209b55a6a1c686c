// @ts-check
// What a message says beside its text and files, as words: each thing in `details` becomes a card with a
// title and lines.
// Pure: no page is needed, so a test can walk every kind. The names in `details` are those of
// `src/channels/*/content.rs`.
import { t } from '../core/words.js'

/** @typedef {import('./details_types.js').Said} Said */
/** @typedef {{[Name in keyof Said]-?: NonNullable<Said[Name]>}} Parts */
/** @typedef {{label?: string, text: string, href?: string | null, copy?: string}} Line */
/** @typedef {{icon: string, title: string, href?: string | null, lines: Line[]}} Card */

/** Only an address of the web may be followed. @param {unknown} url */
export function webHref(url) {
  try {
    const { protocol, href } = new URL(String(url))
    return protocol === 'https:' || protocol === 'http:' ? href : null
  } catch {
    return null
  }
}

/** @param {unknown} value @returns {string} */
const said = value => (['string', 'number'].includes(typeof value) ? String(value).trim() : '')
/** What should be a list of these. @template T @param {unknown} value @returns {(T | null | undefined)[]} */
const list = value => (Array.isArray(value) ? value : [])
/** A part of what may be an object. @param {unknown} value @param {string} name @returns {unknown} */
const part = (value, name) =>
  value && typeof value === 'object' ? /** @type {Record<string, unknown>} */ (value)[name] : undefined
/** @param {unknown} text @param {string} [label] @returns {Line[]} */
const line = (text, label) => (said(text) ? [{ label, text: said(text) }] : [])
/** @param {unknown} url @param {string} [label] @returns {Line[]} */
const link = (url, label) => (said(url) ? [{ label, text: said(url), href: webHref(url) }] : [])

/** A field's name as somebody would say it: `delivery_date` is «delivery date». @param {string} name */
const plain = name =>
  name
    .replace(/^screen_\d+_|_\d+$/g, '')
    .replace(/[_-]+/g, ' ')
    .trim() || name

/** @param {import('./details_types.js').Place} place @returns {Card[]} */
function location(place) {
  const [north, east] = [Number(place.latitude), Number(place.longitude)]
  const known = place.latitude != null && place.longitude != null && Number.isFinite(north + east)
  return [
    {
      icon: 'pin',
      title: said(place.name) || t(place.live ? 'details.live' : 'kind.location'),
      href: known
        ? `https://www.openstreetmap.org/?mlat=${north}&mlon=${east}#map=16/${north}/${east}`
        : null,
      lines: [
        ...line(place.address),
        ...(known ? [{ text: `${north.toFixed(5)}, ${east.toFixed(5)}` }] : []),
        ...link(place.url),
      ],
    },
  ]
}

/** @param {import('./details_types.js').ContactCard} card @returns {Card} */
function contact(card) {
  const phones = [card.phones ?? card.phone_number ?? []]
    .flat()
    .map(each => said(part(each, 'phone') ?? each))
    .filter(Boolean)
  return {
    icon: 'person',
    title: said(part(card.name, 'formatted_name')) || said(card.name) || t('kind.contact'),
    lines: [
      ...line(card.organization),
      ...phones.map(phone => ({
        text: phone,
        href: /\d/.test(phone) ? `tel:${phone.replace(/[^+\d]/g, '')}` : null,
        copy: phone,
      })),
      ...list(card.emails)
        .filter(each => said(each))
        .map(each => ({
          text: said(each),
          href: /^\S+@\S+$/.test(said(each)) ? `mailto:${said(each)}` : null,
        })),
    ],
  }
}

/** @param {number} amount @param {string} currency */
function money(amount, currency) {
  try {
    return new Intl.NumberFormat(document.documentElement.lang || 'en', {
      style: 'currency',
      currency,
    }).format(amount)
  } catch {
    return `${amount} ${currency}`.trim()
  }
}

/** @param {import('./details_types.js').Order} it @returns {Card[]} */
function order(it) {
  /** @type {(import('./details_types.js').OrderItem | null | undefined)[]} */
  const items = list(it.product_items)
  const currencies = new Set(items.map(each => said(each?.currency)))
  const sum = items.reduce((all, each) => all + Number(each?.item_price) * Number(each?.quantity ?? 1), 0)
  return [
    {
      icon: 'file',
      title: t('kind.order'),
      lines: [
        ...items.map(each => ({
          text: `${said(each?.quantity) || '1'} × ${said(each?.name) || said(each?.product_retailer_id)} · ${money(Number(each?.item_price), said(each?.currency))}`,
        })),
        ...(items.length && currencies.size === 1 && Number.isFinite(sum)
          ? [{ label: t('details.total'), text: money(sum, [...currencies][0]) }]
          : []),
        ...line(it.catalog_id, t('details.catalogue')),
      ],
    },
  ]
}

/**
 * What somebody filled in: a string of JSON from the platform, or read already.
 * @param {unknown} answers
 * @returns {Line[]}
 */
function fields(answers) {
  let read = answers
  if (typeof answers === 'string') {
    try {
      read = JSON.parse(answers)
    } catch {
      return line(answers)
    }
  }
  if (!read || typeof read !== 'object') return line(read)
  return Object.entries(read)
    .filter(([name]) => name !== 'flow_token')
    .map(([name, value]) => ({ label: plain(name), text: answered(value) }))
}

/** What was filled in, in words. @param {unknown} value */
function answered(value) {
  if (Array.isArray(value)) return value.map(each => said(each) || JSON.stringify(each)).join(', ')
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no')
  return said(value) || (value == null ? '–' : JSON.stringify(value))
}

/**
 * Buttons, rows and links that were offered.
 * @param {import('./details_types.js').Action | null | undefined} action
 * @returns {Line[]}
 */
function offered(action) {
  /** @type {(import('./details_types.js').Section | null | undefined)[]} */
  const sections = list(action?.sections)
  /** @type {(import('./details_types.js').Choice | null | undefined)[]} */
  const rows = sections.flatMap(each => list(each?.rows))
  /** @type {(import('./details_types.js').Button | null | undefined)[]} */
  const choices = list(action?.buttons)
  return [
    ...choices.flatMap(each => line(each?.reply?.title ?? each?.title ?? each?.text)),
    ...rows.flatMap(each => line([said(each?.title), said(each?.description)].filter(Boolean).join(': '))),
    ...link(action?.parameters?.url, said(action?.parameters?.display_text)),
  ]
}

/** @param {import('./details_types.js').Interactive} it @param {string} content @returns {Card[]} */
function interactive(it, content) {
  const answers = it.response_json ?? it.answers
  const title = said(it.title) === content ? '' : said(it.title)
  const lines = [
    ...line(title),
    ...line(it.description),
    ...(answers == null ? [] : fields(answers)),
    ...line(it.header?.text),
    ...offered(it.action),
    ...line(it.footer?.text),
    ...(it.kind === 'call_permission_reply' ? line(it.response) : []),
  ]
  if (!lines.length) return []
  return [{ icon: 'file', title: answers == null ? t('kind.interactive') : t('details.form'), lines }]
}

/**
 * What other tools sent as cards and buttons.
 * @param {import('./details_types.js').Template} it
 * @param {string} content
 * @returns {Card[]}
 */
function template(it, content) {
  /** @type {(import('./details_types.js').TemplateElement | null | undefined)[]} */
  const elements = list(it.elements)
  const cards = elements.map(each => ({
    icon: 'file',
    title: said(each?.title) || t('details.template'),
    href: webHref(each?.default_action?.url),
    lines: [
      ...line(each?.subtitle),
      ...link(each?.image_url, t('details.picture')),
      ...buttons(each?.buttons),
    ],
  }))
  const own = [
    ...(said(it.text) === content ? [] : line(it.text)),
    ...(said(it.name) === content ? [] : line(it.name)),
    ...list(it.parameters).flatMap(each => line(each)),
    ...components(it.components),
    ...buttons(it.buttons),
  ]
  return own.length ? [{ icon: 'file', title: t('details.template'), lines: own }, ...cards] : cards
}

/**
 * An approved message as the customer read it: what stood above and below its words, its buttons, its cards.
 * @param {import('./details_types.js').Rendered} it
 * @param {string} content
 * @returns {Card[]}
 */
function rendered(it, content) {
  /** @type {(import('./details_types.js').RenderedCard | null | undefined)[]} */
  const cards = list(it.cards)
  const own = [
    ...line(it.header),
    ...(said(it.body) === content ? [] : line(it.body)),
    ...line(it.footer),
    ...choices(it.buttons),
  ]
  const more = cards.map(each => ({
    icon: 'file',
    title: said(each?.body) || t('details.template'),
    lines: choices(each?.buttons),
  }))
  return own.length ? [{ icon: 'file', title: t('details.template'), lines: own }, ...more] : more
}

/** @param {unknown} all @returns {Line[]} */
function choices(all) {
  /** @type {(import('./details_types.js').Button | null | undefined)[]} */
  const each = list(all)
  return each.flatMap(it => (it?.url ? link(it.url, said(it.text)) : line(it?.text && `▸ ${said(it.text)}`)))
}

/** @param {unknown} all @returns {Line[]} */
function components(all) {
  /** @type {(import('./details_types.js').TemplateComponent | null | undefined)[]} */
  const each = list(all)
  return each.flatMap(it => [
    ...line(it?.text),
    ...list(it?.parameters).flatMap(value => line(part(value, 'text') ?? part(value, 'payload'))),
  ])
}

/** @param {unknown} all @returns {Line[]} */
function buttons(all) {
  /** @type {(import('./details_types.js').Button | null | undefined)[]} */
  const each = list(all)
  return each.flatMap(it => (it?.url ? link(it.url, said(it.title)) : line(it?.title ?? it?.text)))
}

/** @param {import('./details_types.js').Referral} it @returns {Card[]} */
function referral(it) {
  const ad = it.ads_context_data ?? {}
  const lines = [
    ...line(it.body),
    ...link(it.source_url ?? it.referer_uri),
    ...link(it.image_url ?? it.thumbnail_url ?? ad.photo_url, t('details.picture')),
    ...link(it.video_url ?? ad.video_url, t('kind.video')),
    ...line(it.ref, t('details.ref')),
    ...line(it.ad_id ?? (it.source_type === 'ad' ? it.source_id : ''), t('details.ad')),
    ...(it.product ? line(it.product.id, t('details.product')) : []),
  ]
  const title = said(it.headline) || said(ad.ad_title) || t('details.came_by')
  return lines.length || title !== t('details.came_by')
    ? [{ icon: 'globe', title, href: webHref(it.source_url), lines }]
    : []
}

/** @param {import('./details_types.js').Poll} it @returns {Card[]} */
function poll(it) {
  const votes = (/** @type {unknown} */ each) => {
    const count = part(each, 'voter_count')
    return Number(count) > 0 ? ` · ${count}` : ''
  }
  const options = list(it.options).map(each => ({
    text: `○ ${said(part(each, 'text') ?? each)}${votes(each)}`,
  }))
  return [{ icon: 'file', title: t('details.poll'), lines: options }]
}

/** @param {import('./details_types.js').Call} it @returns {Card[]} */
function call(it) {
  const seconds = Number(it.seconds) || 0
  const unanswered = it.outgoing ? 'details.call_unanswered' : 'kind.missed_call'
  const title = seconds ? 'details.call' : unanswered
  const long = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return [{ icon: 'phone', title: t(title), lines: seconds ? [{ text: long }] : [] }]
}

/** @param {import('./details_types.js').Unsupported} it @returns {Card[]} */
function unsupported(it) {
  return [
    {
      icon: 'question',
      title: t('kind.unsupported'),
      lines: [
        ...line(said(it.type).replace(/_/g, ' '), t('details.kind')),
        ...line(it.title),
        ...line(it.code, t('details.code')),
        ...(it.on_phone ? [{ text: t('details.on_phone') }] : []),
      ],
    },
  ]
}

/** @param {import('./details_types.js').Link} it @returns {Card[]} */
const story = it => [{ icon: 'globe', title: t('details.story'), href: webHref(it.url), lines: link(it.url) }]
/** @param {import('./details_types.js').Link} it @returns {Card[]} */
const share = it => [
  {
    icon: 'globe',
    title: said(it.title) || t(it.kind === 'link' ? 'details.link' : 'details.post'),
    href: webHref(it.url),
    lines: link(it.url),
  },
]
/** @param {import('./details_types.js').Product} it @returns {Card[]} */
const product = it => [
  {
    icon: 'file',
    title: t('details.about_product'),
    lines: [...line(it.product_retailer_id), ...line(it.catalog_id, t('details.catalogue'))],
  },
]
/** @param {unknown[]} it @returns {Card[]} */
const links = it =>
  it.map(each => ({
    icon: 'globe',
    title: said(part(each, 'title')) || t('details.link'),
    href: webHref(part(each, 'url')),
    lines: link(part(each, 'url')),
  }))

/**
 * How each thing in `details` is said.
 * @type {{[Name in keyof Parts]: (it: Parts[Name], content: string) => Card[]}}
 */
const SAID = {
  call,
  location,
  contacts: it => it.filter(Boolean).map(each => contact(/** @type {object} */ (each))),
  order,
  interactive,
  template,
  rendered,
  poll,
  referral,
  story,
  share,
  product,
  links,
  unsupported,
}

/** What is a list, and whatever else is an object. */
const LISTS = new Set(['contacts', 'links'])

/**
 * @template {keyof Parts} Name
 * @param {Name} name
 * @param {Said} details
 * @param {string} content
 * @returns {Card[]}
 */
function cardOf(name, details, content) {
  const it = details[name]
  const isThere = !!it && typeof it === 'object' && Array.isArray(it) === LISTS.has(name)
  return isThere ? SAID[name](/** @type {Parts[Name]} */ (it), content) : []
}

/**
 * Everything in a message's details that an agent can read.
 * @param {import('./details_types.js').Details | null | undefined} details
 * @param {string | null} [content]
 * @returns {Card[]}
 */
export function cardsOf(details, content = '') {
  if (!details) return []
  const text = (content ?? '').trim()
  // What was read says more than what was filled in.
  const isShown = (/** @type {string} */ name) => name !== 'template' || !details.rendered
  const names = /** @type {(keyof Said)[]} */ (Object.keys(SAID)).filter(isShown)
  const cards = names.flatMap(name => cardOf(name, details, text))
  if (details.quoted_text)
    cards.unshift({ icon: 'reply', title: t('details.quoted'), lines: line(details.quoted_text) })
  return cards
}
