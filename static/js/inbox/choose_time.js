// @ts-check
// Choosing a time: the hours one usually means by «later», or another.
import { openMenu } from '../core/menu.js'
import { showError } from '../core/toast.js'
import { moment } from '../core/time.js'
import { t } from '../core/words.js'

/** The hours one usually means by «later». */
export function soon(from = new Date()) {
  const at = (/** @type {number} */ days, /** @type {number} */ hour) =>
    new Date(from.getFullYear(), from.getMonth(), from.getDate() + days, hour)
  const monday = (8 - from.getDay()) % 7 || 7
  return [
    ['hour', new Date(+from + 3_600_000)],
    ['evening', at(0, 18)],
    ['tomorrow', at(1, 9)],
    ['monday', at(monday, 9)],
  ].filter(([, when]) => +when > +from + 60_000)
}

/** Choosing a time: the usual ones, or another. @param {HTMLElement} button @param {string} title @param {(at: Date) => any} take @param {import('../core/menu.js').MenuItem[]} [more] */
export function chooseTime(button, title, take, more = []) {
  openMenu(button, [
    ...soon().map(([name, when]) => ({
      label: t(`later.${name}`),
      hint: moment(+when),
      run: () => take(/** @type {Date} */ (when)),
    })),
    {
      label: t('later.other'),
      icon: 'clock',
      run: () => import('./asking.js').then(each => each.otherTime(title, take)).catch(showError),
    },
    ...more,
  ])
}
