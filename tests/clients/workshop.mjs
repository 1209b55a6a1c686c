// Where the generated clients are made: a folder below target/, with the document that the running server
// shows, and the commands that make and run them. Knows nothing of what a client does.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const TARGET = process.env.CARGO_TARGET_DIR ?? join(HERE, '..', '..', 'target')
const CLIENTS = join(TARGET, 'clients')

export const here = name => join(HERE, name)
/** What stays from one run to the next. */
export const kept = name => join(CLIENTS, name)

/** An empty folder below target/. */
export function folder(name) {
  const path = join(CLIENTS, name)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  return path
}

/** The packages of tests/clients, for programs that lie elsewhere. */
export const lendPackages = path => symlinkSync(join(HERE, 'node_modules'), join(path, 'node_modules'), 'dir')

/** The server's own document, as a file. */
export async function document(house, path) {
  const answer = await fetch(`${house.url}/openapi.json`)
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`)
  const file = join(path, 'openapi.json')
  writeFileSync(file, await answer.text())
  return file
}

/** Runs a command to its end and gives what it said; one that fails fails the test with all of it. */
export function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${status}\n${stdout}\n${stderr}`)
  return stdout + stderr
}
