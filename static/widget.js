// @ts-check
// The loader for other people's pages: <script src="https://our.address/widget.js" data-channel="5" async></script>
// One button and one frame in a closed shadow root; it reads nothing of the page and works under a strict policy.
;(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript)
  const home = new URL(script.src).origin
  const {
    channel,
    open: openWords = 'Open chat',
    close: closeWords = 'Close chat',
    user,
    userHash,
    userName,
  } = script.dataset
  /** Whether this visitor has written before: only then the frame is loaded by itself, for its badge. */
  const KNOWN = `rapport.chat.${channel}`
  const color = /^#[0-9a-f]{3,8}$/i.test(script.dataset.color ?? '') ? script.dataset.color : '#2a5fe0'
  const css = `:host { all: initial; position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000 }
button { all: unset; box-sizing: border-box; display: grid; place-items: center; inline-size: 56px; block-size: 56px; margin-inline-start: auto; border-radius: 50%; cursor: pointer; color: #fff; background: ${color}; box-shadow: 0 2px 6px rgb(0 0 0 / .2), 0 8px 24px rgb(0 0 0 / .18); position: relative }
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px ${color} }
svg { inline-size: 28px; block-size: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }
b { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-inline-size: 20px; block-size: 20px; border-radius: 10px; background: #d92d20; color: #fff; font: 600 12px/20px system-ui, sans-serif; text-align: center }
b:empty { display: none }
iframe { display: none; inline-size: min(384px, calc(100vw - 40px)); block-size: min(640px, calc(100dvh - 110px)); margin-block-end: 14px; border: 0; border-radius: 16px; background: Canvas; color-scheme: light dark; box-shadow: 0 8px 40px rgb(0 0 0 / .24) }
iframe[data-open] { display: block }
@media (max-width: 480px) { iframe { position: fixed; inset: 0; inline-size: 100vw; block-size: 100dvh; border-radius: 0 } iframe[data-open] ~ button { display: none } }`
  const box = document.createElement('rapport-chat')
  const root = box.attachShadow({ mode: 'closed' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]

  const button = document.createElement('button')
  button.type = 'button'
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute(
    'd',
    'M12 4.5c-4.7 0-8.5 3.100-8.5 7 0 2.200 1.200 4.100 3 5.400L6 20.5l3.700-2.100c.7.1 1.5.2 2.300.2 4.7 0 8.5-3.100 8.5-7.100s-3.800-7-8.5-7z',
  )
  svg.append(path)
  const badge = document.createElement('b')
  badge.setAttribute('aria-live', 'polite')
  button.append(svg, badge)
  root.append(button)

  let frame = /** @type {HTMLIFrameElement | null} */ (null)
  let ready = false,
    open = false
  const tell = (/** @type {string} */ type) => frame?.contentWindow?.postMessage({ rapport: 1, type }, home)
  // Who the visitor is, proved by the page's server, stands behind the `#`: it goes to the frame and to no server's log.
  const who = user ? `#${new URLSearchParams({ user, hash: userHash ?? '', name: userName ?? '' })}` : ''
  const make = () => {
    frame = document.createElement('iframe')
    frame.title = openWords
    frame.allow = 'microphone; clipboard-write'
    frame.src = `${home}/widget/${encodeURIComponent(channel ?? '')}?host=${encodeURIComponent(location.origin)}${who}`
    root.prepend(frame)
  }
  const toggle = (/** @type {boolean} */ to) => {
    open = to
    if (!frame) make()
    frame?.toggleAttribute('data-open', open)
    button.setAttribute('aria-expanded', String(open))
    button.setAttribute('aria-label', open ? closeWords : openWords)
    if (ready) tell(open ? 'opened' : 'closed')
  }
  button.setAttribute('aria-label', openWords)
  button.setAttribute('aria-expanded', 'false')
  button.addEventListener('click', () => toggle(!open))
  // The frame is made when somebody comes near: until then a visitor's page pays for this file alone.
  button.addEventListener(
    'pointerenter',
    () => {
      if (!frame) make()
    },
    { once: true },
  )
  box.addEventListener('keydown', event => {
    if (event.key === 'Escape' && open) {
      toggle(false)
      button.focus()
    }
  })
  addEventListener('message', event => {
    if (event.origin !== home || !frame || event.source !== frame.contentWindow || event.data?.rapport !== 1)
      return
    if (event.data.type === 'ready') {
      ready = true
      tell(open ? 'opened' : 'closed')
    }
    if (event.data.type === 'known') {
      try {
        localStorage.setItem(KNOWN, '1')
      } catch {
        /* then it is loaded when somebody comes near */
      }
    }
    if (event.data.type === 'unread') badge.textContent = event.data.count > 0 ? String(event.data.count) : ''
    if (event.data.type === 'close' && open) {
      toggle(false)
      button.focus()
    }
  })
  document.body.append(box)
  try {
    if (localStorage.getItem(KNOWN)) make()
  } catch {
    /* as above */
  }
})()
