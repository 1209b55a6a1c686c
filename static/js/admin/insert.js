// @ts-check
// A button that puts a variable into a field of words.
import { h, icon } from '../core/dom.js'
import { menu } from '../core/menu.js'
import { placeOf } from '../core/variables.js'
import { t } from '../core/words.js'

/** @param {() => HTMLTextAreaElement | null | undefined} area @param {string[]} names */
export const insertButton = (area, names) =>
  menu(h('button.button.small.insert', { type: 'button' }, icon('plus'), t('insert.action')), () =>
    names.map(name => ({
      label: t(`insert.${name.replace('.', '_')}`),
      hint: `{{${name}}}`,
      run: () => {
        const into = area()
        if (!into) return
        // The menu gives the focus back to its button first.
        setTimeout(() => {
          into.focus()
          into.setRangeText(placeOf(name, t('insert.there')), into.selectionStart, into.selectionEnd, 'end')
          into.dispatchEvent(new Event('input', { bubbles: true }))
        })
      },
    })),
  )
