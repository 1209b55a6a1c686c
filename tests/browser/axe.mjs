// What axe finds wrong on a page, in words. It is a development tool and is put in by the debugger, which the
// page's policy does not bind.
import { existsSync, readFileSync } from 'node:fs'

const AXE = [
  process.env.AXE,
  new URL('../../node_modules/axe-core/axe.min.js', import.meta.url).pathname,
].find(path => path && existsSync(path))
if (!AXE && process.env.RAPPORT_TESTS_REQUIRE) throw new Error('NOT RUN: axe-core is missing (npm install)')

/**
 * @param {import('./chromium.mjs').Person} person
 * @param {string[]} [rules] only these
 * @returns {Promise<string[]>}
 */
export async function faults(person, rules) {
  if (!AXE || rules?.length === 0) return []
  if (!(await person.eval('!!window.axe'))) await person.eval(readFileSync(AXE, 'utf8') + ';0')
  return person.eval(
    `axe.run(document, { runOnly: ${JSON.stringify(rules ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])} }).then(found => found.violations.map(each => each.id + ': ' + each.help + ' ' + each.nodes.slice(0, 3).map(node => node.target.join(' ') + ' ' + (node.any[0]?.message ?? '')).join(' | ')))`,
  )
}
