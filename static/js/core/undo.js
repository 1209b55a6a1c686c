// @ts-check
// What was deleted by hand comes back with a touch: the server keeps it for 30 days.
import { post } from './api.js'
import { showError, toast } from './toast.js'
import { t } from './words.js'

/**
 * Says that something is deleted, with the way back.
 * @param {string} path
 * @param {string} name
 * @param {() => unknown} again
 */
export const deleted = (path, name, again) =>
  toast(t('common.gone', { name }), {
    action: t('common.undo'),
    run: () => post(`${path}/restore`).then(again, showError),
  })
