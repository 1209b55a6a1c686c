// @ts-check The kinds of channels that the server knows, asked for once: what each needs to be connected, and
// how its platform calls us.
import { all } from '../core/api.js'
import { signal } from '../core/signal.js'

/**
 * One field of the form: where its value stands in a channel, and what it looks like.
 * @typedef {{name: string, place: 'account' | 'option' | 'credential',
 *   form: 'text' | 'secret' | 'choice' | 'flag' | 'sites', choices: string[], is_required: boolean}} Field
 */
/**
 * A kind of channel, as far as connecting one is concerned.
 * @typedef {{kind: string, title: string, fields: Field[], has_widget: boolean,
 *   checks?: string[],
 *   abilities?: string[],   webhook: {is_per_channel: boolean, has_handshake: boolean, is_set_by_us: boolean,
 *   subscribes_to?: string[]} | null}} Kind
 */

const known = signal(/** @type {Kind[]} */ ([]))

/** Asks, unless they are known. */
export async function knowKinds() {
  if (!known.peek().length) known.set(await all('/channel-kinds'))
}

export const kinds = () => known()

/**
 * The kind of this name; one that needs nothing where the server knows none.
 * @param {string} name @returns {Kind}
 */
export const kindOf = name =>
  known().find(each => each.kind === name) ?? {
    ...{ kind: name, title: name },
    fields: [],
    has_widget: false,
    webhook: null,
  }
