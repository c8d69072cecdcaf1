import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { builtinTemplate, encodeInstance } from '@outboard/adapters-sdk'
import t from 'tap'
import { hello, RawHost } from './support/raw-host.js'

/** The TypeScript blocks of a document. */
function blocks(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(match => match[1] ?? '')
}

interface Ran {
  readonly code: number | null
  readonly output: string
}

/** A program in the project's folder, so that it finds the package by its name, as a reader's would. */
function start(program: string, env: NodeJS.ProcessEnv, args: readonly string[] = []) {
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const waiting: (() => void)[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      for (const wake of waiting.splice(0)) wake()
    })
  }
  const ended = new Promise<Ran>(resolve => child.once('close', code => resolve({ code, output })))
  const said = async (text: string) => {
    let over = false
    void ended.then(() => {
      over = true
    })
    while (!output.includes(text)) {
      if (over) throw new Error(`the program ended before it said "${text}": ${output}`)
      await Promise.race([new Promise<void>(wake => waiting.push(wake)), ended])
    }
  }
  return { child, ended, said }
}

t.test('The README’s adapter has at most twenty lines, runs, and answers', async t => {
  const [source = ''] = blocks('adapters-sdk/README.md')
  t.ok(source.trim().split('\n').length <= 20)
  const dir = t.testdir({ 'bouncer.mjs': source })
  // Not in the test's own folder: the path of a Unix socket may have 107 bytes at most.
  const socketDir = mkdtempSync(join(tmpdir(), 'ob-'))
  t.teardown(() => rmSync(socketDir, { recursive: true }))
  const socket = `unix:${join(socketDir, 'b.sock')}`
  const { child, ended, said } = start(join(dir, 'bouncer.mjs'), { ADDRESS: socket })
  t.teardown(() => child.kill('SIGKILL'))
  await said('Serving bouncer 1.0.0 on unix:')
  const host = new RawHost(socket)
  t.teardown(() => host.cut())
  host.send(hello)
  const announced = await host.expect('hello')
  t.match(announced.adapters, [{ name: 'bouncer', settingsSchema: /Keys that may not pass/ }])
  const settings = JSON.stringify({ banned: ['k-1009'] })
  host.send({
    kind: 'configure',
    handler: 1,
    generation: 1,
    id: 'b',
    adapter: 'bouncer',
    settings,
    instances: [],
  })
  await host.expect('ready')
  const apikey = builtinTemplate('apikey')
  if (apikey === undefined) throw new Error('apikey is gone')
  const call = (id: number, key: string) => ({
    id,
    handler: 1,
    generation: 1,
    template: 1,
    verb: 'check' as const,
    deadlineMs: 0,
    dedupId: '',
    traceparent: '',
    instances: [
      encodeInstance(apikey, { name: 'k.instance.ns', template: 'apikey', fields: { api_key: key } }),
    ],
    quota: undefined,
  })
  host.send({ kind: 'calls', calls: [call(1, 'k-1009'), call(2, 'k-1010')] })
  t.match(await host.expect('results'), {
    results: [
      { verdict: { kind: 'deny', code: 7, message: 'this key is banned' } },
      { verdict: { kind: 'allow', caching: { forMs: 5_000 } } },
    ],
  })
  child.kill('SIGTERM')
  await host.expect('drain')
  host.send({ kind: 'drain', reason: '' })
  t.equal((await ended).code, 0)
})

t.test('The examples of docs/writing-an-adapter.md run, and what they claim holds', async t => {
  const sources = blocks('docs/writing-an-adapter.md')
  t.ok(sources.length >= 4)
  const dir = t.testdir({ 'all.mjs': 'for (const file of process.argv.slice(2)) await import(file)' })
  const files = sources.map((source, index) => {
    t.match(source, /assert/, 'an example without a claim proves nothing')
    const file = join(dir, `example-${index}.mjs`)
    writeFileSync(file, source)
    return pathToFileURL(file).href
  })
  t.match(await start(join(dir, 'all.mjs'), {}, files).ended, { code: 0 })
})

t.test('The table of serve’s options lists every option', async t => {
  const [, declared = ''] =
    /export interface ServeOptions \{([\s\S]*?)\n\}/.exec(
      readFileSync('adapters-sdk/src/serve/options.ts', 'utf8'),
    ) ?? []
  const options = [...declared.matchAll(/readonly (\w+)\?:/g)].map(match => match[1])
  const [, table = ''] = readFileSync('docs/writing-an-adapter.md', 'utf8').split('\n## Serving\n')
  const documented = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(match => match[1])
  t.strictSame(documented, options)
})
