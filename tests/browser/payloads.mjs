// Three hundred texts that would become script, markup, style or a way out of the page wherever text is not kept as
// text. Put together here from parts, each one different; every one calls `hit()` if it ever runs.
const CALLS = ['hit()', 'window.hit()', 'top.hit()', "self['hit']()", 'hit.call()', 'Function("hit()")()']
const TAGS = [
  call => `<script>${call}</script>`, call => `<ScRiPt>${call}//</sCrIpT>`, call => `<img src=x onerror=${JSON.stringify(call)}>`, call => `<img src="x:" onerror='${call}'/>`,
  call => `<svg onload='${call}'>`, call => `<svg><script>${call}</script></svg>`, call => `<svg><animate onbegin='${call}' attributeName=x dur=1s>`, call => `<body onload='${call}'>`,
  call => `<iframe src="javascript:parent.${call}"></iframe>`, call => `<iframe srcdoc="<script>parent.${call}</script>"></iframe>`, call => `<a href="javascript:${call}">a link</a>`,
  call => `<details open ontoggle='${call}'>more</details>`, call => `<video><source onerror='${call}'></video>`, call => `<audio src=x onerror='${call}'>`, call => `<input autofocus onfocus='${call}'>`,
  call => `<select autofocus onfocus='${call}'></select>`, call => `<textarea autofocus onfocus='${call}'></textarea>`, call => `<marquee onstart='${call}'>x</marquee>`, call => `<object data="javascript:${call}"></object>`,
  call => `<embed src="javascript:${call}">`, call => `<form><button formaction="javascript:${call}">go</button></form>`, call => `<math href="javascript:${call}">x</math>`, call => `<base href="javascript:${call}//">`,
  call => `<meta http-equiv="refresh" content="0;url=javascript:${call}">`, call => `<link rel=stylesheet href="javascript:${call}">`, call => `<style>@import 'javascript:${call}';</style>`, call => `<div style="background:url(javascript:${call})">`,
  call => `<template><script>${call}</script></template>`, call => `<noscript><p title="</noscript><img src=x onerror='${call}'>">`, call => `<title><img src=x onerror='${call}'></title>`,
]
const BREAKS = [
  call => `"><script>${call}</script>`, call => `'><script>${call}</script>`, call => `" onmouseover="${call}" x="`, call => `' onfocus='${call}' autofocus='`, call => `</textarea><script>${call}</script>`, call => `</title><script>${call}</script>`,
  call => `]]><script>${call}</script>`, call => `--><script>${call}</script>`, call => `\${${call}}`, call => `{{constructor.constructor('${call.replace(/'/g, '"')}')()}}`, call => `\\u003cscript\\u003e${call}\\u003c/script\\u003e`, call => `&lt;script&gt;${call}&lt;/script&gt;`,
  call => `&#60;script&#62;${call}&#60;/script&#62;`, call => `%3Cscript%3E${call}%3C/script%3E`, call => `<scr\0ipt>${call}</scr\0ipt>`, call => `<<script>${call}//<</script>`,
]
const LINKS = [
  call => `javascript:${call}`, call => `JaVaScRiPt:${call}`, call => ` javascript:${call}`, call => `java\tscript:${call}`, call => `data:text/html,<script>${call}</script>`, call => `data:text/html;base64,${Buffer.from(`<script>${call}</script>`).toString('base64')}`,
  call => `vbscript:${call}`, call => `https://a.example/" onclick="${call}`, call => `https://a.example/'onmouseover='${call}`, call => `https://a.example/<script>${call}</script>`, call => `javascript://a.example/%0a${call}`, call => `[a link](javascript:${call})`,
]
export const payloads = CALLS.flatMap(call => [...TAGS, ...BREAKS, ...LINKS].map(make => make(call))).slice(0, 300)
