// @ts-check
// The loader for other people's pages: <script src="https://our.address/widget.js" data-channel="5"
// async></script> One button and one frame in a closed shadow root; it reads nothing of the page and works
// under a strict policy. `data-color`, `data-position` (start, end) and `data-theme` (light, dark; a page
// that changes it is followed) say how it looks.
;(() => {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript)
  const home = new URL(script.src).origin
  const {
    channel,
    open: openWords = 'Open chat',
    close: closeWords = 'Close chat',
    position: side = 'end',
    loading = 'The chat is loading…',
    trouble = 'The chat cannot be reached. Close it and try again in a moment.',
    user,
    userHash,
    userName,
    color: said = '',
  } = script.dataset
  /** Whether this visitor has written before: only then the frame is loaded by itself, for its badge. */
  const KNOWN = `rapport.chat.${channel}`
  const color = /^#[0-9a-f]{3,8}$/i.test(said) ? said : '#2a5fe0'
  const css = `:host { all: initial; display: flex; flex-direction: column-reverse; align-items: flex-${side}; position: fixed; inset-block-end: 20px; inset-inline-${side}: 20px; z-index: 2147483000 }
button { all: unset; box-sizing: border-box; display: grid; place-items: center; inline-size: 56px; block-size: 56px; border-radius: 50%; cursor: pointer; color: #fff; background: ${color}; box-shadow: 0 2px 6px rgb(0 0 0 / .2), 0 8px 24px rgb(0 0 0 / .18); position: relative }
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px ${color} }
svg { inline-size: 28px; block-size: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }
b { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-inline-size: 20px; block-size: 20px; border-radius: 10px; background: #d92d20; color: #fff; font: 600 12px/20px system-ui, sans-serif; text-align: center }
b:empty { display: none }
div { display: none; position: relative; inline-size: min(384px, calc(100vw - 40px)); block-size: min(640px, calc(100dvh - 110px)); margin-block-end: 14px; border-radius: 16px; overflow: hidden; background: Canvas; color: CanvasText; color-scheme: light dark; box-shadow: 0 8px 40px rgb(0 0 0 / .24) }
div[data-open] { display: block }
iframe { inline-size: 100%; block-size: 100%; border: 0; visibility: hidden }
div button { position: absolute; inset-block-start: 8px; inset-inline-end: 8px; inline-size: 44px; block-size: 44px; font: 28px/1 system-ui, sans-serif; color: inherit; background: none; box-shadow: none }
div button:focus-visible { outline-color: ${color}; box-shadow: none }
p { position: absolute; inset: 40% 24px auto; margin: 0; font: 15px/1.4 system-ui, sans-serif; text-align: center }
[data-ready] iframe { visibility: visible }
[data-ready] :not(iframe) { display: none }
@media (max-width: 480px) { div { position: fixed; inset: 0; inline-size: 100vw; block-size: 100dvh; border-radius: 0 } [aria-expanded=true] { display: none } }`
  const box = document.createElement('rapport-chat')
  const root = box.attachShadow({ mode: 'closed' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]

  const button = document.createElement('button')
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute(
    'd',
    'M12 4.5c-4.7 0-8.5 3.1-8.5 7 0 2.2 1.2 4.1 3 5.4L6 20.5l3.7-2.1c.7.1 1.5.2 2.3.2 4.7 0 8.5-3.1 8.5-7.1s-3.8-7-8.5-7z',
  )
  svg.append(path)
  const badge = document.createElement('b')
  badge.setAttribute('aria-live', 'polite')
  button.append(svg, badge)
  root.append(button)

  // Until the frame says that it is ready this stands over it: nobody is ever shut in by a page that does
  // not come.
  const pane = document.createElement('div'),
    words = document.createElement('p'),
    leave = document.createElement('button')
  leave.textContent = '×'
  leave.setAttribute('aria-label', closeWords)
  leave.addEventListener('click', () => toggle(false))
  words.setAttribute('role', 'status')
  pane.append(words, leave)
  // Read, set, followed: a page that turns dark takes the chat with it.
  const wear = () => {
    pane.style.colorScheme = script.dataset.theme ?? ''
    tell('theme')
  }
  root.append(pane)

  let frame = /** @type {HTMLIFrameElement | null} */ (null)
  let ready = false,
    open = false,
    broken = false,
    pushed = false,
    timer = 0
  const shown = (/** @type {boolean} */ to) => pane.toggleAttribute('data-ready', (ready = to))
  // So long it has to say that it is ready. An error's page of the browser's own is loaded, too, and never
  // says it.
  const wait = (/** @type {number} */ time) => {
    clearTimeout(timer)
    broken = false
    words.textContent = loading
    timer = setTimeout(() => {
      shown(false)
      broken = true
      words.textContent = trouble
    }, time)
  }
  const tell = (/** @type {string} */ type) =>
    frame?.contentWindow?.postMessage({ rapport: 1, type, theme: script.dataset.theme ?? '' }, home)
  // Who the visitor is, proved by the page's server, stands behind the `#`: it goes to the frame and to no
  // server's log.
  const who = user ? `#${new URLSearchParams({ user, hash: userHash ?? '', name: userName ?? '' })}` : ''
  const make = () => {
    frame = document.createElement('iframe')
    frame.title = openWords
    frame.allow = 'microphone; clipboard-write'
    const looks = new URLSearchParams({ host: location.origin, color })
    frame.src = `${home}/widget/${encodeURIComponent(channel ?? '')}?${looks}${who}`
    // A frame that was loaded again is asked; one that cannot listen yet says it by itself.
    frame.addEventListener('load', () => {
      tell('hello')
      wait(6e3)
    })
    pane.prepend(frame)
    wait(2e4)
  }
  const toggle = (/** @type {boolean} */ to) => {
    if (to === open) return
    open = to
    // What did not come is tried again.
    if (open && broken) {
      frame?.remove()
      frame = null
    }
    if (!frame) make()
    pane.toggleAttribute('data-open', open)
    button.setAttribute('aria-expanded', String(open))
    button.setAttribute('aria-label', open ? closeWords : openWords)
    if (ready) tell(open ? 'opened' : 'closed')
    ;(open && !ready ? leave : button).focus()
    // Where it has the whole page, Back leaves the chat and not the shop: a step of the same page, with
    // its own state.
    if (open && matchMedia('(max-width: 480px)').matches) {
      history.pushState(history.state, '')
      pushed = true
    } else if (pushed) {
      pushed = false
      history.back()
    }
  }
  addEventListener('popstate', () => {
    if (pushed) {
      pushed = false
      toggle(false)
    }
  })
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
    if (event.key === 'Escape') toggle(false)
  })
  addEventListener('message', event => {
    if (event.origin !== home || !frame || event.source !== frame.contentWindow || event.data?.rapport !== 1)
      return
    if (event.data.type === 'ready') {
      clearTimeout(timer)
      broken = false
      const held = root.activeElement === leave
      shown(true)
      if (held) frame.focus()
      tell(open ? 'opened' : 'closed')
    }
    if (event.data.type === 'known') {
      try {
        localStorage.setItem(KNOWN, '1')
      } catch {
        /* then it is loaded when somebody comes near */
      }
    }
    if (event.data.type === 'unread') badge.textContent = String(event.data.count || '')
    if (event.data.type === 'close') toggle(false)
  })
  document.body.append(box)
  wear()
  new MutationObserver(wear).observe(script, { attributes: true })
  try {
    if (localStorage.getItem(KNOWN)) make()
  } catch {
    /* as above */
  }
})()
