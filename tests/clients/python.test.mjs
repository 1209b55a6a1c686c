// A client for Python, generated from the document of the running server and used. Its generator comes from
// PyPI into an environment below target/, once.
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ADMIN, House, PASSWORD } from '../browser/house.mjs'
import { document, folder, here, kept, run } from './workshop.mjs'

const GENERATOR = 'openapi-python-client==0.29.1'

let house
let command
before(async () => {
  // First what takes minutes and lets nothing else go on: a server's connection does not outlive it.
  command = environment()
  house = await House.open()
})
after(() => house?.close())

/** The environment with the generator in it. */
function environment() {
  const home = kept('venv-0.29.1')
  const program = name => join(home, 'bin', name)
  if (!existsSync(program('openapi-python-client'))) {
    run('python3', ['-m', 'venv', home])
    run(program('pip'), ['install', '--quiet', '--disable-pip-version-check', GENERATOR])
  }
  return program
}

test('a client for Python is generated and works', async () => {
  const conversation = await house.writes('15557700002', 'Is my order on its way?', 'Ana Lind')
  const path = folder('python')
  const source = await document(house, path)
  const config = join(path, 'config.yaml')
  writeFileSync(config, 'post_hooks: []\n')
  const made = ['--meta', 'none', '--output-path', join(path, 'rapport_client'), '--config', config]
  const told = run(command('openapi-python-client'), ['generate', '--path', source, ...made])
  const left = told.match(/Endpoint will not be generated/g) ?? []
  assert.equal(left.length, 0, `every call is generated:\n${told}`)
  const said = run(command('python'), [here('use.py'), house.url, ADMIN, PASSWORD, String(conversation)], {
    env: { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' },
  })
  assert.deepEqual(JSON.parse(said), {
    me: ADMIN,
    customer: 'Ana Lind',
    label: { name: 'Refund', color: '#c2410c' },
    sent: 'It leaves today.',
    sent_again: true,
    file: 'a file of the test',
    missing: { status: 404, code: 'not_found' },
  })
})
