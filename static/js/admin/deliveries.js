// @ts-check
// What we owe customers and what became of it, with the platform's own words; and what came in and was not understood.
import { get, post } from '../core/api.js'
import { h, icon, show } from '../core/dom.js'
import { toast, troubled } from '../core/float.js'
import { effect, signal, untracked } from '../core/signal.js'
import { ago, full } from '../core/time.js'
import { named, t } from '../core/words.js'

const STATUSES = ['', 'queued', 'sending', 'sent', 'failed', 'unconfirmed', 'cancelled']
const TONE = /** @type {Record<string, string>} */ ({ sent: 'good', failed: 'bad', unconfirmed: 'warn' })

/** @param {() => import('../core/types.js').Channel[]} channels */
export function deliveriesPage(channels) {
  const status = signal(''), rows = signal(/** @type {any[]} */ ([])), next = signal(/** @type {string | null} */ (null)), state = signal('loading')
  const strange = signal(/** @type {any[]} */ ([]))
  async function load(/** @type {string | null} */ cursor = null) {
    const wanted = status.peek()
    try {
      const answer = await get('/deliveries', { status: wanted, limit: 50, cursor })
      if (wanted !== status.peek()) return
      rows.set(cursor ? [...rows.peek(), ...answer.items] : answer.items)
      next.set(answer.next_cursor)
      state.set('ready')
    } catch (/** @type {any} */ problem) { state.set(problem.message) }
  }
  effect(() => { status(); untracked(() => load()) })
  const look = () => get('/quarantine', { limit: 50 }).then(answer => strange.set(answer.items)).catch(troubled)
  look()
  const names = ['when', 'channel', 'status', 'attempts', 'reason']
  return h('div', h('header.top', h('h1', t('admin.deliveries'))),
    h('div.views', { role: 'group', 'aria-label': t('deliveries.which') }, ...STATUSES.map(each => h('button', { type: 'button', 'aria-pressed': () => String(status() === each), onclick: () => status.set(each) }, each ? named('delivery', each) : t('deliveries.all')))),
    h('section.card', show(h('p.note-line', { hidden: () => state() === 'ready' && rows().length > 0 }), () => [state() === 'ready' ? t('deliveries.none') : state() === 'loading' ? t('form.busy') : state()]),
      h('div.scroll-x', { tabindex: '0', role: 'region', 'aria-label': t('admin.deliveries'), hidden: () => !rows().length }, h('table',
        h('thead', h('tr', ...names.map(name => h('th', { scope: 'col' }, t(`deliveries.${name}`))), h('th', { scope: 'col' }, h('span.hidden-text', t('common.more'))))),
        show(h('tbody'), () => rows().map(it => row(it, channels(), load))))),
      h('button.button', { type: 'button', hidden: () => !next(), onclick: () => load(next.peek()) }, t('common.more'))),
    h('section.card', { hidden: () => !strange().length }, h('h2', t('deliveries.quarantine')), h('p.note-line', t('deliveries.quarantine_about')),
      show(h('ul.strange'), () => strange().map(it => h('li', h('time', { datetime: it.received_at ?? it.created_at, title: full(it.received_at ?? it.created_at) }, ago(it.received_at ?? it.created_at)), h('b', named('channel', it.channel_kind ?? it.kind)), h('span', it.reason ?? it.error ?? ''),
        h('span.row', h('button.button.small', { type: 'button', onclick: () => replay(it, look) }, icon('retry'), t('deliveries.replay'))))))))
}

/** @param {any} it @param {() => void} again */
async function replay(it, again) {
  try {
    const answer = await post(`/quarantine/${it.id}/replay`)
    toast(t(answer?.outcome === 'quarantined' ? 'deliveries.still' : 'deliveries.done'), { tone: answer?.outcome === 'quarantined' ? 'bad' : 'good' })
    again()
  } catch (problem) { troubled(problem) }
}
/** @param {any} it @param {import('../core/types.js').Channel[]} channels @param {() => Promise<void>} again */
function row(it, channels, again) {
  const channel = channels.find(each => each.id === it.channel_id)
  const act = async (/** @type {string} */ action) => { try { await post(`/messages/${it.message_id}/retry`, { action }); toast(t('deliveries.done'), { tone: 'good' }); await again() } catch (problem) { troubled(problem) } }
  const reason = typeof it.error === 'string' ? it.error : it.error?.message ?? it.reason ?? ''
  return h('tr', h('td', h('time', { datetime: it.created_at, title: full(it.created_at) }, ago(it.created_at))), h('td', channel?.name ?? named('channel', it.channel_kind)),
    h('td', h('span', { class: `state-mark ${TONE[it.status] ?? ''}` }, named('delivery', it.status))), h('td', String(it.attempts?.length ?? it.attempts ?? '')),
    h('td.wrap', { dir: 'auto' }, reason || (it.next_attempt_at && it.status === 'queued' ? t('deliveries.next', { when: full(it.next_attempt_at) }) : '')),
    h('td', h('span.row', it.conversation_id && h('a.button.small', { href: `/?view=all&status=any&c=${it.conversation_id}` }, t('deliveries.open')),
      (it.status === 'failed' || it.status === 'unconfirmed') && h('button.button.small', { type: 'button', onclick: () => act('resend') }, icon('retry'), t('common.retry')),
      it.status === 'unconfirmed' && h('button.button.small', { type: 'button', onclick: () => act('mark_sent') }, t('unconfirmed.mark_sent')))))
}
