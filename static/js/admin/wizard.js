// @ts-check
// Connecting a channel: choose, paste the keys, hand our address to the platform, see the first event come
// in.
import { get, post } from '../core/api.js'
import { CHANNEL_ICON } from '../core/avatar.js'
import { dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { copyable, field, form } from '../core/form.js'
import { effect, onCleanup, signal } from '../core/signal.js'
import { named, t } from '../core/words.js'
import { testing } from './check.js'
import { channelOf, KINDS, NEEDS, reachable, secret, sitesFault, webhookOf, wordsOf } from './kinds.js'

/** @typedef {import('../core/types.js').Channel} Channel */

/** @typedef {import('../core/paged.js').Paged<Channel>} Channels */

/** @param {Channels} channels */
export const wizard = channels => dialog(t('channels.connect'), close => steps(channels, close), 'wide')

/** @param {Channels} channels @param {() => void} close */
function steps(channels, close) {
  const kind = signal('')
  const made = signal(/** @type {Channel | null} */ (null))
  const token = secret()
  const keep = async (/** @type {Channel} */ created) => {
    made.set(created)
    await channels.load()
  }
  const box = show(h('div.wizard'), () => {
    const channel = made()
    if (channel) return last(channel, token, channels, close)
    return kind() ? keys(kind(), token, () => kind.set(''), keep) : choose(kind)
  })
  // Each step begins where one goes on: at its first field, or at what was done.
  effect(() => {
    kind()
    made()
    queueMicrotask(() => /** @type {HTMLElement | null} */ (box.querySelector('[autofocus]'))?.focus())
  })
  return box
}

/** @param {Channel} channel @param {string} token @param {Channels} channels @param {() => void} close */
const last = (channel, token, channels, close) => [
  h(
    'p.lead.good',
    { tabindex: '-1', autofocus: true },
    icon('check'),
    t('wizard.made', { name: channel.name }),
  ),
  handOver(
    channel,
    { verify_token: token, .../** @type {{identity_secret?: string}} */ (channel) },
    channels.load,
  ),
  h('footer', h('button.button.primary', { type: 'button', onclick: () => close() }, t('wizard.finish'))),
]

/** @param {import('../core/signal.js').Signal<string>} kind */
const choose = kind => [
  h('p.lead', t('wizard.choose')),
  h(
    'ul.kinds',
    ...KINDS.map(each =>
      h(
        'li',
        h(
          'button',
          { type: 'button', autofocus: each === KINDS[0], onclick: () => kind.set(each) },
          h(`span.kind.${each}`, icon(CHANNEL_ICON[each])),
          h('span', h('b', named('channel', each)), h('small', t(`wizard.about.${each}`))),
        ),
      ),
    ),
  ),
]

/**
 * @param {string} kind
 * @param {string} token
 * @param {() => void} back
 * @param {(channel: Channel) => Promise<void>} done
 */
function keys(kind, token, back, done) {
  return [
    h('p.lead', t(`wizard.keys.${kind}`)),
    form(
      [
        field(t('need.any.name'), {
          name: 'name',
          required: true,
          autofocus: true,
          hint: t('need.any.name_hint'),
          value: '',
        }),
        ...NEEDS[kind].map(need =>
          sitesFault(
            need,
            field(wordsOf(kind, need.name).label, {
              name: need.name,
              required: need.required,
              type: need.secret ? 'password' : 'text',
              autocomplete: 'off',
              mono: !need.choices,
              hint: wordsOf(kind, need.name).hint,
              options: need.choices?.map(
                choice => /** @type {[string, string]} */ ([choice, t(`need.choice.${choice}`)]),
              ),
            }),
          ),
        ),
      ],
      t('wizard.connect'),
      async values => done(await post('/channels', channelOf(kind, values, token))),
      { cancel: back },
    ),
  ]
}

/**
 * What the platform has to be told, and whether something has come from it yet.
 * @param {Channel} channel
 * @param {{verify_token?: string, identity_secret?: string}} made secrets of ours, known only right after
 *   they were made
 * @param {() => unknown} [done] what follows a test
 */
export function handOver(channel, made, done = () => {}) {
  if (channel.kind === 'webchat') return embedding(channel, made.identity_secret)
  const token = made.verify_token
  const address = webhookOf(channel)
  const heard = firstEvent(channel)
  return h(
    'div.form',
    // Telegram is told by us, which it can be only where it reaches us.
    (channel.kind !== 'telegram' || reachable(address)) && h('p', t(`wizard.hand_over.${channel.kind}`)),
    copyable(t('wizard.webhook'), address),
    channel.kind !== 'telegram' &&
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
