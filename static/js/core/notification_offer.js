// @ts-check
// Notifications are offered where they matter: when the first customer has written. Asked once, answered
// once.
import { h, icon } from './dom.js'
import { answerOffer, offering } from './notifications.js'
import { showError } from './toast.js'
import { t } from './words.js'

/** One line above the page, hidden until then. */
export function notificationOffer() {
  const button = (/** @type {string} */ words, /** @type {boolean} */ isWanted) =>
    h(
      'button.button.quiet.small',
      { type: 'button', onclick: () => answerOffer(isWanted).catch(showError) },
      words,
    )
  return h(
    'div.banner.offer',
    { role: 'status', hidden: () => !offering() },
    icon('bell'),
    h('span', () => (offering() ? t('alert.offer') : '')),
    button(t('alert.turn_on'), true),
    button(t('alert.not_now'), false),
  )
}
