// The pictures of the README, taken of the demo as it is: light, dark, on a phone and the dashboard. Run by
// script/pictures.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Browser } from '../tests/browser/chromium.mjs'
import { read, write } from './png.mjs'

const HOME = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = `${HOME}docs/pictures/`
const BUILT = [`${HOME}target/release/rapport`, `${HOME}target/debug/rapport`]
const PASSWORD = 'demo-demo-demo'
const LARGEST = 150_000
/** As sharp as it can be without being heavy. */
const SHARPNESS = [2, 1.5, 1]
/** Its photographs are made by the binary: a debug build on a busy machine takes minutes for them. */
const STORY_TAKES = 480_000

/**
 * Each picture: its name, its size, how it looks, and the way to it. The list comes first: small
 * talk fills it soon.
 */
const PICTURES = [
  { name: 'phone-list', width: 390, height: 780 },
  { name: 'inbox-light', width: 1360, height: 850, opens: 'Dana Reyes' },
  { name: 'inbox-dark', width: 1360, height: 850, dark: true, opens: 'Valentina Rojas' },
  { name: 'phone-thread', width: 390, height: 780, opens: 'Dana Reyes' },
  { name: 'dashboard', width: 1360, height: 850, path: '/admin' },
]

const demo = await startDemo()
const browser = new Browser()
try {
  mkdirSync(FOLDER, { recursive: true })
  for (const picture of PICTURES) await take(picture)
} finally {
  browser.end()
  demo.process.kill()
}

/** The demo on a port of its own, once its story is told. */
async function startDemo() {
  const [newest] = BUILT.filter(path => existsSync(path)).sort(
    (a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs,
  )
  const binary = process.env.RAPPORT_BINARY || newest
  if (!binary) throw new Error('There is no binary: cargo build --release')
  const port = await new Promise(done => {
    const it = createServer().listen(0, '127.0.0.1', () => {
      const free = it.address().port
      it.close(() => done(free))
    })
  })
  const child = spawn(binary, ['demo'], {
    env: { PATH: process.env.PATH, RAPPORT_LISTEN: `127.0.0.1:${port}`, RUST_LOG: 'warn' },
  })
  await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error('The demo did not tell its story in time.')), STORY_TAKES)
    const hear = text => {
      process.stderr.write(text)
      if (!String(text).includes('Sign in as')) return
      clearTimeout(late)
      done(null)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', text => process.stderr.write(text))
    child.once('exit', code => fail(new Error(`The demo ended (${code}).`)))
  }).catch(problem => {
    child.kill()
    throw problem
  })
  return { process: child, url: `http://127.0.0.1:${port}` }
}

/** @param {typeof PICTURES[number]} picture */
async function take({ name, width, height, dark = false, opens, path = '/' }) {
  // Whoever has notifications is not offered them.
  const person = await browser.person({ width, height, dark, languages: 'en-GB' })
  await person.ask('Emulation.setTimezoneOverride', { timezoneId: 'Europe/Berlin' })
  await person.opens(`${demo.url}/login`)
  await person.eval(
    `fetch('/api/v1/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'ada', password: '${PASSWORD}' }) }).then(answer => answer.status)`,
  )
  const id =
    opens &&
    (await person.eval(
      `fetch('/api/v1/conversations?q=${encodeURIComponent(opens)}').then(answer => answer.json()).then(page => page.items[0].id)`,
    ))
  await person.opens(demo.url + (id ? `/?c=${id}` : path))
  await person.until(
    "document.documentElement.dataset.ready === '' && !document.querySelector('.skeleton')?.checkVisibility()",
  )
  if (id) await person.there('.message')
  if (path === '/') await person.until("document.querySelectorAll('[data-conversation]').length > 5")
  await settled(person)
  for (const scale of SHARPNESS) {
    await person.size(width, height, scale)
    await settled(person)
    const { data } = await person.ask('Page.captureScreenshot', { format: 'png' })
    const small = write(read(Buffer.from(data, 'base64')))
    if (small.length > LARGEST && scale !== SHARPNESS.at(-1)) continue
    writeFileSync(`${FOLDER}${name}.png`, small)
    console.log(`docs/pictures/${name}.png  ${Math.round(small.length / 1000)} kB, sharpness ${scale}`)
    break
  }
  if (person.problems.length) console.error(name, person.problems)
  await person.close()
}

/** Nothing moves, and every picture on the screen has come. */
function settled(person) {
  return person.until(
    "[...document.images].every(each => each.complete) && document.getAnimations().every(each => each.playState !== 'running' || each.effect.getTiming().iterations === Infinity)",
  )
}
