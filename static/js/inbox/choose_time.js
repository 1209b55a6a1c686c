// @ts-check
// The hours one usually means by «later».

/** The hours one usually means by «later». */
export function soon(from = new Date()) {
  const at = (/** @type {number} */ days, /** @type {number} */ hour) =>
    new Date(from.getFullYear(), from.getMonth(), from.getDate() + days, hour)
  const monday = (8 - from.getDay()) % 7 || 7
  return [
    ['hour', new Date(+from + 3_600_000)],
    ['evening', at(0, 18)],
    ['tomorrow', at(1, 9)],
    ['monday', at(monday, 9)],
  ].filter(([, when]) => +when > +from + 60_000)
}
