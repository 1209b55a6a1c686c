// @ts-check
// Light, dark, or as the system says; kept for this browser and shared by its tabs.
const KEY = 'rapport.theme'

export const theme = {
  get value() {
    try {
      return localStorage.getItem(KEY) ?? 'system'
    } catch {
      return 'system'
    }
  },
  set value(value) {
    try {
      value === 'system' ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, value)
    } catch {
      /* this page only */
    }
    wear(value)
  },
}

/** @param {string} value */
function wear(value) {
  if (value === 'light' || value === 'dark') document.documentElement.dataset.theme = value
  else delete document.documentElement.dataset.theme
}

wear(theme.value)
addEventListener('storage', event => {
  if (event.key === KEY) wear(theme.value)
})
