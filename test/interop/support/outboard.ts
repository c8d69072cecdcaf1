import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { Child } from './child.js'

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const command = fileURLToPath(new URL(`../../../src/main.${ending}`, import.meta.url))

/** The command `outboard` as a process of its own. */
export function outboard(...args: readonly string[]): Child {
  return new Child(process.execPath, [...process.execArgv, command, ...args])
}

/** A folder of a test's own with a short path, so that sockets fit into it. */
export function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'outboard-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** The file of an adapter of the suites, as `outboard adapter serve` takes it. */
export function module(name: string): string {
  return fileURLToPath(new URL(`./${name}.${ending}`, import.meta.url))
}

/** `outboard adapter serve NAME`, listening. */
export async function adapter(t: Test, address: string, ...names: readonly string[]): Promise<Child> {
  const child = outboard('adapter', 'serve', ...names, '--address', address, '--drain-timeout', '2s')
  t.teardown(() => child.end())
  await child.says(/ at \S+\n/)
  return child
}

export interface Host {
  readonly child: Child
  /** Where its doors are: `127.0.0.1:port`. */
  readonly address: string
  readonly admin: string
}

/** The attributes that the example configuration declares. */
const manifest = readFileSync(join(process.cwd(), 'examples/config/attributes.yaml'), 'utf8')

/** `outboard serve` with these documents, ready. */
export function host(t: Test, documents: readonly string[]): Promise<Host> {
  const config = join(folder(t), 'config')
  mkdirSync(config)
  writeFileSync(join(config, 'all.yaml'), [manifest, ...documents].join('\n---\n'))
  return startHost(t, config)
}

/** `outboard serve` with a folder of configuration, ready. */
export async function startHost(t: Test, config: string): Promise<Host> {
  const child = outboard(
    'serve',
    ...['--config', config, '--address', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
    ...['--drain-timeout', '3s', '--log-format', 'json'],
  )
  t.teardown(() => child.end())
  const said = await child.says(/"event":"listening","addresses":\["([^"]+)"\],"admin":"([^"]+)"/)
  const [, address = '', admin = ''] = said
  await eventually(async () => (await fetch(`http://${admin}/readyz`)).status === 200, 'the host is ready')
  return { child, address, admin }
}

/** Asks again until it holds, within twenty seconds: for what happens in other processes. */
export async function eventually(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let left = 400; left > 0; left--) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`not so within twenty seconds: ${what}`)
}
