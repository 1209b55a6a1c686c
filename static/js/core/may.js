// @ts-check
// What somebody's role allows, as `/me` says it: the pages hide the rest, and the server refuses it. Pure.

/** @typedef {import('./types.js').User} User */

/** Whatever the dashboard is for. */
const RUNS_THE_HOUSE = [
  'audit.see',
  'broadcasts.send',
  'channels.manage',
  'flows.manage',
  'hooks.manage',
  'quarantine.manage',
  'reports.see',
  'roles.manage',
  'settings.manage',
  'teams.manage',
  'users.manage',
]

/** Whether a role allows something. @param {User} me @param {string} permission */
export const may = (me, permission) => me.permissions?.includes(permission) ?? me.role === 'admin'

/** Whether the dashboard holds anything for somebody. @param {User} me */
export const seesDashboard = me => RUNS_THE_HOUSE.some(each => may(me, each))
