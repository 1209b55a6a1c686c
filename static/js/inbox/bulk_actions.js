// @ts-check
// One thing done with several conversations at once, or with everything that matches. Fetched when somebody
// begins to choose.
import { confirm } from '../core/dialog.js'
import { h } from '../core/dom.js'
import { spokenKeys } from '../core/shortcuts.js'
import { computed, effect, signal } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'
import { offerUndo, startJob } from './bulk_jobs.js'
import { changeLabel, changeSeveral } from './change_several.js'
import { assigneePicker, labelPicker, priorityPicker } from './conversation_menus.js'
import { countAll } from './counts.js'
import { query } from './list_filter.js'
import { place } from './url_state.js'
import { pickWhen } from './when_picker.js'

await moreWords()

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./selection.js').Selection} Selection */
/** @typedef {Record<string, unknown>} Sent */

/**
 * The bar above the list while several are chosen.
 * @param {Session} session
 * @param {Selection} selection
 * @param {import('./list_pages.js').ListPages} pages
 */
export function bulkBar(session, selection, pages) {
  const bar = new BulkBar(session, selection, pages)
  return bar.box
}

class BulkBar {
  /** How many match the filter, once it is asked. */
  #matching = signal(0)
  /** What is under way. */
  #job = signal(/** @type {import('./bulk_jobs.js').Job | null} */ (null))
  #session
  #selection
  #pages

  /**
   * @param {Session} session
   * @param {Selection} selection
   * @param {import('./list_pages.js').ListPages} pages
   */
  constructor(session, selection, pages) {
    this.#session = session
    this.#selection = selection
    this.#pages = pages
    const isBusy = () => !!this.#job()
    this.box = h(
      'div.bulk',
      { role: 'group', 'aria-label': t('bulk.label'), hidden: () => !selection.isOn },
      h('b', { role: 'status' }, () => this.#words()),
      this.#allButton(),
      h('div.acts', { hidden: isBusy }, ...this.#actions()),
      this.#progress(),
    )
  }

  get #ids() {
    return [...(this.#selection.chosen.peek() ?? [])]
  }

  #words() {
    if (this.#selection.isEverything()) return t('bulk.everything', { count: this.#matching() })
    return t('bulk.chosen', { count: this.#selection.chosen()?.size ?? 0 })
  }

  /** First all that are here; then, where there are more, all that match, with their number. */
  #allButton() {
    const shown = this.#pages.shown
    const isAll = () => shown().length > 0 && shown().every(id => this.#selection.chosen()?.has(id))
    const isMore = computed(() => isAll() && !!this.#pages.next())
    effect(() => {
      const is = isMore()
      if (this.#selection.isEverything.peek()) return // the number that was told stays
      this.#matching.set(0)
      if (is) this.#count()
    })
    const isOffered = () =>
      !this.#selection.isEverything() && (isAll() ? this.#matching() > 0 : shown().length > 0)
    return h(
      'button.button.small.quiet',
      {
        type: 'button',
        hidden: () => !isOffered(),
        'aria-keyshortcuts': () => spokenKeys('choose_all'),
        onclick: () => (isMore.peek() ? this.#selection.everything() : this.#selection.all(shown.peek())),
      },
      () =>
        isAll()
          ? t('bulk.all_matching', { count: this.#matching() })
          : t('bulk.all_here', { count: shown().length }),
    )
  }

  async #count() {
    try {
      this.#matching.set(await countAll(query(place.peek())))
    } catch (problem) {
      showError(problem)
    }
  }

  #actions() {
    const spam = () => place().status === 'spam'
    return [
      button('status_act.close', () => this.#act({ status: 'closed' })),
      button('assign.action', at =>
        assigneePicker(this.#session, at, undefined, who => this.#act({ assignee_id: who?.id ?? null })),
      ),
      button('team.action', at =>
        import('./conversation_team.js')
          .then(each =>
            each.teamPicker(this.#session, at, undefined, it => this.#act({ team_id: it?.id ?? null })),
          )
          .catch(showError),
      ),
      button('snooze.action', at =>
        pickWhen(at, t('snooze.title'), when =>
          this.#act({ status: 'snoozed', snoozed_until: when.toISOString() }),
        ),
      ),
      button('label.action', at => this.#labels(at)),
      button('priority.action', at => priorityPicker(at, undefined, priority => this.#act({ priority }))),
      h(
        'button.button.small',
        { type: 'button', onclick: () => this.#act({ status: spam() ? 'open' : 'spam' }) },
        () => t(spam() ? 'spam.not' : 'spam.mark'),
      ),
      button('common.cancel', () => this.#selection.end()),
    ]
  }

  /**
   * Several labels, one after the other; what is chosen stays so until the last one.
   * @param {HTMLElement} at
   */
  #labels(at) {
    const ids = this.#ids
    const each = ids.map(id =>
      (this.#session.store.peekConversation(id)?.labels ?? []).map(label => label.id),
    )
    const shared = each[0]?.filter(label => each.every(all => all.includes(label))) ?? []
    const isEverything = this.#selection.isEverything.peek()
    /** Whether something was changed, once all of it has been. */
    let changed = Promise.resolve(false)
    const toggle = (/** @type {number} */ label, /** @type {boolean} */ on) => {
      if (isEverything) return this.#act(on ? { add_label_ids: [label] } : { remove_label_ids: [label] })
      const before = changed
      changed = before.then(async was => (await changeLabel(this.#session, ids, label, on)) || was)
      return changed
    }
    return labelPicker(
      this.#session,
      at,
      isEverything ? [] : shared,
      (label, on) => toggle(label.id, on),
      () => changed.then(is => is && this.#selection.end()),
    )
  }

  /** @param {Sent} sent */
  async #act(sent) {
    if (this.#selection.isEverything.peek()) return this.#actOnAll(sent)
    if (await changeSeveral(this.#session, [[this.#ids, sent]])) this.#selection.end()
  }

  /** Not without a word of how many. @param {Sent} sent */
  async #actOnAll(sent) {
    const expected = this.#matching.peek()
    const text = t('bulk.sure', { count: expected })
    if (
      !(await confirm(
        t('bulk.sure_title'),
        text,
        t('bulk.do_it', { count: expected }),
        sent.status === 'spam',
      ))
    )
      return
    try {
      const job = await startJob(query(place.peek()), expected, sent)
      this.#job.set(job)
      await job.finished()
      offerUndo(this.#session, job, () => this.#pages.load())
      this.#selection.end()
      this.#pages.load()
    } catch (problem) {
      showError(problem)
    } finally {
      this.#job.set(null)
    }
  }

  #progress() {
    const now = () => this.#job()?.progress()
    const words = () => t('bulk.progress', { count: now()?.done ?? 0, total: now()?.total ?? 0 })
    const bar = h('progress', {
      max: () => now()?.total || 1,
      value: () => now()?.done ?? 0,
      'aria-label': words,
    })
    return h(
      'div.progress',
      { hidden: () => !this.#job() },
      bar,
      h('span', words),
      button('bulk.stop', () => this.#job.peek()?.stop().catch(showError)),
    )
  }
}

/** @param {string} name @param {(button: HTMLElement) => unknown} run */
const button = (name, run) =>
  h(
    'button.button.small',
    {
      type: 'button',
      onclick: (/** @type {{currentTarget: HTMLElement}} */ event) => run(event.currentTarget),
    },
    t(name),
  )
