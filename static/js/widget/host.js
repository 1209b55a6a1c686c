// @ts-check
// A page of our own around the visitor's frame, so that the web chat can be tried, and linked to, without a
// website.
import { h } from '../core/dom.js'
import { loadWords, t } from '../core/words.js'

await loadWords('widget')
const channel = location.pathname.split('/')[2]
document.title = t('widget.title')
document
  .getElementById('app')
  ?.replaceWith(
    h(
      'main.chat-host',
      h('h1.hidden-text', t('widget.title')),
      h('iframe', {
        title: t('widget.title'),
        src: `/widget/${encodeURIComponent(channel)}?whole&host=${encodeURIComponent(location.origin)}`,
      }),
    ),
  )
document.documentElement.dataset.ready = ''
