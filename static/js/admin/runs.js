// @ts-check
// The runs of a flow: what each did, as it does it; starting one by hand, and stopping one.
import { get, post } from '../core/api.js'
import { h, show } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { showError, toast } from '../core/toast.js'
import { field, form } from '../core/form.js'
import { signal } from '../core/signal.js'
import { moment, since } from '../core/time.js'
import { named, t } from '../core/words.js'
import { listed, listing } from './listing.js'
import { table } from './table.js'
import { whileOpen } from './watch.js'

export const GOES_ON = ['running', 'waiting', 'waiting_for_answer']
const TONE = /** @type {Record<string, string>} */ ({ failed: 'bad', done: 'good' })

/** What a flow did, the newest first. @param {any} it @param {() => void} again what shows how many there are */
export function runs(it, again) {
  const all = listing(cursor => get(`/flows/${it.id}/runs`, { limit: 50, cursor }))
  all.load()
  const title = t('flows.runs_title', { name: it.name })
  dialog(
    title,
    () => {
      whileOpen(all, run => GOES_ON.includes(run.status))
      return h(
        'div.form',
        starter(it, all.load),
        h(
          'div',
          listed(
            all,
            h('p', t('flows.no_runs')),
            table(
              title,
              [
                { words: t('flows.begun'), of: run => since(run.created_at) },
                {
                  words: t('flows.conversation'),
                  of: run =>
                    h(
                      'a',
                      { href: `/?view=all&status=any&c=${run.conversation_id}` },
                      `#${run.conversation_id}`,
                    ),
                },
                {
                  words: t('flows.run_state'),
                  of: run =>
                    h(
                      'span',
                      { class: `state-mark ${TONE[run.status] ?? ''}` },
                      named('flow_run', run.status),
                    ),
                },
                { words: t('flows.did'), of: did, kind: 'wrap' },
                {
                  words: '',
                  kind: 'acts',
                  of: run =>
                    GOES_ON.includes(run.status) &&
                    h(
                      'button.button.small',
                      { type: 'button', onclick: () => stop(run, all.load) },
                      t('flows.stop'),
                    ),
                },
              ],
              all.rows,
            ),
          ),
        ),
      )
    },
    'wide',
  ).then(again)
}

/** The steps it took, with what came of them; where it waits, until when; why it failed. @param {any} run */
function did(run) {
  const steps = (run.steps ?? [])
    .map(
      (/** @type {any} */ step) =>
        `${step.step + 1}. ${named('flow_step', step.kind)}${step.outcome ? ` (${named('flow_outcome', step.outcome)})` : ''}`,
    )
    .join(' → ')
  return [
    h('bdi', steps || '–'),
    run.error?.message && h('p.bad', { dir: 'auto' }, run.error.message),
    GOES_ON.includes(run.status) && run.due_at && run.status !== 'running'
      ? h('p.note-line', t('flows.until', { when: moment(run.due_at) }))
      : null,
  ]
}

/** @param {any} run @param {() => void} again */
async function stop(run, again) {
  try {
    await post(`/flow-runs/${run.id}/stop`)
    toast(t('flows.stopped'), { tone: 'good' })
    again()
  } catch (problem) {
    showError(problem)
  }
}

/** Starting by hand, in one of the conversations that were last spoken in. @param {any} it @param {() => void} again */
function starter(it, again) {
  const chats = signal(/** @type {any[] | null} */ (null)),
    more = signal(false)
  let asked = 0
  /** @type {any} */
  let pause = null
  async function look() {
    const mine = ++asked
    try {
      const answer = await get('/conversations', { kind: 'customer', q: find.value.trim(), limit: 50 })
      if (mine !== asked) return
      more.set(!!answer.next_cursor)
      chats.set(answer.items)
    } catch (problem) {
      if (mine !== asked) return
      chats.set([])
      showError(problem)
    }
  }
  const find = h('input', {
    type: 'search',
    placeholder: t('start_in.find'),
    'aria-label': t('start_in.find'),
    oninput: () => {
      clearTimeout(pause)
      pause = setTimeout(look, 180)
    },
  })
  look()
  const chosen = show(h('div'), () => {
    const all = chats()
    if (!all) return null
    if (!all.length) return h('p.note-line', t(find.value.trim() ? 'start_in.none' : 'flows.no_conversation'))
    const nameOf = (/** @type {any} */ each) =>
      `${each.customer?.name ?? each.customer?.external_id ?? t('person.nameless')} · ${each.channel_name} · #${each.id}`
    return form(
      [
        field(t('flows.start_in'), {
          name: 'conversation_id',
          value: String(all[0].id),
          options: all.map(each => /** @type {[string, string]} */ ([String(each.id), nameOf(each)])),
        }),
      ],
      t('flows.start'),
      async values => {
        await post(`/flows/${it.id}/runs`, { conversation_id: Number(values.conversation_id) })
        again()
      },
    )
  })
  return h(
    'div',
    h('div.field', find),
    h('p.note-line', { role: 'status', hidden: () => !more() }, t('start_in.more')),
    chosen,
  )
}
