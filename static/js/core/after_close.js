// @ts-check
// What opens when a conversation has left the list by what one did with it.

const KEPT = 'rapport.onward'
export const WAYS = ['next', 'previous', 'stay']

export const afterClose = {
  get value() {
    try {
      const kept = localStorage.getItem(KEPT) ?? ''
      return WAYS.includes(kept) ? kept : WAYS[0]
    } catch {
      return WAYS[0]
    }
  },
  set value(way) {
    try {
      localStorage.setItem(KEPT, way)
    } catch {
      /* this page only */
    }
  },
}
