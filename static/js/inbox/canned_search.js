// @ts-check
// Which canned replies fit what is looked for. Pure.
import { fold } from '../core/text_match.js'

/** @typedef {import('../core/types.js').Attachment} Attachment */
/**
 * A canned reply as a server that knows folders, files and owners tells it; one that does not leaves them
 * out.
 * @typedef {{id: number, shortcut: string, content: string, folder?: string | null, is_shared?: boolean,
 *   attachments?: Attachment[]}} Canned
 */

/** @param {Canned[]} all @param {string} query @param {'all' | 'team' | 'mine'} whose */
export function found(all, query, whose) {
  const words = fold(query).split(/\s+/).filter(Boolean)
  return all
    .filter(each => whose === 'all' || (whose === 'team') === (each.is_shared !== false))
    .filter(each => {
      const text = fold(`${each.shortcut} ${each.content} ${each.folder ?? ''}`)
      return words.every(word => text.includes(word))
    })
    .sort((a, b) => (a.folder ?? '').localeCompare(b.folder ?? '') || a.shortcut.localeCompare(b.shortcut))
}
