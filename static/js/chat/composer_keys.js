// @ts-check
// The keys of the reply box: what sends, what marks words, what goes back.

/** What follows the sending. @typedef {'close' | 'snooze' | undefined} Then */
/**
 * @typedef {object} KeyActs
 * @property {(then?: Then) => void} submit
 * @property {boolean} [canFollow]     whether something can follow the sending
 * @property {() => boolean} hasMarks  whether marks mean something here
 * @property {() => boolean} isQuoting
 * @property {() => void} unquote
 * @property {() => void} [editLast]
 */

/** On a phone's keyboard Enter makes a line, as everywhere else there; the button sends. */
const touch = () => matchMedia('(hover: none) and (pointer: coarse)').matches

/**
 * What a key does in the box; null: what the browser does.
 * @param {Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>} event
 * @param {import('./composer_box.js').Box} box @param {KeyActs} acts
 * @returns {(() => void) | null}
 */
export function actOf(event, box, acts) {
  const isMod = event.ctrlKey || event.metaKey
  if (event.key === 'Enter') return enter(event, isMod, acts)
  if (event.key === 'Escape' && acts.isQuoting()) return acts.unquote
  if (isMod && !event.altKey && !event.shiftKey && acts.hasMarks()) {
    const sign = { b: '*', i: '_' }[event.key.toLowerCase()]
    if (sign) return () => box.mark(sign)
  }
  const isBare = !event.altKey && !isMod && !event.shiftKey
  return event.key === 'ArrowUp' && isBare && !box.area.value && acts.editLast ? acts.editLast : null
}

/** @param {Pick<KeyboardEvent, 'shiftKey' | 'altKey'>} event @param {boolean} isMod @param {KeyActs} acts */
function enter({ shiftKey, altKey }, isMod, { submit, canFollow }) {
  if (isMod && shiftKey && canFollow) return () => submit('close')
  if (isMod && altKey && canFollow) return () => submit('snooze')
  return shiftKey || (touch() && !isMod) ? null : () => submit()
}

/** @param {import('./composer_box.js').Box} box @param {KeyActs} acts */
export function listen(box, acts) {
  box.area.addEventListener('keydown', event => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
    const act = actOf(event, box, acts)
    if (!act) return
    event.preventDefault()
    act()
  })
}
