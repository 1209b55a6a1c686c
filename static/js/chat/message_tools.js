// @ts-check
// What one does with a message in its place: answer, react, its menu, and whether an answer of the AI was
// good.
import { h, icon } from '../core/dom.js'
import { openMenu } from '../core/menu_button.js'
import { t } from '../core/words.js'

/** @typedef {import('../core/types.js').Message} Message */
/** @typedef {import('./message.js').Actions} Actions */

/** @param {() => Message} m @param {Actions} actions */
export function rowActions(m, { reply, feel, more }) {
  const tool = (
    /** @type {string} */ name,
    /** @type {string} */ sign,
    /** @type {(button: HTMLElement) => unknown} */ run,
    isMenu = false,
  ) =>
    h(
      'button.button.quiet',
      {
        type: 'button',
        'aria-label': t(name),
        title: t(name),
        'aria-haspopup': isMenu ? 'menu' : null,
        onclick: (/** @type {{currentTarget: HTMLElement}} */ event) => run(event.currentTarget),
      },
      icon(sign),
    )
  return [
    reply && tool('message.reply', 'reply', () => reply(m())),
    feel && !m().is_private && tool('message.react', 'smile', button => feel(m(), button), true),
    more && tool('common.more', 'more', button => openMenu(button, more(m())), true),
  ]
}

/** @param {Message} m @param {Actions} actions */
export function reactions(m, { react }) {
  /** @type {Map<string, string[]>} */
  const by = new Map()
  for (const { emoji, name } of m.reactions ?? [])
    by.set(emoji, [...(by.get(emoji) ?? []), name ?? t('message.customer')])
  return [...by].map(([emoji, all]) => {
    const names = all.join(', ')
    const how = react ? { type: 'button', onclick: () => react(m, emoji) } : {}
    return h(
      react ? 'button' : 'span',
      { ...how, title: names },
      emoji,
      all.length > 1 && ` ${all.length}`,
      h('span.hidden-text', t('message.reaction_by', { names })),
    )
  })
}

/** @param {Message} m @param {NonNullable<Actions['rate']>} rate */
export function rating(m, rate) {
  const now = m.feedback?.rating
  const button = (/** @type {string} */ value, /** @type {string} */ sign) =>
    h(
      'button.button.quiet.small',
      {
        type: 'button',
        'aria-label': t(`feedback.${value}`),
        'aria-pressed': String(now === value),
        onclick: () => rate(m, now === value ? null : value),
      },
      icon(sign),
    )
  return h(
    'div.rating',
    { role: 'group', 'aria-label': t('feedback.title') },
    button('positive', 'up'),
    button('negative', 'thumb-down'),
    m.feedback?.comment && h('small', { dir: 'auto' }, m.feedback.comment),
  )
}
