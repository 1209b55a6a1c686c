// @ts-check
// What goes in place of words: a place on the map, a card with somebody's number.
import { post } from '../core/api.js'
import { dialog } from '../core/dialog.js'
import { field, form } from '../core/form.js'
import { moreWords, t } from '../core/words.js'

await moreWords()

/**
 * What each form asks, and what it makes of the answers.
 * @type {Record<string, {fields: () => HTMLElement[], make: (said: Record<string, string>) => Record<string, unknown>}>}
 */
const FORMS = {
  location: {
    fields: () => [
      field(t('enclose.point'), {
        name: 'point',
        required: true,
        autofocus: true,
        placeholder: '52.5163, 13.3777',
      }),
      field(t('enclose.name'), { name: 'name' }),
      field(t('enclose.address'), { name: 'address' }),
    ],
    make: said => {
      const [latitude, longitude] = pointOf(said.point)
      return { location: { latitude, longitude, name: said.name || null, address: said.address || null } }
    },
  },
  contact: {
    fields: () => [
      field(t('enclose.person'), { name: 'name', required: true, autofocus: true }),
      field(t('enclose.phone'), { name: 'phone', type: 'tel', required: true }),
      field(t('enclose.organization'), { name: 'organization' }),
    ],
    make: said => ({
      contacts: [{ name: said.name, phones: [said.phone], organization: said.organization || null }],
    }),
  },
}

/**
 * Degrees, as they stand in a map's address or are copied from one.
 * @param {string} text
 * @returns {number[]}
 */
export function pointOf(text) {
  const found =
    text.match(/mlat=(-?[\d.]+)&mlon=(-?[\d.]+)/) ??
    text.match(/@(-?[\d.]+),(-?[\d.]+)/) ??
    text.match(/(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)/)
  if (!found) throw new Error(t('enclose.no_point'))
  return [Number(found[1]), Number(found[2])]
}

/**
 * @param {string} what location, contact
 * @param {number} id of the conversation
 * @param {(sent: import('../core/types.js').Message | null) => void} sent
 */
export const enclose = (what, id, sent) =>
  dialog(t(`kind.${what}`), close =>
    form(
      FORMS[what].fields(),
      t('composer.send'),
      async said => {
        const body = { message_type: what, details: FORMS[what].make(said), client_id: crypto.randomUUID() }
        sent(await post(`/conversations/${id}/messages`, body))
        close()
      },
      { cancel: () => close() },
    ),
  )
