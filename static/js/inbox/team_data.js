// @ts-check
// What the team shares and this page looks up often: colleagues, teams, labels, saved replies, saved views.
// Fetched after each welcome; what kinds of channels can do, at the start.
import { all } from '../core/api.js'
import { signal } from '../core/signal.js'

/** @typedef {{id: number, name: string, color: string}} Label */
/** @typedef {{id: number, name: string, member_ids: number[]}} Team */
/** @typedef {{id: number, shortcut: string, content: string}} Canned */
/**
 * is_shared: for the whole team; folder: where it stands with others of its kind.
 * @typedef {{id: number, name: string, filter: Record<string, unknown>, is_shared?: boolean, folder?: string | null, is_mine?: boolean}} View
 */

export class TeamData {
  people = signal(/** @type {import('../core/types.js').User[]} */ ([]))
  teams = signal(/** @type {Team[]} */ ([]))
  labels = signal(/** @type {Label[]} */ ([]))
  canned = signal(/** @type {Canned[]} */ ([]))
  views = signal(/** @type {View[]} */ ([]))
  kinds = signal(/** @type {import('../chat/measure.js').Kind[]} */ ([]))

  /** What a kind of channel takes and can do. @param {string | null | undefined} kind */
  kindOf(kind) {
    return this.kinds().find(each => each.kind === kind) ?? null
  }

  /**
   * Whether a kind of channel can do something.
   * @param {string | null | undefined} kind @param {string} ability
   */
  can(kind, ability) {
    return !!this.kindOf(kind)?.abilities.includes(ability)
  }

  /** The kinds of channels, once: they are the server's own. */
  async knowKinds() {
    if (!this.kinds.peek().length) await this.again('kinds', '/channel-kinds')
  }

  load() {
    return Promise.all([
      this.knowKinds(),
      this.again('people', '/users'),
      this.again('teams', '/teams'),
      this.again('labels', '/labels'),
      this.again('canned', '/canned-replies'),
      this.again('views', '/views'),
    ])
  }

  /** @param {'people' | 'teams' | 'labels' | 'canned' | 'views' | 'kinds'} name @param {string} path */
  again(name, path) {
    return all(path).then(items => this[name].set(items))
  }
}
