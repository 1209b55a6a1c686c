// @ts-check
// The connected channels: how each is, what to hand to its platform, and what can be done with it.
import { call, patch } from '../core/api.js'
import { kindSign } from '../core/avatar.js'
import { confirm, dialog } from '../core/dialog.js'
import { h, icon, show } from '../core/dom.js'
import { menu } from '../core/menu.js'
import { listed } from '../core/paged.js'
import { computed, untracked } from '../core/signal.js'
import { ago } from '../core/time.js'
import { showError } from '../core/toast.js'
import { named, t } from '../core/words.js'
import { part } from './address.js'
import { editChannel } from './channel_form.js'
import { kindOf } from './channel_kinds.js'
import { upkeepOf } from './channel_upkeep.js'
import { standing, stateWords, test } from './check.js'
import { templatesPage } from './templates.js'
import { handOver, wizard } from './wizard.js'

/** @typedef {import('../core/types.js').Channel} Channel */
/** @typedef {import('../core/paged.js').Paged<Channel>} Channels */

/** All of them, or the templates of one: `#channels/3/templates`. @param {Channels} channels */
export function channelsPage(channels) {
  const templatesOf = computed(() => Number(/^(\d+)\/templates$/.exec(part())?.[1] ?? 0))
  return show(h('div'), () => {
    const one = (channels.rows() ?? []).find(each => each.id === templatesOf())
    return untracked(() => (one ? templatesPage(one) : everyChannel(channels)))
  })
}

/** @param {Channels} channels */
function everyChannel(channels) {
  const connect = () => wizard(channels)
  const nothing = h(
    'section.card.empty',
    icon('plug'),
    h('h2', t('empty.no_channel')),
    h('p', t('empty.no_channel_next')),
  )
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.channels')),
      h('button.button.primary', { type: 'button', onclick: connect }, icon('plus'), t('channels.connect')),
    ),
    listed(
      channels,
      nothing,
      show(h('div.cards', { hidden: () => !channels.rows()?.length }), () =>
        (channels.rows() ?? []).map(it => card(it, channels.load)),
      ),
    ),
  )
}

/** @param {Channel} it @param {() => Promise<void>} again */
const card = (it, again) =>
  h(
    'section.card.channel',
    { 'aria-label': it.name },
    h(
      'header',
      kindSign('span.kind', it.kind),
      h('div', h('h2', { dir: 'auto' }, it.name), account(it)),
      stateWords(it),
    ),
    standing(it).why && h('p.trouble', icon('alert'), h('span', { dir: 'auto' }, standing(it).why)),
    heard(it.last_event_at),
    upkeepOf(it),
    acts(it, again),
  )

/** @param {Channel} it */
const account = it =>
  h(
    'p.note-line',
    named('channel', it.kind),
    ' ',
    !kindOf(it.kind).has_widget && it.external_id ? h('bdi.mono', it.external_id) : null,
  )

/** @param {string | null} at */
const heard = at =>
  h('p.note-line', at ? () => t('channels.last_heard', { when: ago(at) }) : t('channels.never_heard'))

/** @param {Channel} it @param {() => Promise<void>} again */
function acts(it, again) {
  const given = t(kindOf(it.kind).has_widget ? 'channels.embed' : 'channels.webhook')
  const labelled = (/** @type {string} */ act) => t('admin.act', { act, name: it.name })
  const explain = () =>
    dialog(t('channels.how', { name: it.name }), () => handOver(it, {}), 'wide').then(again)
  return h(
    'footer',
    kindOf(it.kind).has_widget &&
      h('a.button', { href: `/chat/${it.id}`, target: '_blank', rel: 'noopener' }, t('channels.try')),
    kindOf(it.kind).abilities?.includes('template') &&
      h(
        'a.button',
        { href: `#channels/${it.id}/templates`, 'aria-label': labelled(t('channels.templates')) },
        t('channels.templates'),
      ),
    h(
      'button.button',
      { type: 'button', 'aria-label': labelled(t('channels.test')), onclick: () => test(it).then(again) },
      t('channels.test'),
    ),
    h('button.button', { type: 'button', 'aria-label': labelled(given), onclick: explain }, given),
    more(it, again),
  )
}

/** @param {Channel} it @param {() => Promise<void>} again */
function more(it, again) {
  const turn = (/** @type {string} */ state) => patch(`/channels/${it.id}`, { state }).then(again, showError)
  return menu(
    h(
      'button.button.quiet',
      { type: 'button', 'aria-label': t('flows.acts', { name: it.name }) },
      icon('more'),
    ),
    () => [
      { label: t('channels.edit'), icon: 'pen', run: () => editChannel(it, again) },
      it.state === 'active'
        ? { label: t('channels.turn_off'), icon: 'off', run: () => turn('off') }
        : { label: t('channels.turn_on'), icon: 'check', run: () => turn('active') },
      { label: t('common.delete'), icon: 'trash', danger: true, run: () => erase(it, again) },
    ],
  )
}

/** @param {Channel} it @param {() => Promise<void>} again */
async function erase(it, again) {
  if (
    !(await confirm(t('channels.delete', { name: it.name }), t('channels.delete_sure'), t('common.delete')))
  )
    return
  try {
    await call('DELETE', `/channels/${it.id}`)
    await again()
  } catch (problem) {
    showError(problem)
  }
}
