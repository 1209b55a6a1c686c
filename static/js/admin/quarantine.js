// @ts-check
// What came in and was not understood: kept unchanged, and read again when somebody asks.
import { get, post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { paged } from '../core/paged.js'
import { since } from '../core/time.js'
import { showError, toast } from '../core/toast.js'
import { t } from '../core/words.js'
import { listTable, ownView } from './list_table.js'

/** @typedef {import('./types.js').Quarantined} Quarantined */

/** @param {(it: Quarantined) => string} channelOf */
export function quarantineCard(channelOf) {
  /** @type {import('../core/paged.js').Paged<Quarantined>} */
  const list = paged(cursor => get('/quarantine', { limit: 100, cursor }))
  list.load()
  const card = h(
    'section.card',
    { hidden: () => !list.rows()?.length && !list.trouble() },
    h('h2', t('deliveries.quarantine')),
    h('p.note-line', t('deliveries.quarantine_about')),
    listTable({
      label: t('deliveries.quarantine'),
      list,
      none: '',
      view: ownView(),
      columns: columns(channelOf, list.load),
    }),
  )
  return { card, load: list.load }
}

/**
 * @param {(it: Quarantined) => string} channelOf
 * @param {() => unknown} again
 * @returns {import('./table.js').Column<Quarantined>[]}
 */
const columns = (channelOf, again) => [
  { words: t('deliveries.when'), of: it => since(it.received_at), name: 'when', sort: it => it.received_at },
  { words: t('deliveries.channel'), of: it => h('bdi', channelOf(it)), name: 'channel', sort: channelOf },
  {
    words: t('deliveries.why'),
    kind: 'wrap',
    of: it => h('bdi', it.reason ?? ''),
    name: 'why',
    sort: it => it.reason,
  },
  {
    words: '',
    kind: 'acts',
    of: it =>
      h(
        'button.button.small',
        {
          type: 'button',
          onclick: (/** @type {{currentTarget: HTMLButtonElement}} */ event) =>
            replay(it, again, event.currentTarget),
        },
        icon('retry'),
        t('deliveries.replay'),
      ),
  },
]

/** @param {Quarantined} it @param {() => unknown} again @param {HTMLButtonElement} button */
async function replay(it, again, button) {
  button.disabled = true
  try {
    const answer = await post(`/quarantine/${it.id}/replay`)
    const still = answer?.outcome === 'quarantined'
    toast(t(still ? 'deliveries.still' : 'deliveries.read'), { tone: still ? 'bad' : 'good' })
    again()
  } catch (problem) {
    showError(problem)
  } finally {
    button.disabled = false
  }
}
