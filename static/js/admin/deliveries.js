// @ts-check
// What we owe customers and what became of it, with the platform's own words; and what came in and was not understood.
import { get, post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { showError, toast } from '../core/toast.js'
import { effect, signal, untracked } from '../core/signal.js'
import { full, moment, since } from '../core/time.js'
import { named, number, t } from '../core/words.js'
import { listed, listing } from './listing.js'
import { table } from './table.js'
import { whileOpen } from './watch.js'

const STATUSES = ['', 'queued', 'sending', 'sent', 'failed', 'unconfirmed', 'cancelled']
const TONE = /** @type {Record<string, string>} */ ({ sent: 'good', failed: 'bad', unconfirmed: 'warn' })

/** @param {import('./listing.js').Listing} channels @param {import('../core/signal.js').Signal<string>} wanted the state that the address names */
export function deliveriesPage(channels, wanted) {
  const status = signal(STATUSES.includes(wanted.peek()) ? wanted.peek() : '')
  const rows = listing(cursor =>
    get('/deliveries', {
      status: status.peek() === 'sending' ? 'claimed,sending' : status.peek(),
      limit: 50,
      cursor,
    }),
  )
  const strange = listing(cursor => get('/quarantine', { limit: 50, cursor }))
  const nameOf = (/** @type {any} */ it) =>
    (channels.rows() ?? []).find(each => each.id === it.channel_id)?.name ?? named('channel', it.channel_kind)
  const again = () => {
    rows.load()
    strange.load()
  }
  effect(() => {
    if (STATUSES.includes(wanted())) status.set(wanted())
  })
  effect(() => {
    status()
    untracked(rows.load)
  })
  strange.load()
  whileOpen(rows, it => ['queued', 'claimed', 'sending'].includes(it.status))
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.deliveries')),
      h('button.button', { type: 'button', onclick: again }, icon('retry'), t('common.look_again')),
    ),
    h(
      'div.views',
      { role: 'group', 'aria-label': t('deliveries.which') },
      ...STATUSES.map(each =>
        h(
          'button',
          {
            type: 'button',
            'aria-pressed': () => String(status() === each),
            onclick: () => {
              location.hash = each ? `deliveries/${each}` : 'deliveries'
              status.set(each)
            },
          },
          each ? named('delivery', each) : t('deliveries.all'),
        ),
      ),
    ),
    h(
      'section.card',
      listed(
        rows,
        h('p', t('deliveries.none')),
        table(
          t('admin.deliveries'),
          [
            { words: t('deliveries.when'), of: it => since(it.created_at) },
            { words: t('deliveries.channel'), of: it => h('bdi', nameOf(it)) },
            {
              words: t('deliveries.status'),
              of: it =>
                h('span', { class: `state-mark ${TONE[it.status] ?? ''}` }, named('delivery', it.status)),
            },
            {
              words: t('deliveries.attempts'),
              of: it =>
                it.attempts?.length
                  ? h(
                      'button.link',
                      {
                        type: 'button',
                        'aria-label': t('admin.act', {
                          act: t('deliveries.tries'),
                          name: number(it.attempts.length),
                        }),
                        onclick: () => tries(it),
                      },
                      number(it.attempts.length),
                    )
                  : number(0),
            },
            { words: t('deliveries.reason'), kind: 'wrap', of: reason },
            { words: '', kind: 'acts', of: it => acts(it, rows.load) },
          ],
          rows.rows,
        ),
      ),
    ),
    h(
      'section.card',
      { hidden: () => !strange.rows()?.length && !strange.trouble() },
      h('h2', t('deliveries.quarantine')),
      h('p.note-line', t('deliveries.quarantine_about')),
      listed(
        strange,
        '',
        table(
          t('deliveries.quarantine'),
          [
            { words: t('deliveries.when'), of: it => since(it.received_at) },
            { words: t('deliveries.channel'), of: it => h('bdi', nameOf(it)) },
            { words: t('deliveries.why'), kind: 'wrap', of: it => h('bdi', it.reason ?? '') },
            {
              words: '',
              kind: 'acts',
              of: it =>
                h(
                  'button.button.small',
                  {
                    type: 'button',
                    onclick: (/** @type {any} */ event) => replay(it, again, event.currentTarget),
                  },
                  icon('retry'),
                  t('deliveries.replay'),
                ),
            },
          ],
          strange.rows,
        ),
      ),
    ),
  )
}

/** @param {any} it */
function reason(it) {
  const words = it.error?.message ?? it.error?.code ?? ''
  return words
    ? h('bdi', words)
    : it.status === 'queued' &&
        it.next_attempt_at &&
        t('deliveries.next', { when: moment(it.next_attempt_at) })
}

/** @param {any} it @param {() => void} again */
function acts(it, again) {
  const act = async (/** @type {string} */ action) => {
    try {
      await post(`/messages/${it.message_id}/retry`, { action })
      toast(t(action === 'resend' ? 'deliveries.again' : 'deliveries.done'), { tone: 'good' })
      again()
    } catch (problem) {
      showError(problem)
    }
  }
  return h(
    'span.row',
    it.conversation_id &&
      h('a.button.small', { href: `/?view=all&status=any&c=${it.conversation_id}` }, t('deliveries.open')),
    (it.status === 'failed' || it.status === 'unconfirmed') &&
      h(
        'button.button.small',
        { type: 'button', onclick: () => act('resend') },
        icon('retry'),
        t(it.status === 'failed' ? 'common.retry' : 'unconfirmed.resend'),
      ),
    it.status === 'unconfirmed' &&
      h(
        'button.button.small',
        { type: 'button', onclick: () => act('mark_sent') },
        t('unconfirmed.mark_sent'),
      ),
  )
}

/** Every try with what the platform said to it. @param {any} it */
const tries = it =>
  dialog(
    t('deliveries.tries'),
    () =>
      table(
        t('deliveries.tries'),
        [
          {
            words: t('deliveries.when'),
            of: row => h('time', { datetime: row.started_at }, full(row.started_at)),
          },
          {
            words: t('deliveries.outcome'),
            of: row => named('try_outcome', row.outcome) || t('deliveries.no_outcome'),
          },
          {
            words: t('deliveries.reason'),
            kind: 'wrap',
            of: row => h('bdi', row.message ?? row.code ?? '–'),
          },
        ],
        () => it.attempts,
      ),
    'wide',
  )

/** @param {any} it @param {() => void} again @param {HTMLButtonElement} button */
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
