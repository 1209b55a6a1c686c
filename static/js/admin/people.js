// @ts-check
// Who works here: adding, changing, taking away.
import { get, patch } from '../core/api.js'
import { avatar } from '../core/avatar.js'
import { h, icon } from '../core/dom.js'
import { menu } from '../core/menu.js'
import { paged } from '../core/paged.js'
import { effect, untracked } from '../core/signal.js'
import { showError, toast } from '../core/toast.js'
import { t } from '../core/words.js'
import { filters, part, toPart } from './address.js'
import { choices, filterBar } from './filters.js'
import { listTable } from './list_table.js'
import { addPerson, changeRole, editPerson, setPassword } from './people_forms.js'
import { offersCard } from './people_offers.js'
import { removePerson } from './people_remove.js'
import { knowRoles, nameOfRole } from './role_names.js'

/** @typedef {import('../core/types.js').User} User */
/** @typedef {import('./types.js').Colleague} Colleague */

/** The part of the page with those who can no longer come in. */
const GONE = 'removed'

/** @param {User} me */
export function peoplePage(me) {
  const wanted = filters(['q'])
  const isGone = () => part() === GONE
  const list = paged(cursor =>
    get('/users', { q: untracked(wanted)[0], deactivated: untracked(isGone) || null, limit: 100, cursor }),
  )
  knowRoles().catch(showError)
  effect(() => {
    wanted()
    isGone()
    untracked(list.begin)
  })
  const nobody = () => {
    if (wanted()[0]) return t('people.none_found')
    return t(isGone() ? 'people.none_gone' : 'people.none')
  }
  return h(
    'div',
    h(
      'header.top',
      h('h1', t('admin.people')),
      h(
        'button.button.primary',
        { type: 'button', onclick: () => addPerson(list.load) },
        icon('plus'),
        t('people.add'),
      ),
    ),
    narrowing(isGone),
    h(
      'section.card',
      listTable({ label: t('admin.people'), list, none: h('p', nobody), columns: columns(me, list.load) }),
    ),
    offersCard(),
  )
}

/** @param {() => boolean} isGone */
const narrowing = isGone =>
  h(
    'div.row.start',
    choices(
      t('people.which'),
      ['', GONE],
      each => t(each ? 'people.gone' : 'people.here'),
      () => (isGone() ? GONE : ''),
      toPart,
    ),
    filterBar(t('people.which'), [{ name: 'q', label: t('people.find') }]),
  )

/** @param {User} me @param {() => unknown} again @returns {import('./table.js').Column<Colleague>[]} */
const columns = (me, again) => [
  { words: t('people.name'), of: it => who(it, me), head: true, name: 'name', sort: it => it.full_name },
  { words: t('people.username'), of: it => h('bdi', it.username), name: 'username', sort: it => it.username },
  { words: t('people.email'), of: it => h('bdi', it.email ?? '–'), name: 'email', sort: it => it.email },
  {
    words: t('people.role'),
    of: it => h('bdi', () => nameOfRole(it.role)),
    name: 'role',
    sort: it => nameOfRole(it.role),
  },
  { words: '', kind: 'acts', of: it => h('span.row', acts(it, me, again)) },
]

/** @param {Colleague} it @param {User} me */
const who = (it, me) =>
  h(
    'span.who',
    avatar({ name: it.full_name, avatar_url: it.avatar_url }, { size: 'small' }),
    h('bdi', it.full_name),
    it.id === me.id && h('span.note-line', t('people.you')),
  )

/** @param {Colleague} it @param {User} me @param {() => unknown} again */
const acts = (it, me, again) =>
  menu(
    h(
      'button.button.quiet',
      { type: 'button', 'aria-label': t('people.acts', { name: it.full_name }) },
      icon('more'),
    ),
    () => (it.is_active === false ? restoring(it, again) : changing(it, me, again)),
  )

/**
 * @param {Colleague} it
 * @param {Record<string, unknown>} what
 * @param {() => unknown} again
 * @param {string} [done]
 */
async function change(it, what, again, done = '') {
  try {
    await patch(`/users/${it.id}`, what)
    if (done) toast(done, { tone: 'good' })
    again()
  } catch (problem) {
    showError(problem)
  }
}

/** @param {Colleague} it @param {() => unknown} again */
const restoring = (it, again) => [
  {
    label: t('people.let_in'),
    icon: 'check',
    run: () => change(it, { is_active: true }, again, t('people.added', { name: it.full_name })),
  },
]

/** @param {Colleague} it @param {User} me @param {() => unknown} again */
const changing = (it, me, again) => [
  { label: t('people.edit'), icon: 'pen', run: () => editPerson(it, again) },
  { label: t('people.new_password'), icon: 'key', run: () => setPassword(it) },
  {
    label: t('people.unlock'),
    icon: 'check',
    run: () => change(it, { is_unlocked: true }, again, t('people.unlocked', { name: it.full_name })),
  },
  ...(it.id === me.id ? [] : ofOthers(it, again)),
]

/** Nobody takes their own rights away by a slip. @param {Colleague} it @param {() => unknown} again */
const ofOthers = (it, again) => [
  { label: t('people.change_role'), icon: 'shield', run: () => changeRole(it, again) },
  { label: t('people.remove'), icon: 'trash', danger: true, run: () => removePerson(it, again) },
]
