#!/usr/bin/env node
// What people feel at the page, in a real browser on a filled database: the first look, a switch from one
// conversation to another, the search in the list, and what 1,600 switches leave in memory. Prints a table;
// no test reads it.
//   node benches/page.mjs [CONVERSATIONS] [MESSAGES]        (50,000 and 500,000)
// RAPPORT_BINARY and RAPPORT_LOAD name the programs (`cargo build --release -p rapport -p rapport-load`).
import { execFileSync } from 'node:child_process'
import { Browser } from '../tests/browser/chromium.mjs'
import { ADMIN, House } from '../tests/browser/house.mjs'

const [conversations = '50000', messages = '500000'] = process.argv.slice(2)
const load = process.env.RAPPORT_LOAD ?? 'target/release/rapport-load'
const SWITCHES = 400
const SEARCHES = 100

const ms = value => `${value.toFixed(0)} ms`
/** @param {number[]} times */
const spread = times => {
  const sorted = times.toSorted((a, b) => a - b)
  const at = part => ms(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))])
  return `p50 ${at(0.5)} · p95 ${at(0.95)} · max ${ms(sorted.at(-1))} (${times.length})`
}
const show = (what, value) => console.log(`${what.padEnd(44)}${value}`)

/** In the page: one paint after what is asked for is there. */
const HELP = `window.painted = async is => {
  const end = performance.now() + 20000
  while (!is()) {
    if (performance.now() > end) throw new Error('never came true: ' + is)
    await new Promise(done => setTimeout(done, 1))
  }
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
}
window.rows = () => [...document.querySelectorAll('[data-conversation]')]`

/** Clicks through as many different conversations, scrolling on through the list as a person does. */
const switches = count =>
  `(async () => { ${HELP}
  const times = [], been = new Set()
  while (times.length < ${count}) {
    const row = rows().find(each => !been.has(each.dataset.conversation))
    if (!row) { rows().at(-1)?.scrollIntoView(); await new Promise(done => setTimeout(done, 30)); continue }
    const id = row.dataset.conversation
    been.add(id)
    row.scrollIntoView({ block: 'nearest' })
    const begun = performance.now()
    row.click()
    await painted(() => new URLSearchParams(location.search).get('c') === id &&
      document.querySelector('section.main h1')?.textContent.length > 0 &&
      row.textContent.includes(document.querySelector('section.main h1').textContent) &&
      !!document.querySelector('section.main .message'))
    times.push(performance.now() - begun)
    await new Promise(done => setTimeout(done, 60))
  }
  return times })()`

/** Types a different name each time and waits until it alone stands in the list. */
const searches = count =>
  `(async () => { ${HELP}
  const field = document.querySelector('input[type=search]'), times = []
  for (let i = 0; i < ${count}; i++) {
    const words = 'Filled ' + (10000 + (i * 397) % ${Math.max(1, Number(conversations) - 10000)})
    const begun = performance.now()
    field.value = words
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await painted(() => [...document.querySelectorAll('.side li button')].some(each => each.textContent.includes(words)))
    times.push(performance.now() - begun)
    await new Promise(done => setTimeout(done, 60))
  }
  field.value = ''
  field.dispatchEvent(new Event('input', { bubbles: true }))
  return times })()`

async function memory(agent) {
  for (let i = 0; i < 3; i++) await agent.ask('HeapProfiler.collectGarbage')
  const { metrics } = await agent.ask('Performance.getMetrics')
  const of = name => metrics.find(each => each.name === name).value
  return `${(of('JSHeapUsedSize') / 1e6).toFixed(1)} MB, ${of('Nodes')} nodes, ${of('JSEventListeners')} listeners`
}

const house = await House.open()
const browser = new Browser()
try {
  await house.writes('351900000001', 'The first')
  await house.kill()
  const begun = performance.now()
  execFileSync(load, ['fill', house.environment.DATABASE_URL, conversations, messages], { stdio: 'inherit' })
  show('filled', `${conversations} conversations, ${messages} messages, ${ms(performance.now() - begun)}`)
  await house.starts()
  const agent = await browser.person()
  await house.enters(agent, ADMIN)
  await agent.there('[data-conversation]')
  await agent.ask('Performance.enable')

  const looks = []
  for (let i = 0; i < 10; i++) {
    await agent.ask('Network.clearBrowserCache')
    await agent.opens('about:blank')
    const start = performance.now()
    await agent.ask('Page.navigate', { url: `${house.url}/` })
    await agent.there('[data-conversation]')
    looks.push(performance.now() - start)
  }
  show('first look, nothing cached, to the first row', spread(looks))
  show('switch, click to painted conversation', spread(await agent.eval(switches(SWITCHES))))
  show('search in the list, typed to painted', spread(await agent.eval(searches(SEARCHES))))
  await agent.opens(`${house.url}/`)
  await agent.there('[data-conversation]')
  await agent.eval(switches(100))
  show('memory after 100 switches', await memory(agent))
  for (let i = 0; i < 4; i++) {
    await agent.eval(switches(400))
    show(`memory after ${100 + 400 * (i + 1)} switches`, await memory(agent))
  }
} finally {
  browser.end()
  await house.close()
}
