// @ts-check
// Whose team's a conversation is: chosen, shown at once, and the way back. Fetched when somebody wants it.
import { openPicker } from '../core/picker.js'
import { showError, toast } from '../core/toast.js'
import { moreWords, t } from '../core/words.js'
import { change, undoable } from './conversation_actions.js'

await moreWords()

/** @typedef {import('./session.js').Session} Session */
/** @typedef {import('./team_data.js').Team} Team */

/** @param {Session} session @param {number} id @param {{id: number, name: string} | null} team null for no team */
export async function giveToTeam(session, id, team) {
  const team_id = team?.id ?? null
  const shown = team && { id: team.id, name: team.name }
  const before = await change(session, id, { team: shown, team_id }, { team_id })
  if (!before) return
  const words = team ? t('team.done', { name: team.name }) : t('team.undone')
  const was = { team: before.team ?? null, team_id: before.team_id ?? null }
  undoable(session, id, words, was, { team_id: was.team_id })
}

/**
 * @param {Session} session @param {HTMLElement} anchor
 * @param {number | null | undefined} now undefined where several have different ones
 * @param {(team: Team | null) => unknown} take
 */
export async function teamPicker({ book }, anchor, now, take) {
  await book.again('teams', '/teams').catch(showError) // one may have been added since
  const teams = book.teams.peek()
  if (!teams.length) return toast(t('team.none'))
  const all = teams.map(each => ({
    id: /** @type {number | null} */ (each.id),
    name: each.name,
    icon: 'people',
    team: /** @type {Team | null} */ (each),
  }))
  openPicker({
    anchor,
    label: t('team.action'),
    items: [...all, { id: null, name: t('team.nobody'), icon: 'off', team: null }],
    chosen: now === undefined ? [] : [now],
    onPick: each => take(each.team),
  })
}

/** @param {Session} session @param {number} id @param {HTMLElement} button */
export const teamMenu = (session, id, button) =>
  teamPicker(session, button, session.store.peekConversation(id)?.team_id ?? null, team =>
    giveToTeam(session, id, team),
  )
