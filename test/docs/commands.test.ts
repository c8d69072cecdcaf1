import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/index.js'
import { TestShell } from '../cli/shell.js'
import { type CommandLine, commandsOf, fencesOf } from './fences.js'

const documents = ['README.md', 'docs/operating.md']

/** The addresses that the documents name, and what stands in for them here. */
type Places = ReadonlyMap<string, string>

/** Exit codes that are right for a command, other than 0. */
const expected: readonly (readonly [RegExp, number])[] = [
  [/mallory\.json/, 3],
  // No mixs configuration is at this place; the flags are what is shown.
  [/fs:\/\/\/etc\/mixer/, 1],
]

interface World {
  readonly places: Places
  stop(): Promise<void>
}

/** Everything that the documents start: two adapters and a host with the example configuration. */
async function world(): Promise<World> {
  const list = await started(['adapter', 'serve', 'listchecker'], / at (\S+)\n/)
  const quota = await started(['adapter', 'serve', 'memquota'], / at (\S+)\n/)
  const { copyConfig } = await import('../../src/cli/demo/config-copy.js')
  const adapters = new Map([
    ['127.0.0.1:9101', list.found[1] ?? ''],
    ['127.0.0.1:9102', quota.found[1] ?? ''],
  ])
  const config = await copyConfig('examples/config', adapters)
  const host = await started(
    ['serve', '--config', config.folder, '--address', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
    /"event":"listening","addresses":\["([^"]+)"\],"admin":"([^"]+)"/,
  )
  return {
    places: new Map([
      ...adapters,
      ['127.0.0.1:9091', host.found[1] ?? ''],
      ['127.0.0.1:15014', host.found[2] ?? ''],
    ]),
    async stop() {
      for (const one of [host, list, quota]) await one.stop()
      await config.remove()
    },
  }
}

async function started(args: readonly string[], ready: RegExp, env: Record<string, string> = {}) {
  const shell = new TestShell(env)
  const ended = run([...args, '--drain-timeout', '1s'], shell)
  const early = ended.then((code): string[] => {
    throw new Error(`${args.join(' ')} ended with ${code}: ${shell.stderr}`)
  })
  early.catch(() => {})
  const found = await Promise.race([shell.printed(ready), early])
  return {
    found,
    async stop(): Promise<number> {
      shell.signal('SIGTERM')
      return ended
    },
  }
}

/** A command of a document, with the addresses of this run. */
function placed({ words }: CommandLine, places: Places): string[] {
  return words.map(word => [...places].reduce((text, [from, to]) => text.replaceAll(from, to), word))
}

async function obey(t: Test, command: CommandLine, { places }: World): Promise<void> {
  const [program, ...rest] = placed(command, places)
  const wanted = expected.find(([pattern]) => pattern.test(command.text))?.[1] ?? 0
  switch (program) {
    case 'outboard':
      return outboard(t, command, rest, places, wanted)
    case 'curl':
      t.equal((await fetchLike(rest)).status, 200, command.text)
      return
    case 'npm':
      t.ok(npmScripts(command.text), command.text)
      return
    default:
      t.fail(`nobody knows how to run "${command.text}"`)
  }
}

async function outboard(
  t: Test,
  command: CommandLine,
  args: string[],
  places: Places,
  wanted: number,
): Promise<void> {
  const [verb = '', second] = args
  const isAdapter = verb === 'adapter' && second === 'serve'
  const isHost = (verb === 'serve' || verb === 'server') && !args.includes('--help')
  if (isAdapter || isHost) {
    if (wanted !== 0) {
      t.equal(
        await run([...args, '--address', '127.0.0.1:0', '--admin', '127.0.0.1:0'], new TestShell()),
        wanted,
        command.text,
      )
      return
    }
    // The last of a flag that stands twice holds, so that what the document gives is read, and free ports are used.
    const free = isAdapter ? [] : ['--address', '127.0.0.1:0', '--admin', '127.0.0.1:0']
    const own = isAdapter ? args.map(word => word.replace(/^127\.0\.0\.1:\d+$/, '127.0.0.1:0')) : args
    const ready = isAdapter ? / at (\S+)\n/ : /"event":"listening"|listening/
    const running = await started([...own, ...free], ready, logged(command.env))
    t.equal(await running.stop(), 0, command.text)
    return
  }
  const shell = new TestShell({ OUTBOARD_ADMIN: places.get('127.0.0.1:15014') ?? '' })
  const mixer = verb === 'check' || verb === 'report' ? ['--mixer', places.get('127.0.0.1:9091') ?? ''] : []
  const admin = verb === 'status' || verb === 'cache' ? ['--admin', places.get('127.0.0.1:15014') ?? ''] : []
  t.equal(await run([...args, ...mixer, ...admin], shell), wanted, `${command.text}\n${shell.stderr}`)
}

/** What a document sets, but with the line in the log that says that it listens. */
function logged(env: Readonly<Record<string, string>>): Record<string, string> {
  return { ...env, ...(env.OUTBOARD_LOG_LEVEL === undefined ? {} : { OUTBOARD_LOG_LEVEL: 'info' }) }
}

function fetchLike(args: readonly string[]): Promise<Response> {
  const after = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)
  const body = after('-d')
  return fetch(args.at(-1) ?? '', { method: after('-X') ?? 'GET', ...(body === undefined ? {} : { body }) })
}

/** `npm ci && npm start`: every script that is run must be there. */
function npmScripts(text: string): boolean {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  return text.split('&&').every(step => {
    const [, , name = ''] = /^\s*npm (run )?(\S+)\s*$/.exec(step) ?? []
    return name === 'ci' || name in scripts
  })
}

t.test('every command of the documents works as it stands there', async t => {
  const running = await world()
  try {
    for (const path of documents) {
      const commands = fencesOf(readFileSync(path, 'utf8'))
        .filter(({ info }) => info === 'sh')
        .flatMap(commandsOf)
      t.ok(commands.length > 5, `${path} has commands`)
      for (const command of commands) await obey(t, command, running)
    }
  } finally {
    await running.stop()
  }
})

t.test('every link between the documents leads somewhere', async t => {
  const { existsSync, readdirSync } = await import('node:fs')
  const { dirname, join } = await import('node:path')
  const all = [
    'README.md',
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map(name => `docs/${name}`),
  ]
  for (const path of all.filter(name => name.endsWith('.md')))
    for (const [, to = ''] of readFileSync(path, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g))
      t.ok(existsSync(join(dirname(path), to)), `${path} -> ${to}`)
})
