// @ts-check
// Choosing an approved message for a customer: found by words and language, those that cannot be sent just
// now greyed, at the moment in which they are stopped. What is chosen is filled in by template_form.js.
import { all, messageOf } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { computed, onCleanup, signal, untracked } from '../core/signal.js'
import { stylesheet } from '../core/stylesheet.js'
import { found, isForeign, languagesOf } from '../core/template_parts.js'
import { moreWords, t } from '../core/words.js'
import { templateForm } from './template_form.js'

await Promise.all([moreWords(), stylesheet('inbox_dialogs')])

/** @typedef {import('../core/template_parts.js').Template} Template */
/** @typedef {import('../core/types.js').Message} Message */
/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */
/**
 * @typedef {object} Choosing
 * @property {Signal<Template[] | null>} rows null: not here yet
 * @property {Signal<string>} trouble
 * @property {Signal<string>} words
 * @property {Signal<string>} language
 * @property {Signal<Template | null>} chosen
 */

/**
 * @param {import('./session.js').Session} session
 * @param {number} id
 * @param {(sent: Message) => void} sent
 */
export function chooseTemplate(session, id, sent) {
  const channel = session.store.peekConversation(id)?.channel_id
  return dialog(
    t('template.title'),
    close => {
      const choosing = {
        rows: signal(/** @type {Template[] | null} */ (null)),
        trouble: signal(''),
        words: signal(''),
        language: signal(''),
        chosen: signal(/** @type {Template | null} */ (null)),
      }
      keepFresh(session, channel, choosing)
      const done = (/** @type {Message} */ made) => {
        sent(made)
        close()
      }
      return show(h('div.templates'), () => {
        const one = choosing.chosen()
        return untracked(() => (one ? [filling(id, one, choosing, done)] : chooser(choosing)))
      })
    },
    'wide',
    { guards: true },
  )
}

/**
 * Read when it is opened, and again whenever the server tells of a change: nothing is shown as it was.
 * @param {import('./session.js').Session} session
 * @param {number | null | undefined} channel
 * @param {Choosing} choosing
 */
function keepFresh(session, channel, { rows, trouble }) {
  const read = () =>
    all(`/channels/${channel}/templates`)
      .then(items => {
        trouble.set('')
        rows.set(items)
      })
      .catch(problem => trouble.set(messageOf(problem)))
  read()
  onCleanup(session.link.on('templates_updated', read))
  session.back.add(read)
  onCleanup(() => session.back.delete(read))
}

/**
 * @param {number} id @param {Template} one @param {Choosing} choosing @param {(made: Message) => void} done
 */
function filling(id, one, { rows, chosen }, done) {
  const isOff = () => !(rows()?.find(each => each.id === one.id)?.can_be_sent ?? false)
  return templateForm(id, one, isOff, { done, back: () => chosen.set(null) })
}

/** @param {Choosing} choosing */
function chooser(choosing) {
  const { rows, trouble, words, language } = choosing
  const languages = computed(() => languagesOf(rows() ?? []))
  // A language that is chosen and is no longer there must not empty the list.
  const within = () => (languages().includes(language()) ? language() : '')
  const shown = computed(() => found(rows() ?? [], words(), within()))
  return [
    h(
      'div.row',
      h('input', {
        type: 'search',
        'aria-label': t('template.search'),
        placeholder: t('template.search'),
        autofocus: true,
        value: words.peek(),
        oninput: (/** @type {{currentTarget: HTMLInputElement}} */ event) =>
          words.set(event.currentTarget.value),
      }),
      languageSelect(languages, language),
    ),
    h('p.trouble', { role: 'alert', hidden: () => !trouble() }, icon('alert'), h('span', trouble)),
    h('p.hint', { hidden: () => rows() != null || !!trouble() }, t('template.loading')),
    h('p.hint', { hidden: () => rows()?.length !== 0 }, t('template.none')),
    h('p.hint', { hidden: () => !rows()?.length || shown().length > 0 }, t('template.nothing_found')),
    show(h('ul.choices'), () => shown().map(each => choice(each, choosing))),
  ]
}

/** @param {() => string[]} languages @param {Signal<string>} language */
const languageSelect = (languages, language) =>
  show(
    h('select', {
      'aria-label': t('template.language'),
      hidden: () => languages().length < 2,
      onchange: (/** @type {{currentTarget: HTMLSelectElement}} */ event) =>
        language.set(event.currentTarget.value),
    }),
    () =>
      ['', ...languages()].map(code =>
        h('option', { value: code, selected: code === language() }, code || t('template.every_language')),
      ),
  )

/** @param {Template} each @param {Choosing} choosing */
function choice(each, { chosen }) {
  const why = whyNot(each)
  return h(
    'li',
    h(
      'button',
      { type: 'button', disabled: !!why, onclick: () => chosen.set(each) },
      h(
        'span',
        h('b', { dir: 'auto' }, each.title || each.name),
        h('small', { dir: 'auto' }, [each.language, why, each.body].filter(Boolean).join(' · ')),
      ),
    ),
  )
}

/** @param {Template} each */
function whyNot(each) {
  if (!each.can_be_sent) return t('template.state', { state: each.status.replaceAll('_', ' ').toLowerCase() })
  return isForeign(each.content) ? t('template.foreign') : ''
}
