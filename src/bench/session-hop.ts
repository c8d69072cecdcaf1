import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Adapter,
  allow,
  builtinTemplate,
  defineAdapter,
  encodeInstance,
  settings,
} from '@outboard/adapters-sdk'
import { serve } from '@outboard/adapters-sdk/serve'
import { systemClock } from '../mixer/engine/clock.js'
import type {
  ConnectionSpec,
  HandlerSpec,
  PlacedHandler,
  Placement,
  Question,
} from '../mixer/engine/ports.js'
import { createPlacements, inProcess, inProcessCoded } from '../mixer/placements/index.js'
import { silent } from '../mixer/telemetry/index.js'

// What one hop to an adapter costs: µs per call and CPU of both ends, by placement and by calls in flight.
//   node dist/src/bench/session-hop.js [seconds per measurement, default 0.4]
// The adapter runs in a child process, which says itself how much CPU it used.

const template = builtinTemplate('listentry')
if (template === undefined) throw new TypeError('the template listentry is built in')

/** The cheapest adapter there can be, so that the hop is what is measured. */
const adapter: Adapter = defineAdapter({
  name: 'bench',
  version: '1.0.0',
  description: 'Allows everything',
  templates: ['listentry'],
  settings: settings.object({}),
  open() {
    const verdict = allow({ validForMs: 5_000, validUses: 10_000 })
    return { check: () => verdict }
  },
})

const record = {
  name: 'value.instance.bench',
  template: 'listentry',
  fields: { value: { type: 'STRING', value: `/orders/${'x'.repeat(220)}` } },
}
const question: Question = {
  instanceName: record.name,
  template,
  record,
  bytes: encodeInstance(template, record),
}

/** How long each placement runs before anything is measured. */
const warmUpSeconds = 0.4

interface Measured {
  readonly perSecond: number
  /** Microseconds per call. */
  readonly hostCpu: number
  readonly adapterCpu: number
  /** Microseconds from question to answer. */
  readonly p50: number
  readonly p99: number
}

/** Keeps `depth` calls in flight for some seconds. */
async function measure(
  handler: PlacedHandler,
  depth: number,
  seconds: number,
  adapterCpu: () => Promise<number>,
) {
  await run(handler, depth, Math.min(seconds, 0.2)) // warm
  const adapterBefore = await adapterCpu()
  const before = process.cpuUsage()
  const startedAt = performance.now()
  const took = await run(handler, depth, seconds)
  const elapsedMs = performance.now() - startedAt
  const used = process.cpuUsage(before)
  const adapterUsed = (await adapterCpu()) - adapterBefore
  took.sort((a, b) => a - b)
  const calls = took.length
  const measured: Measured = {
    perSecond: (calls / elapsedMs) * 1_000,
    hostCpu: (used.user + used.system) / calls,
    adapterCpu: adapterUsed / calls,
    p50: (took[Math.floor(calls / 2)] ?? 0) * 1_000,
    p99: (took[Math.floor(calls * 0.99)] ?? 0) * 1_000,
  }
  return measured
}

async function run(handler: PlacedHandler, depth: number, seconds: number): Promise<number[]> {
  const took: number[] = []
  const end = performance.now() + seconds * 1_000
  const lane = async () => {
    for (let startedAt = performance.now(); startedAt < end; ) {
      const asking = {
        dedupId: '',
        deadline: systemClock.now() + 5_000,
        traceparent: undefined,
        onCancel: undefined,
      }
      const verdict = await handler.check(question, asking)
      if (verdict.kind !== 'allow') throw new Error(`not allowed: ${JSON.stringify(verdict)}`)
      const now = performance.now()
      took.push(now - startedAt)
      startedAt = now
    }
  }
  await Promise.all(Array.from({ length: depth }, lane))
  return took
}

function spec(addresses: readonly string[]): HandlerSpec {
  const connection: ConnectionSpec = {
    addresses,
    timeoutMs: undefined,
    authentication: { kind: 'none' },
    peerNames: [],
    allowPlaintext: false,
  }
  return {
    id: 'bench.handler.bench',
    displayName: 'bench.handler.bench',
    adapter: 'bench',
    placement: 'auto',
    settings: {},
    settingsAny: undefined,
    connection,
    cacheable: true,
    guard: {
      deadlineMs: 1_000,
      maxConcurrency: 1_024,
      breaker: { failures: 0, openMs: 1_000 },
      onFailure: { kind: 'caller' },
      report: { maxItems: 100, maxBytes: 262_144, maxAgeMs: 1_000, maxQueued: 10_000 },
    },
    templates: new Map([['listentry', question.template]]),
    instances: [],
    signature: 'bench',
  }
}

/** Serves the adapter, tells the parent where, and its CPU time whenever asked. */
async function serveForParent(unixAddress: string): Promise<void> {
  const served = await serve(adapter, { address: ['127.0.0.1:0', unixAddress], log: () => {} })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.on('disconnect', () => process.exit())
  process.send?.(served.addresses)
}

function heard(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the adapter process ended with ${code}`))
    child.once('exit', ended)
    child.once('message', message => {
      child.off('exit', ended)
      resolve(message)
    })
  })
}

async function main(seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'outboard-bench-'))
  const child = fork(fileURLToPath(import.meta.url), ['adapter', `unix:${join(folder, 's')}`])
  const addresses = await heard(child)
  if (!Array.isArray(addresses)) throw new TypeError('the adapter process said no addresses')
  const [tcp, unix] = addresses.map(String)
  const cpuOfChild = async () => {
    const answer = heard(child)
    child.send('cpu')
    return Number(await answer)
  }
  const noAdapter = async () => 0
  const options = { clock: systemClock, telemetry: silent }
  const { byName } = createPlacements(() => undefined, options)
  const atOnce = createPlacements(() => undefined, { ...options, schedule: queueMicrotask }).byName.session
  const onStream = createPlacements(() => undefined, { ...options, sessionCarrier: 'grpc' }).byName.session
  const host = { clock: systemClock, invalidated: () => {}, doubted: () => {}, adapterLog: () => {} }
  const subjects: [name: string, placement: Placement, address: string, cpu: () => Promise<number>][] = [
    ['in process', inProcess(() => adapter), '', noAdapter],
    ['in process, coded', inProcessCoded(() => adapter), '', noAdapter],
    ['session, unix', byName.session, unix ?? '', cpuOfChild],
    ['session, tcp', byName.session, tcp ?? '', cpuOfChild],
    ['  on gRPC, unix', onStream, unix ?? '', cpuOfChild],
    ['  on gRPC, tcp', onStream, tcp ?? '', cpuOfChild],
    ['  by microtask, unix', atOnce, unix ?? '', cpuOfChild],
    ['unary, unix', byName.unary, unix ?? '', cpuOfChild],
    ['unary, tcp', byName.unary, tcp ?? '', cpuOfChild],
  ]
  // The first second of a hop at depth 1 measures the compiler, not the hop.
  for (const [, placement, address] of subjects) {
    const opened = await placement.open(spec([address]), host)
    if (opened.kind === 'refused') throw new Error(JSON.stringify(opened.problems))
    await run(opened.handler, 1, warmUpSeconds)
    await opened.handler.close(1_000)
  }
  console.log(
    'placement                depth   calls/s  p50 µs  p99 µs  host CPU µs  adapter CPU µs  both µs',
  )
  for (const [name, placement, address, cpu] of subjects) {
    for (const depth of [1, 64, 256]) {
      const opened = await placement.open(spec([address]), host)
      if (opened.kind === 'refused') throw new Error(JSON.stringify(opened.problems))
      print(name, depth, await measure(opened.handler, depth, seconds, cpu))
      await opened.handler.close(1_000)
    }
  }
  child.disconnect()
  rmSync(folder, { recursive: true, force: true })
}

function print(name: string, depth: number, m: Measured): void {
  const columns = [
    name.padEnd(24),
    String(depth).padStart(5),
    m.perSecond.toFixed(0).padStart(9),
    m.p50.toFixed(1).padStart(7),
    m.p99.toFixed(0).padStart(7),
    m.hostCpu.toFixed(2).padStart(12),
    m.adapterCpu.toFixed(2).padStart(15),
    (m.hostCpu + m.adapterCpu).toFixed(2).padStart(8),
  ]
  console.log(columns.join(' '))
}

const [word, unixAddress] = process.argv.slice(2)
if (word === 'adapter' && unixAddress !== undefined) await serveForParent(unixAddress)
else await main(Number(word ?? 0.4))
