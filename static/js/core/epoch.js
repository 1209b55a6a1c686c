// @ts-check
// Notices that the server's database was put back from a backup: versions went back, and what this page shows
// may never have been. What was written and not acknowledged stands in the browser's own outbox and is kept.

let known = ''

/**
 * Whether this welcome comes from another epoch than the last one; the page is then on its way to a new
 * beginning.
 * @param {{epoch?: string}} welcome
 * @param {() => void} anew
 */
export function restored({ epoch = '' }, anew = () => location.reload()) {
  const before = known
  known = epoch
  if (!before || !epoch || before === epoch) return false
  anew()
  return true
}
