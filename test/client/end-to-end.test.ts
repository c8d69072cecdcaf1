import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AttributeValues, defineAdapter, settings } from '@outboard/adapters-sdk'
import { grpcTransport, MixerClient } from '@outboard/adapters-sdk/client'
import { serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { copyConfig } from '../../src/cli/demo/config-copy.js'
import { run } from '../../src/cli/index.js'
import { denier, documents, serving } from '../cli/serving.js'
import { TestShell } from '../cli/shell.js'
import { fencesOf } from '../docs/fences.js'
import { request } from './asking.js'

/** A folder whose path is short enough for a socket. */
function shortFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'ob-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An adapter in front of which everything reported is counted. */
async function counter(t: Test, socket: string) {
  const paths: unknown[] = []
  const adapter = defineAdapter({
    name: 'counter',
    version: '1.0.0',
    description: 'Counts what is reported',
    templates: ['logentry'],
    settings: settings.object({}),
    open: () => ({
      report: instances => {
        for (const { fields } of instances) paths.push(fields.variables)
      },
    }),
  })
  const served = await serve(adapter, { address: socket })
  t.teardown(() => served.close())
  return paths
}

const more = (socket: string) => `
apiVersion: config.istio.io/v1alpha2
kind: handler
metadata: {name: rate, namespace: istio-system}
spec:
  compiledAdapter: memquota
  params: {quotas: [{name: rq.instance.istio-system, maxAmount: 25, validDuration: 600s}]}
---
apiVersion: config.istio.io/v1alpha2
kind: instance
metadata: {name: rq, namespace: istio-system}
spec:
  compiledTemplate: quota
  params: {dimensions: {user: 'source.principal | "nobody"'}}
---
apiVersion: config.istio.io/v1alpha2
kind: rule
metadata: {name: rate, namespace: istio-system}
spec:
  actions: [{handler: rate, instances: [rq]}]
---
apiVersion: config.istio.io/v1alpha2
kind: handler
metadata: {name: counter, namespace: istio-system}
spec:
  connection: {address: "${socket}"}
  report: {maxAge: 50ms}
---
apiVersion: config.istio.io/v1alpha2
kind: instance
metadata: {name: line, namespace: istio-system}
spec:
  compiledTemplate: logentry
  params: {severity: '"Info"', timestamp: request.time, variables: {path: request.path}}
---
apiVersion: config.istio.io/v1alpha2
kind: rule
metadata: {name: count, namespace: istio-system}
spec:
  actions: [{handler: counter, instances: [line]}]
`

t.test(
  'a proxy and a host on a Unix socket: denials, a quota that runs out, reports that arrive',
  async t => {
    const folder = shortFolder(t)
    const adapterSocket = `unix://${folder}/a.sock`
    const reported = await counter(t, adapterSocket)
    const address = `unix://${folder}/m.sock`
    const host = await serving(t, documents(denier('not this'), more(adapterSocket)), '--address', address)
    t.equal(host.mixer, address)
    const client = new MixerClient({ transport: grpcTransport({ address: host.mixer }) })
    const at = (path: string, principal = 'ann'): AttributeValues => ({
      ...request({ 'request.path': path, 'destination.namespace': 'x', 'source.principal': principal }),
      'request.time': { type: 'TIMESTAMP', value: { seconds: 1_700_000_000, nanos: 0 } },
    })

    await t.test('denials are told apart by what the rule looks at, and kept', async t => {
      t.match(await client.check(at('/secret')), { allowed: false, status: { code: 7, message: /not this/ } })
      t.match(await client.check(at('/secret', 'bob')), { allowed: false, fromCache: true })
      t.match(await client.check(at('/open')), { allowed: true, fromCache: false })
      t.match(await client.check(at('/secret ')), { allowed: true, fromCache: false })
      t.equal(client.statistics().remoteChecks, 3)
    })

    await t.test('a quota runs out, for each caller by himself', async t => {
      const passes = async (principal: string) => {
        let passed = 0
        for (let nth = 0; nth < 60; nth++) {
          if ((await client.check(at('/open', principal), [{ name: 'rq' }])).allowed) passed++
          for (
            let seen = client.statistics();
            seen.remoteAnswers < seen.remoteChecks;
            seen = client.statistics()
          )
            await new Promise(setImmediate) // what was fetched ahead has not arrived
        }
        return passed
      }
      const before = client.statistics()
      // One more may pass: the stock was empty, and until then the server had given everything.
      for (const principal of ['ann', 'bob']) {
        const passed = await passes(principal)
        t.ok(passed === 25 || passed === 26, `${principal}: ${passed}`)
      }
      const { quotaPrefetchCalls, remoteChecks, quotaCacheRejected } = client.statistics()
      t.ok(quotaPrefetchCalls >= 2, `${quotaPrefetchCalls} prefetches`)
      t.ok(remoteChecks - before.remoteChecks < 60, 'quotas are not asked for one by one')
      t.ok(quotaCacheRejected > 60)
      const exact = new MixerClient({ transport: grpcTransport({ address: host.mixer }), quotaCells: 0 })
      t.match(await exact.check(at('/open'), [{ name: 'rq' }]), { allowed: false, exhausted: ['rq'] })
      t.equal((await exact.check(at('/open', 'eve'), [{ name: 'rq', amount: 25 }])).allowed, true)
      t.equal((await exact.check(at('/open', 'eve'), [{ name: 'rq' }])).allowed, false)
      await exact.close()
    })

    await t.test('every report arrives once', async t => {
      for (let nth = 0; nth < 250; nth++) client.report(at(`/reported/${nth}`))
      await client.close()
      t.match(client.statistics(), { reportsDelivered: 250, reportCalls: 3, reportsLostFailed: 0 })
      while (reported.length < 250) await new Promise(setImmediate)
      t.equal(new Set(reported.map(one => JSON.stringify(one))).size, 250)
    })

    await t.test('a host that is not there fails the check', async t => {
      const gone = new MixerClient({ transport: grpcTransport({ address: `unix://${folder}/gone.sock` }) })
      t.match(await gone.check(at('/open')), { allowed: false, failure: { code: 14 } })
      await gone.close()
    })
  },
)

t.test('the example of docs/mixer-client.md runs, and what it claims holds', async t => {
  const commands: { readonly shell: TestShell; readonly ended: Promise<number> }[] = []
  const start = async (args: readonly string[], ready: RegExp) => {
    const shell = new TestShell()
    commands.push({ shell, ended: run([...args, '--drain-timeout', '1s'], shell) })
    const [, found = ''] = await shell.printed(ready)
    return found
  }
  t.teardown(async () => {
    for (const { shell } of commands) shell.signal('SIGTERM')
    await Promise.all(commands.map(({ ended }) => ended))
  })
  const list = await start(['adapter', 'serve', 'listchecker', '--address', '127.0.0.1:0'], / at (\S+)\n/)
  const quota = await start(['adapter', 'serve', 'memquota', '--address', '127.0.0.1:0'], / at (\S+)\n/)
  const config = await copyConfig(
    'examples/config',
    new Map([
      ['127.0.0.1:9101', list],
      ['127.0.0.1:9102', quota],
    ]),
  )
  t.teardown(() => config.remove())
  const flags = ['--config', config.folder, '--address', '127.0.0.1:0', '--admin', 'off']
  const host = await start(['serve', ...flags], /"event":"listening","addresses":\["([^"]+)"/)

  const [source] = fencesOf(readFileSync('docs/mixer-client.md', 'utf8')).filter(({ info }) => info === 'ts')
  const lines = source?.lines ?? []
  t.ok(lines.some(line => line.includes('assert')))
  const program = join(t.testdir({}), 'example.mjs') // in the project, where the package is found by its name
  writeFileSync(program, lines.join('\n'))
  const child = spawn(process.execPath, [...process.execArgv, program], {
    env: { ...process.env, MIXER: host },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', chunk => {
    said += chunk
  })
  t.equal(await new Promise(resolve => child.once('close', resolve)), 0, said)
})

t.test('the tables of docs/mixer-client.md list every option and every field of an outcome', async t => {
  const text = readFileSync('docs/mixer-client.md', 'utf8')
  const fieldsOf = (path: string, name: string) => {
    const declared = new RegExp(`export interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(
      readFileSync(path, 'utf8'),
    )
    return [...(declared?.[1] ?? '').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(match => match[1])
  }
  const documented = (heading: string) => {
    const [, section = ''] = text.split(`\n## ${heading}\n`)
    return [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` +\|/gm)].map(match => match[1])
  }
  t.same(documented('Options'), fieldsOf('adapters-sdk/src/client/options.ts', 'MixerClientOptions'))
  t.same(documented('What `check` answers'), fieldsOf('adapters-sdk/src/client/outcome.ts', 'CheckOutcome'))
})
