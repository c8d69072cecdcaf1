import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { defineAdapter, settings } from '@outboard/adapters-sdk'
import { type Served, serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/index.js'
import { shortFolder } from '../support/short-folder.js'
import { documents, serving } from './serving.js'
import { TestShell } from './shell.js'

/** Every request is reported to an adapter at that address, its path as the value. */
function reporting(address: string): string {
  return documents(`
apiVersion: config.istio.io/v1alpha2
kind: handler
metadata: {name: counting, namespace: istio-system}
spec:
  placement: session
  connection: {address: "${address}"}
  report: {maxAge: 10ms}
---
apiVersion: config.istio.io/v1alpha2
kind: instance
metadata: {name: paths, namespace: istio-system}
spec:
  compiledTemplate: metric
  params:
    value: "1"
    dimensions: {path: request.path}
---
apiVersion: config.istio.io/v1alpha2
kind: rule
metadata: {name: all, namespace: istio-system}
spec:
  actions: [{handler: counting, instances: [paths]}]
`)
}

async function counting(address: string, got: string[]): Promise<Served> {
  const adapter = defineAdapter({
    name: 'counting',
    version: '1.0.0',
    description: 'Writes paths down',
    templates: ['metric'],
    settings: settings.object({}),
    open: () => ({
      report: async instances => {
        for (const { fields } of instances) got.push(JSON.stringify(fields.dimensions))
      },
    }),
  })
  return serve(adapter, { address, log: () => {} })
}

async function report(mixer: string, path: string): Promise<number> {
  return run(
    ['report', '--mixer', mixer, '-s', `request.path=${path},destination.namespace=x`],
    new TestShell(),
  )
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setTimeout(resolve, 20))
}

function batches(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.batch'))
}

/** A host that has reported three requests, which its adapter did not get, and has ended; `start` starts one like it. */
async function left(t: Test) {
  const folder = shortFolder(t)
  const address = `unix:${join(folder, 'adapter')}`
  const spill = join(folder, 'spill')
  const got: string[] = []
  const before = await counting(address, got)
  const start = () => serving(t, reporting(address), '--report-spill', spill, '--drain-timeout', '300ms')
  const first = await start()
  await before.close()
  for (const path of ['/a', '/b', '/c']) t.equal(await report(first.mixer, path), 0)
  first.shell.signal('SIGTERM')
  t.equal(await first.ended, 0)
  t.ok(batches(join(spill, '0')).length > 0)
  return { spill, got, start, back: () => counting(address, got) }
}

t.test('reports whose adapter is away outlive the host, and reach it from the next one', async t => {
  const { got, start, back } = await left(t)
  const after = await back()
  t.teardown(() => after.close())
  await start()
  await until(() => got.length >= 3)
  t.match(got.join(), /"\/a".*"\/b".*"\/c"/)
})

t.test('the status says how many reports are on disk', async t => {
  const { start } = await left(t)
  const { admin } = await start()
  const shell = new TestShell()
  await run(['status', '--admin', admin], shell) // whether it is ready depends on how often it has tried the adapter by now
  t.match(shell.stdout, /0 reports queued, 3 on disk/)
})

t.test('reports of a worker that is started no more are delivered by one that is', async t => {
  const { spill, got, start, back } = await left(t)
  renameSync(join(spill, '0'), join(spill, '3'))
  const after = await back()
  t.teardown(() => after.close())
  const next = await start()
  await until(() => got.length >= 3)
  t.match(got.join(), /"\/a".*"\/b".*"\/c"/)
  next.shell.signal('SIGTERM')
  t.equal(await next.ended, 0)
  t.same(readdirSync(spill), ['0'], 'what was empty is removed')
})

t.test('a second host is refused the folder of the first, with its name', async t => {
  const folder = shortFolder(t)
  await serving(t, documents(), '--report-spill', folder)
  const shell = new TestShell()
  const config = t.testdir({ folder: {}, 'all.yaml': documents() })
  const code = await run(
    ['serve', '--config', config, '--address', '127.0.0.1:0', '--admin', 'off', '--report-spill', folder],
    shell,
  )
  t.equal(code, 2)
  t.match(shell.stderr, /Cannot use --report-spill .*another process keeps its reports/)
})
