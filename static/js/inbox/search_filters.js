// @ts-check
// Narrowing a search: the days, the person, the channel. Fetched when somebody does.
import { all, get } from '../core/api.js'
import { formDialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { field } from '../core/form.js'
import { flush, signal } from '../core/signal.js'
import { moreWords, t } from '../core/words.js'
import { valuesOf } from './list_filter.js'
import { go, place } from './url_state.js'

await moreWords()

const PAUSE = 180

/** @typedef {import('./session.js').Session} Session */
/** @typedef {{id: number, name: string}} Who */
/**
 * @typedef {{id: number, name?: string | null, username?: string | null, external_id?: string | null}} Customer
 */

/** @param {Customer} customer @returns {Who} */
const whoOf = customer => ({
  id: customer.id,
  name: customer.name || customer.username || customer.external_id || t('person.nameless'),
})

/**
 * @param {Session} session
 * @param {import('../core/types.js').Channel[] | null} known null: not asked yet
 * @param {HTMLElement} find gets the focus back
 */
export async function openSearchFilters(session, known, find) {
  const channels = known ?? /** @type {import('../core/types.js').Channel[]} */ (await all('/channels'))
  const here = place.peek()
  const person = personField(session, here.who)
  const channel = field(t('narrow.channel'), {
    name: 'channel',
    value: valuesOf(here.channel)[0] ?? '',
    options: [
      ['', t('list.every_channel')],
      .../** @type {[string, string][]} */ (channels.map(each => [String(each.id), each.name])),
    ],
  })
  const fields = [dayFields(here), person.box, channel]
  const is = await formDialog(
    t('narrow.title'),
    fields,
    t('narrow.action'),
    async values => {
      const { from, to, channel: chosen } = values
      go({ from, to, channel: chosen, who: person.who.peek()?.id ?? null })
    },
    { kind: 'bare', guards: false },
  )
  // On a phone its keyboard would cover what was found.
  if (is && matchMedia('(hover: hover)').matches) find.focus()
}

/** The first and the last day, in this order. @param {{from: string, to: string}} here */
function dayFields(here) {
  const from = field(t('narrow.from'), { name: 'from', type: 'date', value: here.from, autofocus: true })
  const to = field(t('narrow.to'), { name: 'to', type: 'date', value: here.to, hint: t('narrow.days_hint') })
  const [first, last] = [from, to].map(each => /** @type {HTMLInputElement} */ (each.querySelector('input')))
  const isTurned = () => !!first.value && !!last.value && last.value < first.value
  const judge = () => last.setCustomValidity(isTurned() ? t('narrow.turned') : '')
  return h('div.pair', { oninput: judge }, from, to)
}

/** Who it is about: looked for by name or number, the one of the open conversation first. */
class PersonSearch {
  found = signal(/** @type {Who[]} */ ([]))
  #asked = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause
  /** @type {Who[]} */
  #usual

  /** @param {Who[]} usual those of whom nothing is typed */
  constructor(usual) {
    this.#usual = usual
    this.found.set(usual)
  }

  /** @param {string} q */
  soon(q) {
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => this.look(q), PAUSE)
  }

  /** @param {string} q */
  async look(q) {
    clearTimeout(this.#pause)
    const mine = ++this.#asked
    if (!q) return this.found.set(this.#usual)
    const answer = await get('/search', { q, limit: 1 }).catch(() => null)
    if (mine !== this.#asked || !answer) return
    const items = /** @type {{customer: Customer | null}[]} */ (answer.items)
    this.found.set(items.flatMap(each => (each.customer ? [whoOf(each.customer)] : [])))
  }
}

/** The person a search is narrowed to, with their name once it is known. @param {number | null} id */
function chosenPerson(id) {
  const who = signal(/** @type {Who | null} */ (id ? { id, name: t('person.nameless') } : null))
  if (id)
    get(`/customers/${id}`)
      .then(it => {
        if (who.peek()?.id === id) who.set(whoOf(it))
      })
      .catch(() => {})
  return who
}

/** @param {Session} session @param {number | null} chosen */
function personField({ store }, chosen) {
  const open = store.peekConversation(place.peek().c ?? 0)?.customer
  const who = chosenPerson(chosen)
  const search = new PersonSearch(open ? [whoOf(open)] : [])
  const input = personInput(search, each => take(each))
  const chip = h(
    'button.chip',
    { type: 'button', onclick: () => take(null) },
    h('span', { dir: 'auto' }, () => who()?.name ?? ''),
    icon('close', t('list.filter_off')),
  )
  /** @param {Who | null} it */
  function take(it) {
    who.set(it)
    input.value = ''
    flush()
    if (it) return chip.focus()
    search.look('')
    input.focus()
  }
  const choices = show(h('ul.choices'), () =>
    who() ? [] : search.found().map(each => personChoice(each, each.id === open?.id, take)),
  )
  const box = h(
    'div.field',
    h('label', { htmlFor: 'narrow-person' }, t('narrow.person')),
    h('div.chips', { hidden: () => !who() }, chip),
    h('span', { hidden: () => !!who() }, input),
    choices,
    h('p.error'),
  )
  return { box, who }
}

/** @param {PersonSearch} search @param {(it: Who) => void} take @returns {HTMLInputElement} */
function personInput(search, take) {
  const input = h('input', {
    id: 'narrow-person',
    type: 'search',
    autocomplete: 'off',
    placeholder: t('narrow.person_find'),
    oninput: () => search.soon(input.value.trim()),
    // Enter takes the first of those who are called what stands there now.
    onkeydown: async (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Enter' || !input.value.trim()) return
      event.preventDefault()
      await search.look(input.value.trim())
      const [first] = search.found.peek()
      if (first) take(first)
    },
  })
  return input
}

/** @param {Who} each @param {boolean} isHere of the open conversation @param {(it: Who) => void} take */
const personChoice = (each, isHere, take) =>
  h(
    'li',
    h(
      'button',
      { type: 'button', onclick: () => take(each) },
      icon('person'),
      h('span', h('b', { dir: 'auto' }, each.name), isHere && h('small', t('narrow.here'))),
    ),
  )
