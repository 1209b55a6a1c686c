// @ts-check
// Connecting a channel: choose, paste the keys, hand our address to the platform, see the first event come
// in.
import { get, post } from '../core/api.js'
import { kindSign } from '../core/avatar.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { copyable, field, form } from '../core/form.js'
import { effect, onCleanup, signal } from '../core/signal.js'
import { showError } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { kindOf, kinds, knowKinds } from './channel_kinds.js'
import { testing } from './check.js'
import { channelOf, choicesOf, reachable, sitesFault, wordsOf } from './kinds.js'

/** @typedef {import('../core/types.js').Channel} Channel */

/** @typedef {import('../core/paged.js').Paged<Channel>} Channels */

/** @param {Channels} channels */
export const wizard = channels => dialog(t('channels.connect'), close => steps(channels, close), 'wide')

/** @param {Channels} channels @param {() => void} close */
function steps(channels, close) {
  const kind = signal('')
  const made = signal(/** @type {(Channel & Made) | null} */ (null))
  knowKinds().catch(showError)
  const keep = async (/** @type {Channel & Made} */ created) => {
    made.set(created)
    await channels.load()
  }
  const box = show(h('div.wizard'), () => {
    const channel = made()
    if (channel) return last(channel, channels, close)
    return kind() ? keys(kind(), () => kind.set(''), keep) : choose(kind)
  })
  // Each step begins where one goes on: at its first field, or at what was done.
  effect(() => {
    kind()
    made()
    queueMicrotask(() => /** @type {HTMLElement | null} */ (box.querySelector('[autofocus]'))?.focus())
  })
  return box
}

/** @param {Channel & Made} channel @param {Channels} channels @param {() => void} close */
const last = (channel, channels, close) => [
  h(
    'p.lead.good',
    { tabindex: '-1', autofocus: true },
    icon('check'),
    t('wizard.made', { name: channel.name }),
  ),
  handOver(channel, channel, channels.load),
  h('footer', h('button.button.primary', { type: 'button', onclick: () => close() }, t('wizard.finish'))),
]

/** @param {import('../core/signal.js').Signal<string>} kind */
const choose = kind => [
  h('p.lead', t('wizard.choose')),
  h(
    'ul.kinds',
    ...kinds().map(({ kind: each }, place) =>
      h(
        'li',
        h(
          'button',
          { type: 'button', autofocus: place === 0, onclick: () => kind.set(each) },
          kindSign('span.kind', each),
          h(
            'span',
            h('b', named('channel', each)),
            t.has(`wizard.about.${each}`) && h('small', t(`wizard.about.${each}`)),
          ),
        ),
      ),
    ),
  ),
]

/**
 * @param {string} name
 * @param {() => void} back
 * @param {(channel: Channel & Made) => Promise<void>} done
 */
function keys(name, back, done) {
  const kind = kindOf(name)
  return [
    t.has(`wizard.keys.${name}`) && h('p.lead', t(`wizard.keys.${name}`)),
    form(
      [
        field(t('need.any.name'), {
          name: 'name',
          required: true,
          autofocus: true,
          hint: t('need.any.name_hint'),
          value: '',
        }),
        ...kind.fields.map(each =>
          sitesFault(
            each,
            field(wordsOf(name, each.name).label, {
              name: each.name,
              required: each.is_required,
              type: each.form === 'secret' ? 'password' : 'text',
              autocomplete: 'off',
              mono: !choicesOf(each),
              hint: wordsOf(name, each.name).hint,
              options: choicesOf(each),
            }),
          ),
        ),
      ],
      t('wizard.connect'),
      async values => done(await post('/channels', channelOf(kind, values))),
      { cancel: back },
    ),
  ]
}

/**
 * Secrets of ours, known only right after they were made.
 * @typedef {{verify_token?: string, identity_secret?: string}} Made
 */

/**
 * What the platform has to be told, and whether something has come from it yet.
 * @param {Channel} channel
 * @param {Made} made
 * @param {() => unknown} [done] what follows a test
 */
export function handOver(channel, made, done = () => {}) {
  const { has_widget, webhook } = kindOf(channel.kind)
  if (has_widget) return embedding(channel, made.identity_secret)
  const token = made.verify_token
  const address = channel.webhook_url ?? ''
  const words = `wizard.hand_over.${channel.kind}`
  const heard = firstEvent(channel)
  return h(
    'div.form',
    // Who is told by us can be told only where they reach us.
    (!webhook?.is_set_by_us || reachable(address)) && t.has(words) && h('p', t(words)),
    copyable(t('wizard.webhook'), address),
    !!webhook?.subscribes_to?.length && copyable(t('wizard.fields'), webhook.subscribes_to.join(', ')),
    webhook?.has_handshake &&
      (token ? copyable(t('wizard.verify_token'), token) : h('p.hint', t('wizard.verify_kept'))),
    !reachable(address) && h('p.warning', icon('alert'), h('span', t('wizard.unreachable'))),
    h('p', { class: () => `waiting ${heard() ? 'good' : ''}`, role: 'status' }, h('span.pulse'), () =>
      t(heard() ? 'wizard.heard' : 'wizard.waiting'),
    ),
    h('h3', t('channels.test_of', { name: channel.name })),
    testing(channel, done),
  )
}

/** When the first event came, asked for until one has. @param {Channel} channel */
function firstEvent(channel) {
  const heard = signal(channel.last_event_at)
  if (heard.peek()) return heard
  const timer = setInterval(async () => {
    if (document.hidden) return
    try {
      const now = await get(`/channels/${channel.id}`)
      if (!now?.last_event_at) return
      heard.set(now.last_event_at)
      clearInterval(timer)
    } catch {
      /* the next look tells */
    }
  }, 2_000)
  onCleanup(() => clearInterval(timer))
  return heard
}

/** @param {Channel} channel @param {string} [identity] proves to the chat who a signed-in customer is */
function embedding(channel, identity) {
  const sites = [channel.options?.allowed_sites ?? []].flat()
  return h(
    'div.form',
    h('p', t('wizard.try_page')),
    copyable(t('wizard.page'), `${location.origin}/chat/${channel.id}`),
    h('p', t('wizard.embed')),
    copyable(
      t('wizard.snippet'),
      `<script src="${location.origin}/widget.js" data-channel="${channel.id}" async></script>`,
    ),
    h('p.hint', sites.length ? t('wizard.sites', { sites: sites.join(', ') }) : t('wizard.no_sites')),
    identity && [
      h('p', t('wizard.identity')),
      copyable(t('wizard.identity_secret'), identity),
      h('p.hint', t('wizard.identity_once')),
    ],
    h(
      'div',
      h('a.button', { href: `/chat/${channel.id}`, target: '_blank', rel: 'noopener' }, t('channels.try')),
    ),
  )
}
