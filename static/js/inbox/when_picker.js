// @ts-check
// Choosing a time: the usual ones, what one types ("thu 9", "in 3 days"), or a date out of a calendar.
import { openPicker } from '../core/picker.js'
import { moment } from '../core/time.js'
import { showError } from '../core/toast.js'
import { language, t } from '../core/words.js'
import { parseWhen } from './parse_when.js'
import { soon } from './choose_time.js'

/** @typedef {{id: string, name: string, icon?: string, hint?: string, run: () => unknown}} Choice */

/**
 * @param {HTMLElement} anchor
 * @param {string} label
 * @param {(at: Date) => unknown} take
 * @param {Choice[]} [more] what is no time: until they reply
 */
export function pickWhen(anchor, label, take, more = []) {
  const usual = soon().map(([name, when]) => ({
    id: String(name),
    name: t(`later.${name}`),
    icon: 'clock',
    hint: moment(+when),
    run: () => take(/** @type {Date} */ (when)),
  }))
  const other = {
    id: 'other',
    name: t('later.other'),
    icon: 'calendar',
    run: () => import('./dialogs.js').then(each => each.otherTime(label, take)).catch(showError),
  }
  openPicker({
    anchor,
    label: t('later.type', { label }),
    items: [...usual, ...more, other],
    search: text =>
      typed(text).map(at => ({ id: 'typed', name: moment(+at), icon: 'clock', run: () => take(at) })),
    onPick: each => each.run(),
  })
}

/** The time that is typed, if it is one. @param {string} text */
function typed(text) {
  const at = parseWhen(text, { language })
  return at ? [at] : []
}
