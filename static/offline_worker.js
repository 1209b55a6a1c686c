// Keeps the shell of the inbox in this browser, one version of it, so that the page opens without a network.
// It keeps files of our own only: never an answer of the API, never a customer's word. Whenever the server
// can be reached the page comes from there, so no old version stands against a new server. The server writes
// the version of the files into it.
;(() => {
  /** The address of every file of this version. */
  const BASE = '{s}/'
  const PREFIX = 'rapport-shell '
  const NAME = PREFIX + BASE
  /** The page that opens without a network. */
  const PAGE = '/'
  /** A proxy says that nobody is behind it. */
  const NOBODY = new Set([502, 503, 504])

  /**
   * What the worker's events have; the types of a page know no workers.
   * @typedef {Event & {waitUntil(work: Promise<unknown>): void}} Lasting
   * @typedef {Lasting & {request: Request, respondWith(answer: Promise<Response>): void}} Asked
   * @typedef {Lasting & {data: {type?: string, files?: string[]}}} Told
   * @typedef {{skipWaiting(): Promise<void>, clients: {claim(): Promise<void>}}} Worker
   */
  const worker = /** @type {Worker} */ (/** @type {unknown} */ (self))
  const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ work) =>
    addEventListener(name, work)

  on('install', (/** @type {Lasting} */ event) => event.waitUntil(install()))
  on('activate', (/** @type {Lasting} */ event) => event.waitUntil(activate()))
  on('message', (/** @type {Told} */ event) => {
    if (event.data?.type === 'keep') event.waitUntil(keep(event.data.files ?? []))
  })
  on('fetch', (/** @type {Asked} */ event) => {
    const { request } = event
    const { origin, pathname } = new URL(request.url)
    if (request.method !== 'GET' || origin !== location.origin) return
    if (request.mode === 'navigate' && isInbox(pathname)) event.respondWith(page(request))
    else if (pathname.startsWith(BASE)) event.respondWith(file(request))
  })

  /** The inbox, in whichever workspace: the page is the same for all. @param {string} pathname */
  const isInbox = pathname => pathname === PAGE || /^\/w\/[a-z0-9-]+\/?$/.test(pathname)

  /** The page with all it names; a page of another version ends it, and it is tried again later. */
  async function install() {
    const answer = await fetch(PAGE, { cache: 'no-store', credentials: 'same-origin' })
    const html = await answer.clone().text()
    if (!answer.ok || answer.redirected || !html.includes(BASE))
      throw new Error('The page is of another version.')
    const cache = await caches.open(NAME)
    const named = [...html.matchAll(/"(\/s\/[^"]+)"/g)].map(found => found[1])
    await cache.addAll([...new Set([...named, `${BASE}icons.svg`])])
    await cache.put(PAGE, answer)
    await worker.skipWaiting()
  }

  async function activate() {
    for (const name of await caches.keys())
      if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name)
    await worker.clients.claim()
  }

  /** What a page has loaded before this worker stood between. @param {string[]} files */
  async function keep(files) {
    const cache = await caches.open(NAME)
    const ours = files.map(each => new URL(each, location.href)).filter(isOfThisVersion)
    const add = async (/** @type {string} */ path) => (await cache.match(path)) ?? cache.add(path)
    await Promise.allSettled(ours.map(({ pathname }) => add(pathname)))
  }

  /** @param {URL} address */
  const isOfThisVersion = ({ origin, pathname }) => origin === location.origin && pathname.startsWith(BASE)

  /** From the server where it answers; else as it was kept. @param {Request} request */
  async function page(request) {
    const kept = async () => caches.match(PAGE, { cacheName: NAME, ignoreVary: true })
    try {
      const answer = await fetch(request)
      return (NOBODY.has(answer.status) && (await kept())) || answer
    } catch (problem) {
      const found = await kept()
      if (found) return found
      throw problem
    }
  }

  /** A file of this version never changes. @param {Request} request */
  async function file(request) {
    const cache = await caches.open(NAME)
    const kept = await cache.match(request, { ignoreVary: true })
    if (kept) return kept
    const answer = await fetch(request)
    if (answer.ok && answer.status === 200) await cache.put(request, answer.clone()).catch(() => {})
    return answer
  }
})()
