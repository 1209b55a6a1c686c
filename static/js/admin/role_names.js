// @ts-check
// What roles are called: those that come made by the words of the page, the others as who made them wrote.
import { all } from '../core/api.js'
import { signal } from '../core/signal.js'
import { named } from '../core/words.js'

/** @typedef {import('./types.js').Role} Role */

export const roles = signal(/** @type {Role[]} */ ([]))

export const knowRoles = () => all('/roles').then(items => roles.set(items))

/** @param {Role} it */
export const roleName = it => (it.is_made ? named('role', it.slug) : it.name)

/** By its slug. @param {string} slug */
export const nameOfRole = slug => {
  const known = roles().find(each => each.slug === slug)
  return known ? roleName(known) : named('role', slug)
}

/** For a field that chooses one; until they are known, the two there always were. @returns {[string, string][]} */
export const roleOptions = () => {
  const known = roles.peek().map(each => /** @type {[string, string]} */ ([each.slug, roleName(each)]))
  return known.length ? known : ['agent', 'admin'].map(each => [each, named('role', each)])
}
