import { execFile, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
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

/** A parent and its two workers, in a process group of their own. */
async function parent(t: Test, ...more: string[]) {
  const config = t.testdir({ 'a.yaml': documents(denier('closed')) })
  const admin = await freePair()
  const flags = ['--address', '127.0.0.1:0', '--admin', `127.0.0.1:${admin}`]
  const args = ['serve', '--config', config, ...flags, '--processes', '2', '--log-format', 'json', ...more]
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const pid = child.pid ?? 0
  let log = ''
  const listening = new Promise<string>(resolve => {
    child.stderr.on('data', chunk => {
      log += String(chunk)
      const found = [...log.matchAll(/"event":"listening","addresses":\["([^"]+)"\]/g)]
      if (found.length === 2) resolve(found[0]?.[1] ?? '')
    })
  })
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  /** Of all three: whoever lives has the error output. */
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  t.teardown(() => {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // they have gone
    }
  })
  const early = exited.then((code): string => {
    throw new Error(`it ended with ${code}: ${log}`)
  })
  early.catch(() => {})
  const address = await Promise.race([listening, early])
  const told = (event: string) => [...log.matchAll(new RegExp(`"event":"${event}"`, 'g'))].length
  return { address, admin, pid, told, exited, ended, log: () => log }
}

t.test('two processes are behind one address, each with an admin port, and both drain', async t => {
  const { address, admin, pid, told, ended } = await parent(t)
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
  process.kill(pid, 'SIGTERM')
  t.equal(await ended, 0)
  t.equal(told('stopped'), 2)
})

t.test('a signal to the whole group of processes drains each of them', async t => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const { pid, told, ended } = await parent(t, '--drain-delay', '300ms')
    process.kill(-pid, signal)
    t.equal(await ended, 0, signal)
    t.equal(told('stopped'), 2, signal)
  }
})

t.test('a second signal ends all of them at once', async t => {
  const { pid, told, exited, ended } = await parent(t, '--drain-delay', '60s')
  process.kill(pid, 'SIGTERM')
  while (told('draining') < 2) await new Promise(resolve => setTimeout(resolve, 20))
  process.kill(pid, 'SIGTERM')
  t.equal(await exited, 143)
  await ended
  t.equal(told('stopped'), 0)
})

t.test('workers whose parent has gone drain, and end', async t => {
  const { pid, told, ended, log } = await parent(t)
  process.kill(pid, 'SIGKILL')
  await ended
  t.equal(told('stopped'), 2, log())
  t.match(log(), /"event":"draining","reason":"the parent has gone"/)
})

t.test('a worker that ends badly while it drains makes the parent end as failed', async t => {
  const { pid, told, ended } = await parent(t, '--drain-delay', '1s')
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)])
  process.kill(pid, 'SIGTERM')
  while (told('draining') < 2) await new Promise(resolve => setTimeout(resolve, 20))
  process.kill(Number(stdout.trim().split('\n')[0]), 'SIGKILL')
  t.equal(await ended, 1)
  t.equal(told('stopped'), 1)
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
