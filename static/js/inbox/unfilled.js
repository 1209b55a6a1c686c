// @ts-check
// Words with a place that nobody filled are not sent without a question.
import { confirm } from '../core/dialog.js'
import { unfilled } from '../core/variables.js'
import { t } from '../core/words.js'

/** Whether a text may go. @param {string} text @returns {true | Promise<boolean>} */
export function isMeant(text) {
  const left = unfilled(text)
  if (!left.length) return true
  const places = [...new Set(left)].join(', ')
  return confirm(t('unfilled.title'), t('unfilled.sure', { places }), t('unfilled.send')).then(Boolean)
}
