import t, { type Test } from 'tap'
import { run } from '../../src/cli/index.js'
import { TestShell } from './shell.js'

/** `outboard adapter serve` in this process. */
async function served(t: Test, ...names: string[]): Promise<string> {
  const shell = new TestShell()
  const ended = run(['adapter', 'serve', ...names, '--drain-timeout', '1s'], shell)
  const [, address = ''] = await shell.printed(/ at (\S+)\n/)
  t.teardown(async () => {
    shell.signal('SIGTERM')
    await ended
  })
  return address
}

t.test('an adapter that is served says what it is', async t => {
  const address = await served(t, 'memquota', 'denier')
  const shell = new TestShell()
  t.equal(await run(['adapter', 'describe', address], shell), 0)
  t.match(shell.stdout, /^memquota \d+\.\d+\.\d+: /m)
  t.match(shell.stdout, /^ {2}template {2}quota \(QUOTA\)$/m)
  t.match(shell.stdout, /^ {2}setting {3}minDeduplicationDuration \(string; default "1s"\)/m)
  const json = new TestShell()
  t.equal(await run(['adapter', 'describe', address, '--json'], json), 0)
  t.match(JSON.parse(json.stdout), {
    adapters: [{ name: 'memquota', templates: [{ name: 'quota' }] }, { name: 'denier' }],
  })
})

t.test('an address where nobody is cannot be described', async t => {
  const shell = new TestShell()
  t.equal(await run(['adapter', 'describe', '127.0.0.1:1'], shell), 1)
  t.match(shell.stderr, /CLI_UNREACHABLE/)
})

t.test('an adapter comes from a file, too', async t => {
  const dir = t.testdir({
    'good.mjs': `import { defineAdapter, allow, settings } from '${import.meta.resolve('@outboard/adapters-sdk')}'
      export default defineAdapter({ name: 'mine', version: '1.2.3', description: 'Mine.', templates: ['listentry'],
        settings: settings.object({}), open: () => ({ check: () => allow() }) })`,
    'empty.mjs': 'export const adapter = 7',
  })
  const address = await served(t, `${dir}/good.mjs`)
  const shell = new TestShell()
  t.equal(await run(['adapter', 'describe', address], shell), 0)
  t.match(shell.stdout, 'mine 1.2.3: Mine.')
  for (const [name, code] of [
    [`${dir}/empty.mjs`, 'ADAPTER_FILE_EMPTY'],
    [`${dir}/missing.mjs`, 'ADAPTER_FILE_NOT_FOUND'],
    ['nobody', 'CLI_UNKNOWN_ADAPTER'],
  ] as const) {
    const failing = new TestShell()
    t.equal(await run(['adapter', 'serve', name], failing), 1, name)
    t.match(failing.stderr, code)
  }
})

t.test('plain text off this machine is refused unless asked for', async t => {
  const shell = new TestShell()
  t.equal(await run(['adapter', 'serve', 'noop', '--address', '0.0.0.0:0'], shell), 2)
  t.match(shell.stderr, /plain text.*CLI_BAD_OPTION/)
})

t.test('why an adapter cannot be served is told apart', async t => {
  const dir = t.testdir({
    'list.mjs': `import { defineAdapter, allow, builtinTemplate, settings } from '${import.meta.resolve('@outboard/adapters-sdk')}'
      export default defineAdapter({ name: 'mine', version: '1', description: '', templates: [{ ...builtinTemplate('listentry') }],
        settings: settings.object({}), open: () => ({ check: () => allow() }) })`,
    'not.pem': 'no certificate',
  })
  const taken = await served(t, 'noop')
  const pem = `${dir}/not.pem`
  for (const [args, code, text] of [
    [['noop', '--address', taken], 'CLI_ADDRESS_IN_USE', 'EADDRINUSE'],
    [['noop', '--address', 'nowhere'], 'CLI_BAD_OPTION', 'no address to listen on'],
    [['noop', '--tls-cert', pem, '--tls-key', `${pem}x`], 'CLI_FILE_UNREADABLE', 'ENOENT'],
    [['noop', '--tls-cert', pem, '--tls-key', pem], 'CLI_FILE_UNREADABLE', 'Cannot serve'],
    [['noop', 'noop'], 'CLI_BAD_OPTION', 'two adapters "noop"'],
  ] as const) {
    const shell = new TestShell()
    t.equal(
      await run(['adapter', 'serve', ...args], shell),
      code === 'CLI_BAD_OPTION' ? 2 : 1,
      args.join(' '),
    )
    t.match(shell.stderr, code)
    t.match(shell.stderr, text)
  }
  const address = await served(t, `${dir}/list.mjs`, 'listchecker')
  const shell = new TestShell()
  t.equal(await run(['adapter', 'describe', address], shell), 0)
  t.match(shell.stdout, /mine[\s\S]*listchecker/, 'one template, two adapters')
})

t.test('SIGTERM drains, and the command ends well', async t => {
  const shell = new TestShell()
  const ended = run(['adapter', 'serve', 'noop'], shell)
  await shell.printed(/ at \S+\n/)
  shell.signal('SIGTERM')
  t.equal(await ended, 0)
  t.match(shell.stderr, 'Draining: SIGTERM')
})

t.test('the adapters that come along are listed, in short and in full', async t => {
  const shell = new TestShell()
  t.equal(await run(['adapter', 'list'], shell), 0)
  t.match(shell.stdout, /^denier +\S/m)
  t.equal(await run(['adapter', 'list', 'listchecker'], shell), 0)
  t.match(shell.stdout, /setting {3}overrides/)
  const json = new TestShell()
  t.equal(await run(['adapter', 'list', '--json'], json), 0)
  t.ok(JSON.parse(json.stdout).length >= 7)
})
