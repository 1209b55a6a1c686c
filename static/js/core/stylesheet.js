// @ts-check
// The looks of what is seldom seen come with its code: whoever draws such a thing waits for them first.
import { h } from './dom.js'

const FOLDER = new URL('../../css/', import.meta.url).pathname
/** @type {Map<string, Promise<void>>} */
const asked = new Map()

/** Once; a page does without one that does not come. @param {string} name of a file in css/ */
export function stylesheet(name) {
  if (typeof document === 'undefined' || !document.head) return Promise.resolve()
  let coming = asked.get(name)
  if (!coming) {
    coming = new Promise(done => {
      const href = `${FOLDER}${name}.css`
      if (isHeld(name) || isLinked(href)) return done()
      document.head.append(
        h('link', { rel: 'stylesheet', href, onload: () => done(), onerror: () => done() }),
      )
    })
    asked.set(name, coming)
  }
  return coming
}

/** Whether it is part of the page's own stylesheet, which the server puts together. @param {string} name */
const isHeld = name => !!document.querySelector(`link[data-holds~="${name}"]`)

/** Whether the page has it by itself. @param {string} href */
const isLinked = href =>
  [...document.querySelectorAll('link[rel=stylesheet]')].some(each => each.getAttribute('href') === href)
