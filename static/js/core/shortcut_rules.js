// @ts-check
// Which key may do what: never one that another act has, nor one that the browser, writing or walking needs.
import { keysOf } from './shortcuts.js'

/** @typedef {import('./shortcuts.js').Shortcut} Shortcut */

/** Keys with a name of their own that do nothing else where nobody types. */
const NAMED = /^(?:(?:Mod|Alt|Shift)\+)*(?:Home|End|PageUp|PageDown|Insert|F[1-4]|F[7-9]|F10)$/
/** With Ctrl or Alt also the arrows. */
const HELD = /^(?:Mod\+|Alt\+|Mod\+Alt\+)(?:Shift\+)?(?:[^\s+]|Arrow(?:Up|Down)|Home|End|PageUp|PageDown)$/
/** One sign that one sees, or two after each other. */
const SIGNS = /^[^\s](?: [^\s])?$/
/** What browsers keep for themselves or people expect everywhere, and what marks words and sends. */
const NEEDED = new Set(
  'Mod+c Mod+v Mod+x Mod+w Mod+t Mod+n Mod+r Mod+l Mod+p Mod+q Mod+f Mod++ Mod+- Mod+0 Mod+b Mod+i Mod+Alt+n'.split(
    ' ',
  ),
)

/** Whether a key can be one of ours at all. @param {string} key */
export const isPossible = key =>
  (SIGNS.test(key) || HELD.test(key) || NAMED.test(key)) && !NEEDED.has(key) && !key.includes('Dead')

/**
 * Which other act has this key, or one that could not be told from it: `g` from `g a`.
 * @param {string} key
 * @param {Shortcut} wanted
 * @param {Shortcut[]} table
 */
export const ownerOf = (key, wanted, table) =>
  table.find(each => each !== wanted && keysOf(each).some(one => isLike(one, key)))

/** @param {string} one @param {string} other */
const isLike = (one, other) => one === other || one.startsWith(`${other} `) || other.startsWith(`${one} `)
