// Where one goes after signing in: on this server, whatever a link asks for.
import assert from 'node:assert/strict'
import test from 'node:test'
import { onward } from '../../static/js/sign/onward.js'
import { FORMS } from './onward.forms.mjs'

test('no form of an address leads from the sign-in to another server', () => {
  assert.ok(FORMS.length >= 30)
  for (const here of ['http://us.example:8080', 'https://us.example']) {
    const page = `${here}/login?next=x`
    for (const form of FORMS) {
      const to = onward(form, page)
      // As the browser reads what it is given: from the page it stands on.
      const reached = new URL(to, page)
      assert.equal(`${reached.protocol}//${reached.host}`, here, JSON.stringify(form))
      assert.ok(to.startsWith(`${here}/`), `the whole address, not a path: ${JSON.stringify(form)}`)
      assert.equal(reached.username + reached.password, '', JSON.stringify(form))
    }
  }
})

test('a place on this server is gone to as it was asked for', () => {
  const here = 'https://us.example/login?next=x'
  for (const [wanted, to] of [
    [null, '/'],
    ['', '/'],
    ['/', '/'],
    ['/admin#channels', '/admin#channels'],
    ['/?view=all&status=any&c=7', '/?view=all&status=any&c=7'],
    ['/?q=a%2Fb#x', '/?q=a%2Fb#x'],
    ['/docs', '/docs'],
    ['https://us.example/admin', '/admin'],
  ])
    assert.equal(onward(wanted, here), `https://us.example${to}`)
})
