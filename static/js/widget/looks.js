// @ts-check
// How the visitor's frame looks: in the colour and the theme of the page around it. Of a colour only its hue
// is taken; how light and how strong things are stays ours, so that words can be read on every colour.

/** Below this a colour is a grey, and has no hue to take. */
const GREY = 0.03

/**
 * The hue of `#rgb` or `#rrggbb` in OKLCH, in degrees; nothing of a grey or of what is no colour.
 * @param {string} color
 * @returns {number | null}
 */
export function hueOf(color) {
  const digits = /^#([0-9a-f]{3,8})$/i.exec(color)?.[1] ?? ''
  const parts = digits.length < 6 ? [...digits.slice(0, 3)].map(one => one + one) : digits.match(/../g)
  if (!parts || parts.length < 3) return null
  const [r, g, b] = parts.slice(0, 3).map(linear)
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s
  const c = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  if (Math.hypot(a, c) < GREY) return null
  return Math.round(((Math.atan2(c, a) * 180) / Math.PI + 360) % 360)
}

/** @param {string} pair two hexadecimal digits */
function linear(pair) {
  const part = parseInt(pair, 16) / 255
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}

/** @param {string | null} color */
export function wearColor(color) {
  const hue = hueOf(color ?? '')
  if (hue !== null) document.documentElement.style.setProperty('--hue', String(hue))
}

/** Light, dark, or what the visitor's system says. @param {string | null | undefined} theme */
export function wearTheme(theme) {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  else delete document.documentElement.dataset.theme
}
