// @ts-check
// The fields of a step that says an approved message: which one, and what goes into its places. Templates are
// asked for when such a step is looked at.
import { all } from '../core/api.js'
import { h, show } from '../core/dom.js'
import { signal, untracked } from '../core/signal.js'
import { messageOf, placesOf, valuesIn } from '../core/template_parts.js'
import { showError } from '../core/toast.js'
import { t } from '../core/words.js'
import { templateFile } from '../chat/template_file.js'
import { kindOf } from './channel_kinds.js'
import { touch } from './flow_desk.js'
import { input, select } from './flow_inputs.js'

/** @typedef {import('./types.js').Step} Step */
/** @typedef {import('./flow_desk.js').Desk} Desk */
/** @typedef {import('../core/template_parts.js').Template} Template */

/** @param {Desk} desk @param {Step} step */
export function templateFields(desk, step) {
  const known = signal(/** @type {Template[] | null} */ (null))
  const chosen = signal(keyOf(step.template))
  templates().then(found => known.set(found), showError)
  const choose = (/** @type {string} */ key) => {
    const one = known.peek()?.find(each => keyOf(each) === key)
    step.template = one ? messageOf(one, {}) : { name: '', language: '' }
    chosen.set(key)
  }
  const which = show(h('div'), () => {
    const found = known()
    return untracked(() => [chooser(desk, found, chosen.peek(), choose)])
  })
  const values = show(h('div'), () => {
    const one = known()?.find(each => keyOf(each) === chosen())
    return untracked(() => (one ? places(desk, step, one) : []))
  })
  return [which, values]
}

/** Those of every channel that has some, each once. @returns {Promise<Template[]>} */
async function templates() {
  /** @type {import('../core/types.js').Channel[]} */
  const channels = await all('/channels')
  const able = channels.filter(each => kindOf(each.kind).abilities?.includes('template'))
  const lists = await Promise.allSettled(able.map(each => all(`/channels/${each.id}/templates`)))
  /** @type {Template[]} */
  const found = lists.flatMap(each => (each.status === 'fulfilled' ? each.value : []))
  return [...new Map(found.map(each => [keyOf(each), each])).values()]
}

/** @param {{name: string, language: string} | undefined} it */
const keyOf = it => (it?.name ? `${it.name} ${it.language}` : '')

/**
 * @param {Desk} desk @param {Template[] | null} found @param {string} value
 * @param {(key: string) => void} choose
 */
function chooser(desk, found, value, choose) {
  const words = (/** @type {Template} */ each) =>
    `${each.title || each.name} · ${each.language}${each.can_be_sent ? '' : ` (${each.status.toLowerCase()})`}`
  const options = (found ?? []).map(each => /** @type {[string, string]} */ ([keyOf(each), words(each)]))
  // What was chosen before is shown even where it is no longer there.
  if (value && !options.some(each => each[0] === value)) options.unshift([value, value])
  return select(desk, {
    words: t('flows.template'),
    value,
    options: [['', t('flows.choose_template')], ...options],
    set: choose,
  })
}

/** @param {Desk} desk @param {Step} step @param {Template} one */
function places(desk, step, one) {
  const values = valuesIn(one.content, step.template?.components)
  const put = (/** @type {string} */ name, /** @type {string} */ value) => {
    values[name] = value
    step.template = messageOf(one, values)
    touch(desk)
  }
  return placesOf(one.content).map(place => {
    const label = t('flows.template_value', {
      name: place.place || t(`template.${place.format ?? place.in}`),
    })
    if (place.in === 'file')
      return templateFile({ name: place.name, label, format: place.format ?? '' }, ({ id }) =>
        put(place.name, String(id)),
      )
    return input(desk, step, {
      words: label,
      name: place.name,
      get: () => values[place.name],
      set: text => put(place.name, text),
      hint: place.example ? t('flows.template_example', { example: place.example }) : undefined,
    })
  })
}
