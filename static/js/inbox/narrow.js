// @ts-check
// Narrowing a search: the days, the person, the channel. Fetched when somebody does.
import { get } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { field, form } from '../core/form.js'
import { flush, signal } from '../core/signal.js'
import { moreWords, t } from '../core/words.js'
import { go, place } from './place.js'

await moreWords()

const PAUSE = 180

/** @typedef {{id: number, name: string}} Who */
/** @param {any} customer @returns {Who} */
const whoOf = customer => ({
  id: customer.id,
  name: customer.name || customer.username || customer.external_id || t('person.nameless'),
})

/** @param {import('./session.js').Session} session @param {import('../core/types.js').Channel[]} channels @param {HTMLElement} find gets the focus back */
export const narrow = (session, channels, find) =>
  dialog(
    t('narrow.title'),
    close => {
      const here = place.peek()
      const from = field(t('narrow.from'), { name: 'from', type: 'date', value: here.from, autofocus: true }),
        to = field(t('narrow.to'), { name: 'to', type: 'date', value: here.to, hint: t('narrow.days_hint') })
      const [first, last] = [from, to].map(
        each => /** @type {HTMLInputElement} */ (each.querySelector('input')),
      )
      const judge = () =>
        last.setCustomValidity(
          first.value && last.value && last.value < first.value ? t('narrow.turned') : '',
        )
      const person = personField(session, here.who)
      const box = form(
        [
          h('div.pair', from, to),
          person.box,
          field(t('narrow.channel'), {
            name: 'channel',
            value: here.channel,
            options: [
              ['', t('list.every_channel')],
              .../** @type {[string, string][]} */ (channels.map(each => [String(each.id), each.name])),
            ],
          }),
        ],
        t('narrow.action'),
        async values => {
          go({
            from: values.from,
            to: values.to,
            channel: values.channel,
            who: person.who.peek()?.id ?? null,
          })
          close()
          // On a phone its keyboard would cover what was found.
          if (matchMedia('(hover: hover)').matches) find.focus()
        },
        { cancel: () => close() },
      )
      box.addEventListener('input', judge)
      return box
    },
    'bare',
    { guards: false },
  )

/** Who it is about: looked for by name or number, the one of the open conversation first. @param {import('./session.js').Session} session @param {number | null} chosen */
function personField({ store }, chosen) {
  const open = store.peekConversation(place.peek().c ?? 0)?.customer
  const who = signal(/** @type {Who | null} */ (chosen ? { id: chosen, name: t('person.nameless') } : null)),
    found = signal(/** @type {Who[]} */ (open ? [whoOf(open)] : []))
  if (chosen)
    get(`/customers/${chosen}`)
      .then(it => {
        if (who.peek()?.id === chosen) who.set(whoOf(it))
      })
      .catch(() => {})
  let asked = 0
  /** @type {any} */
  let pause = null
  const input = h('input', {
    id: 'narrow-person',
    type: 'search',
    autocomplete: 'off',
    placeholder: t('narrow.person_find'),
    oninput: () => {
      clearTimeout(pause)
      pause = setTimeout(look, PAUSE)
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Enter' && input.value.trim()) {
        event.preventDefault()
        first()
      }
    },
  })
  async function look() {
    const mine = ++asked,
      q = input.value.trim()
    if (!q) return found.set(open ? [whoOf(open)] : [])
    const answer = await get('/search', { q, limit: 1 }).catch(() => null)
    if (mine === asked && answer)
      found.set(
        answer.items
          .filter((/** @type {any} */ each) => each.customer)
          .map((/** @type {any} */ each) => whoOf(each.customer)),
      )
  }
  // Enter takes the first of those who are called what stands there now.
  const first = async () => {
    clearTimeout(pause)
    await look()
    if (found.peek().length) take(found.peek()[0])
  }
  const take = (/** @type {Who | null} */ it) => {
    who.set(it)
    input.value = ''
    flush()
    if (it) chip.focus()
    else {
      look()
      input.focus()
    }
  }
  const choices = show(h('ul.choices'), () =>
    who()
      ? []
      : found().map(each =>
          h(
            'li',
            h(
              'button',
              { type: 'button', onclick: () => take(each) },
              icon('person'),
              h(
                'span',
                h('b', { dir: 'auto' }, each.name),
                each.id === open?.id && h('small', t('narrow.here')),
              ),
            ),
          ),
        ),
  )
  const chip = h(
    'button.chip',
    { type: 'button', hidden: () => !who(), onclick: () => take(null) },
    h('span', { dir: 'auto' }, () => who()?.name ?? ''),
    icon('close', t('list.filter_off')),
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
