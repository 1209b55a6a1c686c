// @ts-check
// What the team shares and this page looks up often: colleagues, labels, saved replies, saved views.
// Fetched after each welcome.
import { all } from '../core/api.js'
import { signal } from '../core/signal.js'

/** @typedef {{id: number, name: string, color: string}} Label */
/** @typedef {{id: number, shortcut: string, content: string}} Canned */
/**
 * is_shared: for the whole team; folder: where it stands with others of its kind.
 * @typedef {{id: number, name: string, filter: Record<string, unknown>, is_shared?: boolean, folder?: string | null, is_mine?: boolean}} View
 */

export class TeamData {
  people = signal(/** @type {import('../core/types.js').User[]} */ ([]))
  labels = signal(/** @type {Label[]} */ ([]))
  canned = signal(/** @type {Canned[]} */ ([]))
  views = signal(/** @type {View[]} */ ([]))
  kinds = signal(/** @type {import('../chat/measure.js').Kind[]} */ ([]))

  /** What a kind of channel takes and can do. @param {string | null | undefined} kind */
  kindOf(kind) {
    return this.kinds().find(each => each.kind === kind) ?? null
  }

  load() {
    return Promise.all([
      this.again('kinds', '/channel-kinds'),
      this.again('people', '/users'),
      this.again('labels', '/labels'),
      this.again('canned', '/canned-replies'),
      this.again('views', '/views'),
    ])
  }

  /** @param {'people' | 'labels' | 'canned' | 'views' | 'kinds'} name @param {string} path */
  again(name, path) {
    return all(path).then(items => this[name].set(items))
  }
}
