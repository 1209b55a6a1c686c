// @ts-check
// How a key is called where it is shown.

/** @param {string} key as the table of shortcuts has it: `Mod+k`, `Alt+ArrowDown`, `g a` */
export const keyWords = key =>
  key
    .replace('Arrow', '')
    .replace('Mod', /Mac|iP/.test(navigator.platform) ? '⌘' : 'Ctrl')
    .replace(/\+([a-z])$/, (_, letter) => `+${letter.toUpperCase()}`) // as keyboards write it
