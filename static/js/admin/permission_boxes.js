// @ts-check
// The permissions of a role as boxes to tick, in four groups. The server tells which there are.
import { h } from '../core/dom.js'
import { t } from '../core/words.js'

/** Which words begin the permissions of a group; what begins with none of them is set-up. */
const GROUPS = /** @type {[string, string[]][]} */ ([
  ['conversations', ['conversations', 'bulk', 'notes', 'direct', 'ai', 'flows.run']],
  ['customers', ['customers']],
  ['data', ['export', 'broadcasts', 'reports', 'stats', 'audit', 'deliveries', 'quarantine']],
  ['setup', []],
])

/** What only whoever sees everything may do, as the server has it. */
const OF_THE_WHOLE = [
  'bulk.manage',
  'customers.merge',
  'customers.merge_unproved',
  'customers.erase',
  'export',
  'broadcasts.send',
  'flows.manage',
  'channels.manage',
  'users.manage',
  'roles.manage',
  'teams.manage',
  'hooks.manage',
  'reports.see',
  'stats.see',
  'audit.see',
  'settings.manage',
  'deliveries.see',
  'quarantine.manage',
  'tokens.manage',
]

/** Those that do not fit what is seen cannot be ticked. @param {HTMLElement} box @param {string} sight */
export function fitToSight(box, sight) {
  for (const each of box.querySelectorAll('input[name="permissions"]')) {
    const input = /** @type {HTMLInputElement} */ (each)
    input.disabled = sight !== 'everything' && OF_THE_WHOLE.includes(input.value)
    if (input.disabled) input.checked = false
  }
}

/** @param {string} permission */
const groupOf = permission =>
  GROUPS.find(([, words]) =>
    words.some(word => permission === word || permission.startsWith(`${word}.`)),
  )?.[0] ?? 'setup'

/** @param {string} permission */
const wordsOf = permission => {
  const key = `permission.${permission.replace('.', '_')}`
  // What a newer server allows has no words here yet.
  return t.has(key) ? t(key) : permission
}

/**
 * @param {string[]} known all there are
 * @param {string[]} ticked
 * @returns {HTMLElement[]}
 */
export const permissionBoxes = (known, ticked) =>
  GROUPS.map(([group]) =>
    h(
      'fieldset.field.events',
      h('legend', t(`role_group.${group}`)),
      ...known
        .filter(each => groupOf(each) === group)
        .map(each => tick('permissions', each, wordsOf(each), ticked.includes(each))),
    ),
  )

/**
 * One box; ticked ones are read by `tickedIn`.
 * @param {string} name
 * @param {string} value
 * @param {string} words
 * @param {boolean} checked
 */
export const tick = (name, value, words, checked) =>
  h('label', h('input', { type: 'checkbox', name, value, checked }), words)

/** What is ticked under a name. @param {HTMLElement | null} box @param {string} name */
export const tickedIn = (box, name) =>
  [...(box?.querySelectorAll(`input[name="${name}"]:checked`) ?? [])].map(
    each => /** @type {HTMLInputElement} */ (each).value,
  )
