// @ts-check
// What a message says beside its text and files, as words: each thing in `details` becomes a card with a
// title and lines.
// Pure: no page is needed, so a test can walk every kind. The names in `details` are those of
// `src/channels/*/content.rs`.
import { t } from '../core/words.js'

/** @typedef {{label?: string, text: string, href?: string | null, copy?: string}} Line */
/** @typedef {{icon: string, title: string, href?: string | null, lines: Line[]}} Card */

/** Only an address of the web may be followed. @param {any} url */
export function webHref(url) {
  try {
    const { protocol, href } = new URL(String(url))
    return protocol === 'https:' || protocol === 'http:' ? href : null
  } catch {
    return null
  }
}

/** @param {any} value @returns {string} */
const said = value => (['string', 'number'].includes(typeof value) ? String(value).trim() : '')
/** @param {any} value @returns {any[]} */
const list = value => (Array.isArray(value) ? value : [])
/** @param {any} text @param {string} [label] @returns {Line[]} */
const line = (text, label) => (said(text) ? [{ label, text: said(text) }] : [])
/** @param {any} url @param {string} [label] @returns {Line[]} */
const link = (url, label) => (said(url) ? [{ label, text: said(url), href: webHref(url) }] : [])

/** A field's name as somebody would say it: `delivery_date` is «delivery date». @param {string} name */
const plain = name =>
  name
    .replace(/^screen_\d+_|_\d+$/g, '')
    .replace(/[_-]+/g, ' ')
    .trim() || name

/** @param {any} place @returns {Card[]} */
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

/** @param {any} card @returns {Card} */
function contact(card) {
  const phones = [card.phones ?? card.phone_number ?? []]
    .flat()
    .map(each => said(each?.phone ?? each))
    .filter(Boolean)
  return {
    icon: 'person',
    title: said(card.name?.formatted_name) || said(card.name) || t('kind.contact'),
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

/** @param {any} it @returns {Card[]} */
function order(it) {
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
 * @param {any} answers
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

/** Buttons, rows and links that were offered. @param {any} action @returns {Line[]} */
function offered(action) {
  const rows = list(action?.sections).flatMap(each => list(each?.rows))
  return [
    ...list(action?.buttons).flatMap(each => line(each?.reply?.title ?? each?.title ?? each?.text)),
    ...rows.flatMap(each => line([said(each?.title), said(each?.description)].filter(Boolean).join(': '))),
    ...link(action?.parameters?.url, said(action?.parameters?.display_text)),
  ]
}

/** @param {any} it @param {string} content @returns {Card[]} */
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

/** What other tools sent as cards and buttons. @param {any} it @param {string} content @returns {Card[]} */
function template(it, content) {
  const cards = list(it.elements).map(each => ({
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
    ...list(it.components).flatMap(each => [
      ...line(each?.text),
      ...list(each?.parameters).flatMap(value => line(value?.text ?? value?.payload)),
    ]),
    ...buttons(it.buttons),
  ]
  return own.length ? [{ icon: 'file', title: t('details.template'), lines: own }, ...cards] : cards
}

/** @param {any} all @returns {Line[]} */
const buttons = all =>
  list(all).flatMap(each => (each?.url ? link(each.url, said(each.title)) : line(each?.title ?? each?.text)))

/** @param {any} it @returns {Card[]} */
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

/** @param {any} it @returns {Card[]} */
function poll(it) {
  const votes = (/** @type {any} */ each) => (Number(each?.voter_count) > 0 ? ` · ${each.voter_count}` : '')
  const options = list(it.options).map(each => ({ text: `○ ${said(each?.text ?? each)}${votes(each)}` }))
  return [{ icon: 'file', title: t('details.poll'), lines: options }]
}

/** @param {any} it @returns {Card[]} */
function call(it) {
  const seconds = Number(it.seconds) || 0
  const unanswered = it.outgoing ? 'details.call_unanswered' : 'kind.missed_call'
  const title = seconds ? 'details.call' : unanswered
  const long = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return [{ icon: 'phone', title: t(title), lines: seconds ? [{ text: long }] : [] }]
}

/** @param {any} it @returns {Card[]} */
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

/** @param {any} it @returns {Card[]} */
const story = it => [{ icon: 'globe', title: t('details.story'), href: webHref(it.url), lines: link(it.url) }]
/** @param {any} it @returns {Card[]} */
const share = it => [
  {
    icon: 'globe',
    title: said(it.title) || t(it.kind === 'link' ? 'details.link' : 'details.post'),
    href: webHref(it.url),
    lines: link(it.url),
  },
]
/** @param {any} it @returns {Card[]} */
const product = it => [
  {
    icon: 'file',
    title: t('details.about_product'),
    lines: [...line(it.product_retailer_id), ...line(it.catalog_id, t('details.catalogue'))],
  },
]
/** @param {any} it @returns {Card[]} */
const links = it =>
  list(it).map(each => ({
    icon: 'globe',
    title: said(each?.title) || t('details.link'),
    href: webHref(each?.url),
    lines: link(each?.url),
  }))

/** How each thing in `details` is said. @type {Record<string, (it: any, content: string) => Card[]>} */
const SAID = {
  call,
  location,
  contacts: it => list(it).filter(Boolean).map(contact),
  order,
  interactive,
  template,
  poll,
  referral,
  story,
  share,
  product,
  links,
  unsupported,
}

/**
 * Everything in a message's details that an agent can read.
 * @param {Record<string, any> | null | undefined} details
 * @param {string | null} [content]
 * @returns {Card[]}
 */
export function cardsOf(details, content = '') {
  if (!details) return []
  const text = (content ?? '').trim()
  const cards = Object.entries(SAID).flatMap(([name, say]) => {
    const it = details[name]
    return it && typeof it === 'object' ? say(it, text) : []
  })
  if (details.quoted_text)
    cards.unshift({ icon: 'reply', title: t('details.quoted'), lines: line(details.quoted_text) })
  return cards
}
