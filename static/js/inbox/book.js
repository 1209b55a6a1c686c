// @ts-check
// What the team shares and this page looks up often: colleagues, labels, saved replies, saved views, settings.
// Fetched after each welcome; what a server does not have stays empty.
import { able } from '../core/abilities.js'
import { get } from '../core/api.js'
import { signal } from '../core/signal.js'

/** @typedef {{id: number, name: string, color: string}} Label */
/** @typedef {{id: number, shortcut: string, content: string}} Canned */
/** @typedef {{id: number, name: string, filter: Record<string, any>}} View */

export class Book {
  people = signal(/** @type {import('../core/types.js').User[]} */ ([]))
  labels = signal(/** @type {Label[]} */ ([]))
  canned = signal(/** @type {Canned[]} */ ([]))
  views = signal(/** @type {View[]} */ ([]))
  settings = signal(/** @type {Record<string, any>} */ ({}))

  load() {
    return Promise.all([this.again('people', '/users'), able.has('labels') && this.again('labels', '/labels'), able.has('canned') && this.again('canned', '/canned-replies'),
      able.has('views') && this.again('views', '/views'), able.has('later') && get('/settings').then(found => this.settings.set(found ?? {})).catch(() => {})])
  }

  /** @param {'people' | 'labels' | 'canned' | 'views'} name @param {string} path */
  again(name, path) { return get(path, { limit: 100 }).then(answer => this[name].set(answer.items ?? answer)).catch(() => {}) }
}
