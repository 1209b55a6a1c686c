// @ts-check
// An agent's tools beside the reply box: saved replies, mentions, emoji, recording, sending later, templates.
// Visitors never get these.
import { post } from '../core/api.js'
import { h, icon } from '../core/dom.js'
import { confirm } from '../core/dialog.js'
import { openMenu } from '../core/menu.js'
import { showError, toast } from '../core/toast.js'
import { onCleanup, owned } from '../core/signal.js'
import { moment } from '../core/time.js'
import { fill, unfilled, valuesOf } from '../core/variables.js'
import { t } from '../core/words.js'

/** @typedef {import('../chat/composer.js').Box} Box */
/** @param {import('./session.js').Session} session @param {number} id @param {Box} box @param {(sent: any) => void} sent */
export function tools(session, id, box, sent) {
  const first = session.store.peekConversation(id)
  const customer = first?.kind === 'customer'
  // What is offered while one types comes with its code at the first letter.
  box.area.addEventListener(
    'input',
    () => {
      import('../chat/suggest.js')
        .then(each => {
          const [made, stop] = owned(() =>
            each.suggest(
              box,
              '/@',
              (sign, rest) => offers(session, id, box, sign, rest),
              t('composer.offers'),
            ),
          )
          box.area.before(made)
          end = stop
        })
        .catch(() => {})
    },
    { once: true },
  )
  let end = () => {}
  onCleanup(() => end())
  queueMicrotask(() => askFirst(box)) // once it stands in its form
  const lazily = (
    /** @type {string} */ name,
    /** @type {string} */ sign,
    /** @type {(button: any) => any} */ run,
    /** @type {() => boolean} */ hidden = () => false,
  ) =>
    h(
      'button.button.quiet',
      {
        type: 'button',
        hidden,
        'aria-label': t(name),
        title: t(name),
        onclick: (/** @type {any} */ event) => run(event.currentTarget),
      },
      icon(sign),
    )
  return [
    lazily('composer.emoji', 'smile', button =>
      import('../chat/emoji.js')
        .then(each => each.openEmoji(button, emoji => box.insert(emoji)))
        .catch(showError),
    ),
    box.pile &&
      lazily('composer.voice', 'mic', button =>
        import('../chat/voice.js')
          .then(each => each.record(button, file => box.pile.add([file], 'voice')))
          .catch(showError),
      ),
    customer &&
      lazily(
        'enclose.title',
        'pin',
        button =>
          openMenu(
            button,
            ['location', 'contact'].map(what => ({
              label: t(`kind.${what}`),
              icon: what === 'location' ? 'pin' : 'person',
              run: () => import('./enclosing.js').then(each => each.enclose(what, id, sent)).catch(showError),
            })),
          ),
        // What the channel can do may be known only after the box stands.
        () => !can(session, first, 'location'),
      ),
    customer && lazily('later.title', 'clock', button => later(id, box, button, sent)),
    customer &&
      first?.channel_kind === 'whatsapp' &&
      lazily('template.title', 'file', () =>
        import('./asking.js').then(each => each.template(session, id, sent)).catch(showError),
      ),
  ].filter(Boolean)
}

/**
 * Whether the channel of a conversation can do something.
 * @param {import('./session.js').Session} session
 * @param {any} it
 * @param {string} ability
 */
const can = (session, it, ability) => !!session.book.kindOf(it?.channel_kind)?.abilities.includes(ability)

/** What is offered while one types. @param {import('./session.js').Session} session @param {number} id @param {Box} box @param {string} sign @param {string} rest */
function offers({ book, store, me }, id, box, sign, rest) {
  const wanted = rest.toLocaleLowerCase()
  if (sign === '@') {
    if (!box.note?.peek()) return []
    return book
      .people()
      .filter(
        each =>
          each.id !== me.id && `${each.username} ${each.full_name}`.toLocaleLowerCase().includes(wanted),
      )
      .map(each => ({ label: each.full_name, hint: `@${each.username}`, text: `@${each.username} ` }))
  }
  // A slash opens the list only at the very beginning: «and/or» is a text.
  if (!box.area.value.startsWith('/')) return []
  return book
    .canned()
    .filter(each => `${each.shortcut} ${each.content}`.toLocaleLowerCase().includes(wanted))
    .sort((a, b) => Number(b.shortcut.startsWith(wanted)) - Number(a.shortcut.startsWith(wanted)))
    .map(each => ({
      label: `/${each.shortcut}`,
      hint: each.content,
      text: filled(each.content, store.peekConversation(id), me),
    }))
}

/** A saved reply's fields, filled with who writes to whom. @param {string} text @param {import('../core/types.js').Conversation | undefined} it @param {import('../core/types.js').User} me */
export function filled(text, it, me) {
  return fill(text, valuesOf(it, me))
}

/**
 * Words with a place that nobody filled are not sent without a question.
 * @param {string} text
 * @returns {Promise<boolean>} whether they may go
 */
async function isMeant(text) {
  const left = unfilled(text)
  return (
    !left.length ||
    !!(await confirm(
      t('unfilled.title'),
      t('unfilled.sure', { places: [...new Set(left)].join(', ') }),
      t('unfilled.send'),
    ))
  )
}

/** Asks before the box sends such words. @param {Box} box */
function askFirst(box) {
  let sure = false
  box.area.form?.addEventListener(
    'submit',
    (/** @type {Event} */ event) => {
      if (sure || !unfilled(box.area.value).length) return
      event.preventDefault()
      event.stopImmediatePropagation()
      isMeant(box.area.value).then(is => {
        sure = is
        if (is) box.area.form?.requestSubmit()
        sure = false
        box.area.focus()
      })
    },
    true,
  )
}

/** The hours one usually means by «later». */
export function soon(from = new Date()) {
  const at = (/** @type {number} */ days, /** @type {number} */ hour) =>
    new Date(from.getFullYear(), from.getMonth(), from.getDate() + days, hour)
  const monday = (8 - from.getDay()) % 7 || 7
  return [
    ['hour', new Date(+from + 3_600_000)],
    ['evening', at(0, 18)],
    ['tomorrow', at(1, 9)],
    ['monday', at(monday, 9)],
  ].filter(([, when]) => +when > +from + 60_000)
}

/** Choosing a time: the usual ones, or another. @param {HTMLElement} button @param {string} title @param {(at: Date) => any} take @param {import('../core/menu.js').MenuItem[]} [more] */
export function chooseTime(button, title, take, more = []) {
  openMenu(button, [
    ...soon().map(([name, when]) => ({
      label: t(`later.${name}`),
      hint: moment(+when),
      run: () => take(/** @type {Date} */ (when)),
    })),
    {
      label: t('later.other'),
      icon: 'clock',
      run: () => import('./asking.js').then(each => each.otherTime(title, take)).catch(showError),
    },
    ...more,
  ])
}

/** @param {number} id @param {Box} box @param {any} button @param {(sent: any) => void} sent */
async function later(id, box, button, sent) {
  if (!box.ready()) return toast(t('later.empty'))
  if (!(await isMeant(box.area.value))) return
  chooseTime(button, t('later.title'), async at => {
    const { content, attachment_ids, quoted } = box.take()
    try {
      sent(
        await post(`/conversations/${id}/messages`, {
          content,
          attachment_ids,
          reply_to: quoted?.id ?? null,
          client_id: crypto.randomUUID(),
          send_at: at.toISOString(),
        }),
      )
      toast(t('later.goes', { when: moment(+at) }))
    } catch (problem) {
      box.put(content)
      showError(problem)
    }
  })
}
