// @ts-check
// Every attempt at a delivery, with what the platform said to it.
import { dialog } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { full } from '../core/time.js'
import { named, t } from '../core/words.js'
import { table } from './table.js'

/** @typedef {import('./types.js').Attempt} Attempt */

/** @type {(row: Attempt) => unknown} */
const when = row => h('time', { datetime: row.started_at }, full(row.started_at))

/** @param {Attempt[]} attempts */
export const showAttempts = attempts =>
  dialog(
    t('deliveries.tries'),
    () =>
      table(
        t('deliveries.tries'),
        [
          { words: t('deliveries.when'), of: when },
          {
            words: t('deliveries.outcome'),
            of: row => named('try_outcome', row.outcome) || t('deliveries.no_outcome'),
          },
          {
            words: t('deliveries.reason'),
            kind: 'wrap',
            of: row => h('bdi', row.message || row.code || '–'),
          },
        ],
        () => attempts,
      ),
    'wide',
  )
