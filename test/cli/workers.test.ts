import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { askAdmin } from '../../src/cli/admin-client.js'
import { run } from '../../src/cli/index.js'
import { check, denier, documents } from './serving.js'
import { TestShell } from './shell.js'

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const script = fileURLToPath(new URL(`../../src/main.${ending}`, import.meta.url))

/** A port with a free one above it, as far as one can know. */
async function freePair(): Promise<number> {
  const bind = (port: number) =>
    new Promise<number | undefined>(resolve => {
      const server = createServer()
      server.once('error', () => resolve(undefined))
      server.listen(port, '127.0.0.1', () => {
        const address = server.address()
        const bound = typeof address === 'object' && address !== null ? address.port : 0
        server.close(() => resolve(bound))
      })
    })
  for (;;) {
    const first = await bind(0)
    if (first !== undefined && first < 65_000 && (await bind(first + 1)) !== undefined) return first
  }
}

t.test('two processes are behind one address, each with an admin port, and both drain', async t => {
  const config = t.testdir({ 'a.yaml': documents(denier('closed')) })
  const admin = await freePair()
  const flags = [
    '--address',
    '127.0.0.1:0',
    '--admin',
    `127.0.0.1:${admin}`,
    '--processes',
    '2',
    '--log-format',
    'json',
  ]
  const args = [...process.execArgv, script, 'serve', '--config', config, ...flags]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  const listening = new Promise<string>(resolve => {
    child.stderr.on('data', chunk => {
      log += String(chunk)
      const found = [...log.matchAll(/"event":"listening","addresses":\["([^"]+)"\]/g)]
      if (found.length === 2) resolve(found[0]?.[1] ?? '')
    })
  })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  t.teardown(() => child.kill('SIGKILL'))
  const early = ended.then((code): string => {
    throw new Error(`it ended with ${code}: ${log}`)
  })
  early.catch(() => {})
  const address = await Promise.race([listening, early])
  for (let i = 0; i < 4; i++) t.equal((await check(address, '/secret')).code, 3)
  const counts = await Promise.all(
    [admin, admin + 1].map(async port => {
      const { body } = await askAdmin(`127.0.0.1:${port}`, 'GET', '/metrics')
      return Number(
        /^outboard_checks_total\{door="mixer",outcome="denied"\} (\d+)$/m.exec(String(body))?.[1] ?? 0,
      )
    }),
  )
  t.same(counts, [2, 2], 'connections are dealt out in turn')
  child.kill('SIGTERM')
  t.equal(await ended, 0)
  t.equal([...log.matchAll(/"event":"stopped"/g)].length, 2)
})

t.test('a Unix socket cannot be shared', async t => {
  const shell = new TestShell()
  const config = t.testdir({ 'a.yaml': documents(denier('x')) })
  t.equal(
    await run(['serve', '--config', config, '--address', 'unix:///tmp/x.sock', '--processes', '2'], shell),
    2,
  )
  t.match(shell.stderr, 'CLI_BAD_OPTION')
})
