// @ts-check
// What a flow is called, where it runs and what starts it.
import { h } from '../core/dom.js'
import { field } from '../core/form.js'
import { signal } from '../core/signal.js'
import { named, t } from '../core/words.js'

const TRIGGERS = ['manual', 'new_conversation', 'keyword', 'webhook']

/** @param {import('./types.js').Flow | null} it @param {import('../core/types.js').Channel[]} channels */
export function startForm(it, channels) {
  const kind = signal(it?.trigger.kind ?? 'manual')
  const starts = field(t('flows.starts'), {
    name: 'kind',
    value: kind.peek(),
    options: TRIGGERS.map(each => [each, named('flow_trigger', each)]),
  })
  starts.addEventListener('change', event => kind.set(/** @type {HTMLSelectElement} */ (event.target).value))
  const keywords = field(t('flows.keywords'), {
    name: 'keywords',
    value: it?.trigger.keywords?.join(', ') ?? '',
    hint: t('flows.keywords_hint'),
    autocomplete: 'off',
  })
  return [
    field(t('flows.name'), {
      name: 'name',
      required: true,
      value: it?.name ?? '',
      autofocus: !it,
      autocomplete: 'off',
    }),
    field(t('flows.channel'), {
      name: 'channel_id',
      value: String(it?.channel_id ?? ''),
      options: [
        ['', t('flows.any_channel')],
        ...channels.map(each => /** @type {[string, string]} */ ([String(each.id), each.name])),
      ],
    }),
    starts,
    h('div', { hidden: () => kind() !== 'keyword' }, keywords),
    h('p.note-line', t('flows.steps_about')),
  ]
}
