// A client for TypeScript, generated from the document of the running server, checked by the compiler and
// used.
import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ADMIN, House, PASSWORD } from '../browser/house.mjs'
import { document, folder, here, lendPackages, run } from './workshop.mjs'

let house
before(async () => {
  house = await House.open()
})
after(() => house?.close())

const COMPILED = {
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'nodenext',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    skipLibCheck: true,
  },
  files: ['use.ts'],
}

test('a client for TypeScript is generated, compiles and works', async () => {
  const conversation = await house.writes('15557700001', 'Is my order on its way?', 'Ana Lind')
  const path = folder('typescript')
  const source = await document(house, path)
  run(here('node_modules/.bin/openapi-typescript'), [source, '--output', join(path, 'rapport.d.ts')])
  copyFileSync(here('use.ts'), join(path, 'use.ts'))
  writeFileSync(join(path, 'tsconfig.json'), JSON.stringify(COMPILED))
  writeFileSync(join(path, 'package.json'), JSON.stringify({ type: 'module' }))
  lendPackages(path)
  run(here('node_modules/.bin/tsc'), ['--project', path])
  const said = run('node', [join(path, 'use.js'), house.url, ADMIN, PASSWORD, String(conversation)])
  assert.deepEqual(JSON.parse(said), {
    me: ADMIN,
    customer: 'Ana Lind',
    label: { name: 'Refund', color: '#c2410c' },
    sent: 'It leaves today.',
    sentAgain: true,
    file: 'a file of the test',
    missing: { status: 404, code: 'not_found' },
  })
})
