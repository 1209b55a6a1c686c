// @ts-check
// What somebody did to a conversation within a minute, as what came of it: who assigns and takes it back has
// done nothing worth a line. Only of people, and only in the thread: the audit log keeps every step.

/** @typedef {import('./conversation_events.js').Happened} Happened */

/** What each of these changes; the others are told as they are. @type {Record<string, string>} */
const CHANGES = {
  assigned: 'assignee',
  priority: 'priority',
  status: 'status',
  snoozed: 'status',
  woken: 'status',
  spam: 'status',
  not_spam: 'status',
  labelled: 'labels',
  unlabelled: 'labels',
}

/** A team is assigned as a person is. @param {Happened} event */
const whatOf = ({ kind, team }) => (kind === 'assigned' && team !== undefined ? 'team' : CHANGES[kind])

/** How it stood before such an act. @type {Record<string, (event: Happened) => unknown>} */
const BEFORE = {
  assignee: ({ before }) => (before && typeof before === 'object' ? before.id : null),
  team: ({ before }) => (before && typeof before === 'object' ? before.id : null),
  priority: ({ before }) => before ?? null,
  status: ({ kind, before }) => ({ woken: 'snoozed', not_spam: 'spam' })[kind] ?? before,
}
/** How it stands after it. @type {Record<string, (event: Happened) => unknown>} */
const AFTER = {
  assignee: ({ assignee }) => assignee?.id ?? null,
  team: ({ team }) => team?.id ?? null,
  priority: ({ priority }) => priority ?? null,
  // Asleep again may be until another time: that is no way back.
  status: ({ kind, status, event_seq }) =>
    ({ snoozed: `snoozed by ${event_seq}`, woken: 'open', spam: 'spam' })[kind] ?? status,
}

/**
 * What came of the acts of one author within a minute, in their order; nothing where all is as it was.
 * @param {Happened[]} events
 * @returns {Happened[]}
 */
export function netOf(events) {
  if (events.length < 2 || events[0].cause?.kind !== 'user') return events
  const left = new Set(events)
  for (const what of ['assignee', 'team', 'priority', 'status']) {
    const acts = events.filter(each => whatOf(each) === what)
    const last = acts.pop()
    if (!last || !acts.length) continue
    for (const each of acts) left.delete(each)
    if (BEFORE[what](acts[0]) === AFTER[what](last)) left.delete(last)
  }
  const [given, taken] = netLabels(events)
  return [...left].flatMap(each => {
    if (CHANGES[each.kind] !== 'labels') return [each]
    const net = each.kind === 'labelled' ? given : taken
    const labels = net.filter(label => label.by === each).map(({ id, name }) => ({ id, name }))
    return labels.length ? [{ ...each, labels }] : []
  })
}

/**
 * The labels that were given in the end, and those that were taken, each with the act that did it.
 * @param {Happened[]} events
 */
function netLabels(events) {
  /** @typedef {{id: number, name: string, by: Happened, given: boolean}} Label */
  /** @type {Map<number, Label>} */
  const net = new Map()
  for (const by of events.filter(each => CHANGES[each.kind] === 'labels'))
    for (const { id, name } of by.labels ?? []) {
      const given = by.kind === 'labelled'
      const before = net.get(id)
      if (before && before.given !== given) net.delete(id)
      else net.set(id, { id, name, by, given })
    }
  const all = [...net.values()]
  return [all.filter(each => each.given), all.filter(each => !each.given)]
}
