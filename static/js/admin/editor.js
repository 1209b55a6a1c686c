// @ts-check
// Over 400 lines since it is laid out at 110 columns; to be split by what it does.
// The editor of a flow: its name, what starts it, and its steps. What is wrong is said at the step itself, and nothing
// is sent before it is mended; what only the server can know is shown at the step it names.
import { all, patch, post } from '../core/api.js'
import { each, h, icon } from '../core/dom.js'
import { dialog } from '../core/dialog.js'
import { menu } from '../core/menu.js'
import { field, form } from '../core/form.js'
import { effect, flush, onCleanup, signal } from '../core/signal.js'
import { named, number, t } from '../core/words.js'
import { OF_FLOWS } from '../core/variables.js'
import { insertButton } from './insert.js'
import {
  STATUSES,
  STEP_KINDS,
  badLines,
  blankStep,
  casesOf,
  linesOf,
  namesOf,
  secondsOf,
  spanOf,
  stepOf,
  wordsOf,
} from './steps.js'

const TRIGGERS = ['manual', 'new_conversation', 'keyword', 'webhook']

/** What the steps on the screen share. @typedef {{steps: import('../core/signal.js').Signal<any[]>, users: any[], labels: any[], checks: Set<() => void>, fault: import('../core/signal.js').Signal<{step: any, words: string} | null>}} Desk */

/** @param {any} it none: a new one @param {any[]} channels @param {() => void} again */
export async function edit(it, channels, again) {
  const [users, labels] = await Promise.all(['/users', '/labels'].map(path => all(path).catch(() => [])))
  /** @type {Desk} */
  const desk = {
    steps: signal(structuredClone(it?.steps ?? [blankStep('message')])),
    users,
    labels,
    checks: new Set(),
    fault: signal(/** @type {any} */ (null)),
  }
  const judge = () => {
    for (const check of desk.checks) check()
  }
  const kind = signal(it?.trigger.kind ?? 'manual')
  const keywords = field(t('flows.keywords'), {
    name: 'keywords',
    value: it?.trigger.keywords?.join(', ') ?? '',
    hint: t('flows.keywords_hint'),
    autocomplete: 'off',
  })
  const starts = field(t('flows.starts'), {
    name: 'kind',
    value: kind.peek(),
    options: TRIGGERS.map(each => [each, named('flow_trigger', each)]),
  })
  starts.addEventListener('change', (/** @type {any} */ event) => kind.set(event.target.value))
  dialog(
    t(it ? 'flows.edit' : 'flows.new'),
    close => {
      const list = h('ol.flow-steps', { oninput: judge, onchange: judge })
      each(list, desk.steps, step => stepRow(step, desk, list))
      const before = desk.steps.peek()
      effect(() => {
        const now = desk.steps()
        list.toggleAttribute(
          'data-changed',
          now.length !== before.length || now.some((step, at) => step !== before[at]),
        )
      })
      const adding = menu(h('button.button', { type: 'button' }, icon('plus'), t('flows.add_step')), () =>
        STEP_KINDS.map(each => ({
          label: named('flow_step', each),
          run: () => {
            desk.steps.set([...desk.steps.peek(), blankStep(each)])
            flush()
            ;/** @type {HTMLElement | null | undefined} */ (
              list.lastElementChild?.querySelector('textarea, input, select')
            )?.focus()
          },
        })),
      )
      const box = form(
        [
          field(t('flows.name'), {
            name: 'name',
            required: true,
            value: it?.name ?? '',
            autofocus: true,
            autocomplete: 'off',
          }),
          h(
            'div.pair',
            field(t('flows.channel'), {
              name: 'channel_id',
              value: String(it?.channel_id ?? ''),
              options: [
                ['', t('flows.any_channel')],
                ...channels.map(each => /** @type {[string, string]} */ ([String(each.id), each.name])),
              ],
            }),
            starts,
          ),
          h('div', { hidden: () => kind() !== 'keyword' }, keywords),
          h('h3', t('flows.steps')),
          h('p.note-line', t('flows.steps_about')),
          list,
          h('div.row.start', adding),
        ],
        t('common.save'),
        values =>
          save(it, values, desk).then(() => {
            again()
            close()
          }),
        { cancel: () => close() },
      )
      // Before the form looks whether everything is filled in.
      box.addEventListener(
        'submit',
        () => {
          desk.fault.set(null)
          judge()
        },
        { capture: true },
      )
      return box
    },
    'wide',
  )
}

/** @param {any} it @param {Record<string, string>} values @param {Desk} desk */
async function save(it, values, { steps, fault }) {
  const flow = {
    name: values.name.trim(),
    channel_id: values.channel_id ? Number(values.channel_id) : null,
    trigger: { kind: values.kind, keywords: values.kind === 'keyword' ? wordsOf(values.keywords) : [] },
    steps: steps.peek(),
  }
  try {
    await (it ? patch(`/flows/${it.id}`, flow) : post('/flows', flow))
  } catch (/** @type {any} */ problem) {
    if (problem.code === 'bad_steps') {
      const found = stepOf(problem.message)
      fault.set(found && { step: steps.peek()[found.place], words: found.words })
    }
    throw problem
  }
}

/** Drawn once for a step, and moved with it. @param {any} step changed in place as its fields are @param {Desk} desk @param {HTMLElement} list where all of them are */
function stepRow(step, desk, list) {
  const { steps, fault } = desk
  const place = () => steps().indexOf(step)
  const move = (/** @type {number} */ by) => {
    const all = [...steps.peek()],
      at = all.indexOf(step)
    all.splice(at + by, 0, ...all.splice(at, 1))
    steps.set(all)
    flush()
    const [up, down] = /** @type {NodeListOf<HTMLButtonElement>} */ (
        list.children[at + by].querySelectorAll('.head button')
      ),
      one = by < 0 ? up : down
    ;(one.disabled ? (by < 0 ? down : up) : one).focus()
  }
  const takeOut = () => {
    const at = steps.peek().indexOf(step)
    steps.set(steps.peek().filter(each => each !== step))
    flush()
    const next = /** @type {HTMLElement | null | undefined} */ (
      list.children[Math.min(at, list.children.length - 1)]?.querySelector('.head button:last-child') ??
        list.parentElement?.querySelector('[aria-haspopup=menu]')
    )
    next?.focus()
  }
  const wrong = () => (fault()?.step === step ? (fault()?.words ?? '') : '')
  const act = (
    /** @type {string} */ name,
    /** @type {Node} */ sign,
    /** @type {() => void} */ run,
    disabled = () => false,
  ) =>
    h(
      'button.button.quiet',
      {
        type: 'button',
        disabled,
        'aria-label': () => t(`flows.${name}`, { place: place() + 1 }),
        onclick: run,
      },
      sign,
    )
  return h(
    'li',
    { class: () => (wrong() ? 'wrong' : '') },
    h(
      'div.head',
      h('b', () => `${number(place() + 1)}. ${named('flow_step', step.kind)}`),
      h(
        'span.row',
        act(
          'up',
          upwards(),
          () => move(-1),
          () => place() === 0,
        ),
        act(
          'down',
          icon('down'),
          () => move(1),
          () => place() === steps().length - 1,
        ),
        act('take_out', icon('trash'), takeOut),
      ),
    ),
    h('p.trouble', { hidden: () => !wrong() }, icon('alert'), h('span', { dir: 'auto' }, wrong)),
    ...fieldsOf(step, desk),
    input(
      desk,
      t('flows.step_id'),
      step.id ?? '',
      value => {
        if (value.trim()) step.id = value.trim()
        else delete step.id
      },
      {
        hint: t('flows.step_id_hint'),
        wrong: value =>
          !value.trim()
            ? ''
            : !/^[\w-]{1,40}$/.test(value.trim())
              ? t('flows.id_wrong')
              : namesOf(steps.peek()).filter(name => name === value.trim()).length > 1
                ? t('flows.id_twice')
                : '',
      },
    ),
  )
}

/** Our arrow, turned. */
function upwards() {
  const arrow = icon('down')
  arrow.classList.add('upwards')
  return arrow
}

/** @param {any} step @param {Desk} desk */
function fieldsOf(step, desk) {
  const span = (
    /** @type {string} */ name,
    /** @type {string} */ words,
    needed = () => true,
    counts = () => true,
  ) =>
    input(
      desk,
      words,
      spanOf(step[name]),
      value => {
        step[name] = secondsOf(value)
      },
      {
        hint: t('flows.span_hint'),
        wrong: value =>
          counts() && (value.trim() ? !secondsOf(value) : needed()) ? t('flows.span_wrong') : '',
        required: name === 'seconds',
      },
    )
  const word = (
    /** @type {string} */ name,
    /** @type {string} */ words,
    wrong = (/** @type {string} */ _) => '',
    hint = '',
  ) =>
    input(
      desk,
      words,
      step[name] ?? '',
      value => {
        step[name] = value.trim() || null
      },
      { wrong, hint },
    )
  const leads = (/** @type {string} */ value) =>
    value.trim() && !namesOf(desk.steps.peek()).includes(value.trim())
      ? t('flows.no_step', { name: value.trim() })
      : ''
  const choice = (
    /** @type {string} */ name,
    /** @type {string} */ words,
    /** @type {[string, string][]} */ options,
    /** @type {(value: string) => any} */ read,
  ) => {
    const box = field(words, { name: '', value: String(step[name] ?? ''), options })
    box.addEventListener('change', (/** @type {any} */ event) => {
      step[name] = read(event.target.value)
    })
    return box
  }
  switch (step.kind) {
    case 'message': {
      const words = area(
        desk,
        t('flows.text'),
        step.text ?? '',
        value => {
          step.text = value
        },
        {
          hint: t('flows.text_hint', { name: '{{name}}', customer: '{{customer.first_name|there}}' }),
          required: !step.attachment_ids?.length,
          wrong: value => (value.trim() || step.attachment_ids?.length ? '' : t('flows.no_words')),
        },
      )
      return [
        words,
        h(
          'div.row.start',
          insertButton(() => words.querySelector('textarea'), OF_FLOWS),
        ),
      ]
    }
    case 'wait':
      return [span('seconds', t('flows.seconds'))]
    case 'wait_for_answer':
      return [
        span('timeout_seconds', t('flows.timeout'), () => !!step.on_timeout),
        word('on_timeout', t('flows.on_timeout'), leads, t('flows.leads_hint')),
        word('save_as', t('flows.save_as'), value =>
          !value.trim() || /^\w{1,40}$/.test(value.trim()) ? '' : t('flows.variable_wrong'),
        ),
      ]
    case 'branch':
      return [
        area(
          desk,
          t('flows.cases'),
          linesOf(step.cases),
          value => {
            step.cases = casesOf(value)
          },
          {
            hint: t('flows.cases_hint'),
            required: true,
            wrong: value => {
              const bad = badLines(value)[0],
                lost = step.cases.find((/** @type {any} */ each) => leads(each.go_to))
              return bad
                ? t('flows.line_wrong', { line: bad })
                : !step.cases.length
                  ? t('flows.no_case')
                  : lost
                    ? leads(lost.go_to)
                    : ''
            },
          },
        ),
        word('otherwise', t('flows.otherwise'), leads, t('flows.leads_hint')),
        word('variable', t('flows.variable')),
      ]
    case 'set_status':
      return statusFields(step, choice, span)
    case 'assign':
      return [
        choice(
          'user_id',
          t('flows.user'),
          [
            ['', t('flows.nobody')],
            ...desk.users.map(each => /** @type {[string, string]} */ ([String(each.id), each.full_name])),
          ],
          value => (value ? Number(value) : null),
        ),
      ]
    case 'label':
      step.label_id ??= desk.labels[0]?.id ?? null
      return desk.labels.length
        ? [
            choice(
              'label_id',
              t('flows.label'),
              desk.labels.map(each => [String(each.id), each.name]),
              Number,
            ),
            choice(
              'change',
              t('flows.label_change'),
              ['put', 'remove'].map(each => [each, named('label_change', each)]),
              value => value,
            ),
          ]
        : [h('p.note-line', t('flows.no_label'))]
    case 'hand_to_ai':
      return [
        choice(
          'mode',
          t('ai.mode'),
          ['auto', 'draft'].map(each => [each, t(`ai.${each}`)]),
          value => value,
        ),
        h('p.note-line', t('flows.hand_to_ai_about')),
      ]
    case 'go_to':
      return [
        input(
          desk,
          t('flows.to_step'),
          step.step ?? '',
          value => {
            step.step = value.trim()
          },
          { hint: t('flows.leads_hint'), required: true, wrong: leads },
        ),
      ]
    default:
      return []
  }
}

/** Only what is snoozed is snoozed for a while. @param {any} step @param {(name: string, words: string, options: [string, string][], read: (value: string) => any) => HTMLElement} choice @param {(name: string, words: string, needed: () => boolean, counts: () => boolean) => HTMLElement} span */
function statusFields(step, choice, span) {
  const snoozed = signal(step.status === 'snoozed')
  const status = choice(
    'status',
    t('flows.status'),
    STATUSES.map(each => /** @type {[string, string]} */ ([each, named('status', each)])),
    value => {
      snoozed.set(value === 'snoozed')
      if (value !== 'snoozed') step.snooze_seconds = null
      return value
    },
  )
  return [
    status,
    h(
      'div',
      { hidden: () => !snoozed() },
      span('snooze_seconds', t('flows.snooze'), snoozed.peek, snoozed.peek),
    ),
  ]
}

/** @typedef {{hint?: string, wrong?: (value: string) => string, required?: boolean}} How */

/** @param {Desk} desk @param {string} words @param {string} value @param {(value: string) => void} set @param {How} [how] */
const input = (desk, words, value, set, { hint, wrong, required = false } = {}) =>
  judged(desk, field(words, { name: '', value, hint, required, autocomplete: 'off' }), set, wrong)

/** @param {Desk} desk @param {string} words @param {string} value @param {(value: string) => void} set @param {How} [how] */
const area = (desk, words, value, set, { hint, wrong, required = false } = {}) =>
  judged(desk, field(words, { name: '', value, hint, required, rows: 3 }), set, wrong)

/** A field that keeps its value in the step and is looked at again whenever any of them changes. @param {Desk} desk @param {any} box @param {(value: string) => void} set @param {(value: string) => string} [wrong] */
function judged(desk, box, set, wrong) {
  const inner = box.querySelector('input, textarea')
  inner.addEventListener('input', () => set(inner.value))
  if (!wrong) return box
  const check = () => inner.setCustomValidity(wrong(inner.value))
  desk.checks.add(check)
  onCleanup(() => desk.checks.delete(check))
  return box
}
