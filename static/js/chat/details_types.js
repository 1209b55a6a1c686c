// @ts-check
// What may stand in a message's `details`, for the type check only: nothing here runs. Platforms write it, so
// every name may be missing and a value is `unknown` until it is looked at.

/**
 * @typedef {{latitude?: unknown, longitude?: unknown, live?: unknown, name?: unknown, address?: unknown,
 *   url?: unknown}} Place
 */
/**
 * @typedef {object} ContactCard
 * @property {unknown} [phones]          a text, `{phone}`, or several of them
 * @property {unknown} [phone_number]
 * @property {unknown} [name]            a text, or `{formatted_name}`
 * @property {unknown} [organization]
 * @property {unknown} [emails]
 */
/**
 * @typedef {{name?: unknown, product_retailer_id?: unknown, quantity?: unknown, item_price?: unknown,
 *   currency?: unknown}} OrderItem
 */
/** @typedef {{product_items?: unknown, catalog_id?: unknown, text?: unknown}} Order */
/** @typedef {{url?: unknown, title?: unknown, text?: unknown, reply?: {title?: unknown} | null}} Button */
/** @typedef {{rows?: unknown}} Section */
/** @typedef {{title?: unknown, description?: unknown}} Choice */
/**
 * @typedef {{sections?: unknown, buttons?: unknown,
 *   parameters?: {url?: unknown, display_text?: unknown} | null}} Action
 */
/**
 * @typedef {object} Interactive
 * @property {unknown} [kind]
 * @property {unknown} [title]
 * @property {unknown} [description]
 * @property {unknown} [response_json]   a filled form: JSON in a text
 * @property {unknown} [answers]         the same, read already
 * @property {unknown} [response]
 * @property {{text?: unknown} | null} [header]
 * @property {Action | null} [action]
 * @property {{text?: unknown} | null} [footer]
 */
/**
 * @typedef {object} TemplateElement
 * @property {unknown} [title]
 * @property {unknown} [subtitle]
 * @property {unknown} [image_url]
 * @property {{url?: unknown} | null} [default_action]
 * @property {unknown} [buttons]
 */
/** @typedef {{text?: unknown, parameters?: unknown}} TemplateComponent */
/** @typedef {{text?: unknown, payload?: unknown}} TemplateValue */
/**
 * @typedef {{text?: unknown, name?: unknown, parameters?: unknown, components?: unknown, elements?: unknown,
 *   buttons?: unknown}} Template
 */
/** @typedef {{body?: unknown, buttons?: unknown}} RenderedCard */
/**
 * An approved message as its customer read it.
 * @typedef {{header?: unknown, body?: unknown, footer?: unknown, buttons?: unknown, cards?: unknown}} Rendered
 */
/**
 * @typedef {object} Referral
 * @property {unknown} [headline]
 * @property {unknown} [body]
 * @property {unknown} [source_url]
 * @property {unknown} [source_type]
 * @property {unknown} [source_id]
 * @property {unknown} [referer_uri]
 * @property {unknown} [image_url]
 * @property {unknown} [thumbnail_url]
 * @property {unknown} [video_url]
 * @property {unknown} [ref]
 * @property {unknown} [ad_id]
 * @property {{photo_url?: unknown, video_url?: unknown, ad_title?: unknown} | null} [ads_context_data]
 * @property {{id?: unknown} | null} [product]
 */
/** @typedef {{text?: unknown, voter_count?: unknown}} PollOption */
/** @typedef {{options?: unknown}} Poll */
/** @typedef {{seconds?: unknown, outgoing?: unknown, missed?: unknown}} Call */
/** @typedef {{type?: unknown, title?: unknown, code?: unknown, on_phone?: unknown}} Unsupported */
/** @typedef {{url?: unknown, title?: unknown, kind?: unknown}} Link a story, a shared post, a link */
/** @typedef {{product_retailer_id?: unknown, catalog_id?: unknown}} Product */
/**
 * What is shown as cards.
 * @typedef {object} Said
 * @property {Call} [call]
 * @property {Place} [location]
 * @property {unknown[]} [contacts]
 * @property {Order} [order]
 * @property {Interactive} [interactive]
 * @property {Template} [template]
 * @property {Rendered} [rendered]
 * @property {Poll} [poll]
 * @property {Referral} [referral]
 * @property {Link} [story]
 * @property {Link} [share]
 * @property {Product} [product]
 * @property {unknown[]} [links]
 * @property {Unsupported} [unsupported]
 */
/**
 * What is shown beside them.
 * @typedef {object} Marks
 * @property {string} [quoted_text]
 * @property {unknown} [forwarded]
 * @property {unknown} [frequently_forwarded]
 * @property {string} [forwarded_from]
 * @property {boolean} [recovered]   its webhook was lost, and it was read back
 */
/** @typedef {Said & Marks & {[name: string]: unknown}} Details */
export {}
