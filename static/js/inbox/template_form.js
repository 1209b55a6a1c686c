// @ts-check
// The form of one approved message: a field for each of its places, a file above its words, and beside it how
// the customer will see it. Never which template: that is template_picker.js.
import { post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { field, form } from '../core/form.js'
import { computed, signal } from '../core/signal.js'
import { messageOf, placeOn, placesOf } from '../core/template_parts.js'
import { moment } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'
import { templateFile } from '../chat/template_file.js'
import { templatePreview } from '../chat/template_preview.js'

await moreWords()

/** @typedef {import('../core/template_parts.js').Template} Template */
/** @typedef {import('../core/template_parts.js').Place} Place */
/** @typedef {import('../core/template_parts.js').Values} Values */
/** @typedef {import('../core/types.js').Message} Message */
/** @template T @typedef {import('../core/signal.js').Signal<T>} Signal */
/** @typedef {{values: Signal<Values>, pictures: Signal<Record<string, string>>}} Filled */

/**
 * @param {number} id of the conversation
 * @param {Template} template
 * @param {() => boolean} isOff whether it can no longer be sent
 * @param {{done: (made: Message) => void, back: () => void}} then
 */
export function templateForm(id, template, isOff, then) {
  const values = signal(/** @type {Values} */ ({}))
  const pictures = signal(/** @type {Record<string, string>} */ ({}))
  const places = placesOf(template.content)
  const fields = places.map((place, index) => fieldOf(place, index === 0, { values, pictures }))
  const send = async (/** @type {Record<string, string>} */ said, /** @type {Date | undefined} */ at) => {
    if (isOff()) throw new Error(offWords(template))
    then.done(await sent(id, template, places, { ...values.peek(), ...said }, at))
  }
  const box = form(
    [
      h('p.trouble', { role: 'alert', hidden: () => !isOff() }, icon('alert'), h('span', offWords(template))),
      ...fields,
      templatePreview(template.content, values, name => pictures()[name] ?? null),
    ],
    t('template.send'),
    said => send(said, undefined),
    { cancel: then.back },
  )
  box.querySelector('footer')?.append(laterButton(box, computed(isOff), send))
  box.addEventListener('input', () => values.set({ ...values.peek(), ...saidIn(box) }))
  return box
}

/** @param {Template} template */
const offWords = template => t('template.off', { name: template.title || template.name })

/** @param {HTMLFormElement} box @returns {Record<string, string>} */
const saidIn = box =>
  /** @type {Record<string, string>} */ (
    Object.fromEntries([...new FormData(box)].filter(([, value]) => typeof value === 'string'))
  )

/**
 * @param {number} id @param {Template} template @param {Place[]} places @param {Values} values
 * @param {Date} [at] @returns {Promise<Message>}
 */
async function sent(id, template, places, values, at) {
  const empty = places.find(place => place.in === 'file' && !values[place.name])
  if (empty) throw new Error(t('template.no_file'))
  const lost = places.find(place => place.in === 'location' && !isPlace(values[place.name]))
  if (lost) throw new Error(t('template.no_place'))
  const made = await post(`/conversations/${id}/messages`, {
    client_id: crypto.randomUUID(),
    template: messageOf(template, values),
    ...(at && { send_at: at.toISOString() }),
  })
  if (at) toast(t('later.goes', { when: moment(+at) }))
  return made
}

/** @param {string | undefined} said */
function isPlace(said) {
  const { latitude, longitude } = placeOn(said)
  return Number.isFinite(latitude) && Number.isFinite(longitude)
}

/** @param {Place} place @param {boolean} autofocus @param {Filled} filled */
function fieldOf(place, autofocus, filled) {
  if (place.in === 'file') return fileField(place, filled)
  return field(labelOf(place), {
    name: place.name,
    required: true,
    autofocus,
    autocomplete: 'off',
    placeholder: place.in === 'location' ? '52.5163, 13.3777; Name; Address' : place.example,
    hint: place.in === 'location' ? t('template.place_hint') : undefined,
  })
}

/** @param {Place} place @param {Filled} filled */
const fileField = (place, { values, pictures }) =>
  templateFile({ name: place.name, label: labelOf(place), format: place.format ?? '' }, ({ id, url }) => {
    pictures.set({ ...pictures.peek(), [place.name]: url })
    values.set({ ...values.peek(), [place.name]: String(id) })
  })

/** @param {Place} place */
function labelOf(place) {
  const words = {
    header: () => t('template.field_above', { name: place.place }),
    body: () => t('template.field', { name: place.place }),
    button: () => t('template.field_button', { name: place.place }),
    location: () => t('template.location'),
    file: () => t(`template.${place.format}`),
  }[place.in]()
  return place.card == null ? words : t('template.on_card', { number: place.card + 1, what: words })
}

/**
 * @param {HTMLFormElement} box @param {() => boolean} isOff
 * @param {(said: Record<string, string>, at: Date) => Promise<void>} send
 */
const laterButton = (box, isOff, send) =>
  h(
    'button.button',
    {
      type: 'button',
      disabled: isOff,
      onclick: (/** @type {{currentTarget: HTMLElement}} */ event) => {
        if (!box.reportValidity()) return
        const button = event.currentTarget
        import('./when_picker.js')
          .then(each => each.pickWhen(button, t('later.title'), at => send(saidIn(box), at).catch(showError)))
          .catch(showError)
      },
    },
    icon('clock'),
    t('later.title'),
  )
