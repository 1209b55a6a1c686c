// @ts-check
// The filters of the list, each defined once: how it stands in the address, what the server is asked for, and
// whether a conversation that has just changed still fits. Pure.

/** @typedef {import('../core/types.js').Conversation} Conversation */
/** @typedef {import('./url_state.js').Place} Place */

export const VIEWS = ['all', 'mine', 'unassigned', 'waiting', 'direct']
export const STATUSES = ['open', 'pending', 'snoozed', 'closed', 'any', 'spam']
export const PRIORITIES = ['urgent', 'high', 'medium', 'low']
export const SORTS = ['newest', 'oldest', 'longest_waiting']

/**
 * `usual`: what is not written into the address. `values`: all it can be, where that is a closed list.
 * @typedef {object} Filter
 * @property {'status' | 'assignee' | 'team' | 'channel' | 'label' | 'priority'} name
 * @property {string} param what the server calls it
 * @property {string} usual
 * @property {string[]} [values]
 * @property {(it: Conversation, chosen: string[], me: number) => boolean} holds
 */

/** Filters that take several values, with commas between them. @type {Filter[]} */
export const CHOICES = [
  {
    name: 'status',
    param: 'status',
    usual: 'open',
    values: STATUSES,
    holds: (it, chosen) => chosen.includes(it.status) || (chosen.includes('any') && it.status !== 'spam'),
  },
  {
    name: 'assignee',
    param: 'assignee',
    usual: '',
    holds: (it, chosen, me) => chosen.includes(it.assignee_id == null ? 'none' : whoIs(it.assignee_id, me)),
  },
  { name: 'team', param: 'team_id', usual: '', holds: (it, chosen) => chosen.includes(String(it.team_id)) },
  {
    name: 'channel',
    param: 'channel_id',
    usual: '',
    holds: (it, chosen) => chosen.includes(String(it.channel_id)),
  },
  {
    name: 'label',
    param: 'label_id',
    usual: '',
    holds: (it, chosen) => !!it.labels?.some(each => chosen.includes(String(each.id))),
  },
  {
    name: 'priority',
    param: 'priority',
    usual: '',
    values: PRIORITIES,
    holds: (it, chosen) => chosen.includes(it.priority ?? ''),
  },
]

/** Filters that are on or off. What one is reading stays where it is until one goes on. */
export const SWITCHES = /** @type {const} */ ([
  { name: 'mentioned', holds: (/** @type {Conversation} */ it) => !!it.is_mentioned },
  {
    name: 'unread',
    holds: (/** @type {Conversation} */ it, /** @type {Place} */ place) =>
      it.unread_count > 0 || it.id === place.c,
  },
  { name: 'waiting', holds: (/** @type {Conversation} */ it) => !!it.waiting_since },
  { name: 'following', holds: (/** @type {Conversation} */ it) => !!it.is_following },
])

/**
 * @typedef {{asks: Record<string, string | boolean>, holds: (it: Conversation, me: number) => boolean}} View
 */
/**
 * What each view is: all that is open, mine, nobody's, what waits for an answer, what colleagues write.
 * @type {Record<string, View>}
 */
const VIEW = {
  all: { asks: {}, holds: () => true },
  mine: { asks: { assignee: 'me' }, holds: (it, me) => it.kind !== 'direct' && it.assignee_id === me },
  unassigned: { asks: { assignee: 'none' }, holds: it => it.kind !== 'direct' && it.assignee_id == null },
  waiting: { asks: { waiting: true }, holds: it => it.kind !== 'direct' && !!it.waiting_since },
  direct: { asks: { kind: 'direct' }, holds: it => it.kind === 'direct' },
}

/** A colleague as the filter calls them. @param {number} id @param {number} me */
const whoIs = (id, me) => (id === me ? 'me' : String(id))

/** The values of a filter that takes several. @param {string} text */
export const valuesOf = text => text.split(',').filter(Boolean)

/**
 * A filter's text with one value more or less; what leaves nothing gives the usual.
 * @param {Filter['name']} name
 * @param {string} text
 * @param {string} value
 */
export function toggled(name, text, value) {
  const filter = /** @type {Filter} */ (CHOICES.find(each => each.name === name))
  const had = valuesOf(text)
  // Any status is all of them, and spam stands by itself.
  const alone = (/** @type {string} */ each) => name === 'status' && (each === 'any' || each === 'spam')
  if (alone(value)) return had.includes(value) ? filter.usual : value
  const rest = had.filter(each => each !== value && !alone(each))
  return (had.includes(value) ? rest : [...rest, value]).join(',') || filter.usual
}

/**
 * Whether a status narrows what is shown: what calls one counts whatever its status, and colleagues'
 * conversations have none that anybody sets.
 * @param {Place} place
 */
export const hasStatus = ({ view, mentioned }) => view !== 'direct' && !mentioned

/** In which order. @param {Place} place */
export const sortOf = ({ view, sort }) => sort || (view === 'waiting' ? 'longest_waiting' : SORTS[0])

/** What narrows a place beside its view, with what the server calls it. @param {Place} place */
const asked = place =>
  CHOICES.filter(({ name, values }) => {
    if (name === 'status' && (!hasStatus(place) || place.status === 'any')) return false
    if (name === 'assignee' && VIEW[place.view].asks.assignee) return false
    return !!place[name] && (!values || valuesOf(place[name]).every(each => values.includes(each)))
  })

/** What to ask the server for. @param {Place} place @returns {Record<string, string | boolean>} */
export function query(place) {
  const out = /** @type {Record<string, string | boolean>} */ ({})
  for (const { name, param } of asked(place)) out[param] = place[name]
  for (const { name } of SWITCHES) if (place[name]) out[name] = true
  if (place.q) out.q = place.q
  if (sortOf(place) !== SORTS[0]) out.sort = sortOf(place)
  return { ...out, ...VIEW[place.view].asks }
}

/**
 * Whether a conversation belongs to a place; the words of a search are the server's.
 * @param {Conversation} it
 * @param {Place} place
 * @param {number} me
 */
export function fits(it, place, me) {
  if (!VIEW[place.view].holds(it, me)) return false
  if (it.status === 'spam' && (!hasStatus(place) || !valuesOf(place.status).includes('spam'))) return false
  return (
    asked(place).every(each => each.holds(it, valuesOf(place[each.name]), me)) &&
    SWITCHES.every(each => !place[each.name] || each.holds(it, place))
  )
}

/** Whether less is shown than all that is open, by more than the view. @param {Place} place */
export const isNarrow = place =>
  !!place.q ||
  !!place.sort ||
  CHOICES.some(each => place[each.name] !== each.usual) ||
  SWITCHES.some(each => place[each.name])

/** @type {Record<string, (it: Conversation) => [string, number]>} what is compared: a text, then which way */
const ORDER = {
  newest: it => [it.last_activity_at, -1],
  oldest: it => [it.last_activity_at, 1],
  longest_waiting: it => [it.waiting_since ?? '~', 1],
}

/**
 * The order of two conversations, as the server has it.
 * @param {string} sort
 * @returns {(a: Conversation, b: Conversation) => number}
 */
export const comesBefore = sort => (a, b) => {
  const [first, way] = ORDER[sort](a)
  const [second] = ORDER[sort](b)
  if (first !== second) return first < second ? -way : way
  return way * (a.id - b.id)
}
