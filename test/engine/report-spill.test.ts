import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AdapterError } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Spill } from '../../src/mixer/spill/index.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { settled } from '../support/manual-clock.js'
import { shortFolder } from '../support/short-folder.js'
import { action, bagOf, handlerSpec, instance, snapshotOf, template } from './scripted.js'
import { type Started, started } from './start.js'

const request = { door: 'test', deadline: Number.POSITIVE_INFINITY, traceparent: undefined }
const dropped = 'outboard_reports_dropped_total'

/** A handler with room for ten instances in memory, three in a batch. */
const specOf = (signature: string) =>
  handlerSpec('h', { templates: new Map([['report', template('REPORT')]]), signature })

const rules = (signature = 'one') => [
  {
    name: 'r',
    actions: [{ phase: 'report' as const, action: action(specOf(signature), instance('i', 'REPORT')) }],
  },
]

/** An adapter that is away until it is told otherwise, and writes down what it gets. */
class Adapter {
  isAway = true
  readonly got: string[] = []
  /** Without batches that it had had before, as their ids tell. */
  readonly counted: string[] = []
  readonly #had = new Set<string>()
  /** Values by deduplication id, of every try. */
  readonly tried = new Map<string, string>()

  readonly script = {
    report: async (_: unknown, dedupId: string, values: readonly string[]) => {
      const before = this.tried.get(dedupId)
      if (before !== undefined && before !== values.join()) throw new Error(`${dedupId} changed`)
      this.tried.set(dedupId, values.join())
      if (this.isAway) return new AdapterError('ADAPTER_UNAVAILABLE', 'away')
      this.got.push(...values)
      if (!this.#had.has(dedupId)) this.counted.push(...values)
      this.#had.add(dedupId)
      return undefined
    },
  }
}

class Host {
  constructor(
    readonly started: Started,
    readonly spill: Spill,
  ) {}

  static async start(adapter: Adapter, folder: string, maxBytes = 1_000_000): Promise<Host> {
    const spill = await Spill.open({ folder, maxBytes, telemetry: new CountingTelemetry() })
    const idPrefix = `${Math.random().toFixed(8)}-`
    return new Host(await started({ h: adapter.script }, rules(), { spill, idPrefix }), spill)
  }

  get queued(): number {
    return this.started.engine.status().handlers[0]?.reportsQueued ?? 0
  }

  count(name: string, reason?: string): number {
    return this.started.telemetry.count(name, { handler: 'h', ...(reason !== undefined && { reason }) })
  }

  async report(...users: string[]): Promise<void> {
    for (const user of users) await this.started.engine.pin().report([bagOf({ user })], request)
  }

  /** Reports one by one, as slowly as the disk takes them. */
  async reportSlowly(users: readonly string[], most = 10): Promise<void> {
    for (const user of users) {
      await this.report(user)
      await this.until(() => this.queued < most - 1)
    }
  }

  /** Until something has come true: in between time passes, and files are written. */
  async until(isTrue: () => boolean): Promise<void> {
    for (let turn = 0; turn < 20_000; turn++) {
      if (isTrue()) return
      await settled()
      if (turn % 10 === 9) this.started.clock.advance(50)
    }
    throw new Error('it never came true')
  }

  /** Ends it as a signal would, with so little time that an adapter that is away gets nothing. */
  async end(): Promise<void> {
    const closing = this.started.engine.close(100)
    await settled()
    this.started.clock.advance(100)
    await closing
    await this.spill.close()
  }
}

const names = (count: number, prefix = 'u') => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.includes('.batch'))
}

t.test('what memory has no room for waits on disk; all of it is delivered once, in order', async t => {
  const folder = shortFolder(t)
  const adapter = new Adapter()
  const host = await Host.start(adapter, folder)
  const all = names(200)
  await host.reportSlowly(all)
  t.ok(files(folder).length > 50, `${files(folder).length} files`)
  adapter.isAway = false
  await host.until(() => adapter.got.length >= all.length)
  t.same(adapter.got, all)
  await host.until(() => files(folder).length === 0)
  await host.until(() => host.queued === 0)
  t.equal(host.count(dropped, 'queue_full'), 0)
  t.equal(host.count('outboard_reports_delivered_total'), 200)
  await host.end()
})

t.test('what is left when a host ends is delivered by the next one, under the same ids', async t => {
  const folder = shortFolder(t)
  const adapter = new Adapter()
  const first = await Host.start(adapter, folder)
  const all = names(25)
  await first.reportSlowly(all)
  await first.end()
  t.equal(first.count(dropped, 'closed'), 0)
  const second = await Host.start(adapter, folder)
  adapter.isAway = false
  await second.report('later', 'on')
  await second.until(() => adapter.got.length >= 27)
  // The one that was being tried when the first one ended went to disk last: it is the oldest, but not first any more.
  t.same([...adapter.got].sort(), [...all, 'later', 'on'].sort())
  await second.until(() => files(folder).length === 0)
  await second.end()
})

t.test('a handler that is opened anew delivers what the one before it left', async t => {
  const folder = shortFolder(t)
  const adapter = new Adapter()
  const host = await Host.start(adapter, folder)
  const all = names(25)
  await host.reportSlowly(all)
  t.match(await host.started.engine.swap(snapshotOf(1, rules('two'))), { kind: 'live' })
  adapter.isAway = false
  await host.until(() => adapter.got.length >= all.length)
  t.same([...adapter.got].sort(), [...all].sort())
  await host.end()
})

t.test('a full disk allowance drops the oldest that memory holds, and says so', async t => {
  const folder = shortFolder(t)
  const adapter = new Adapter()
  // A batch of three takes about 75 bytes here, and the largest that there may be 1,000: more than the whole allowance.
  const host = await Host.start(adapter, folder, 800)
  const all = names(60)
  const told = () => host.started.telemetry.lines.filter(({ event }) => event === 'report_spill_full')
  for (const user of all) {
    await host.report(user)
    await host.until(() => host.queued < 8 || told().length > 0)
  }
  const lost = host.count(dropped, 'queue_full')
  t.ok(lost > 0 && lost < 45, `${lost} were dropped`)
  t.ok(files(folder).length > 4, 'nearly all of it was used')
  t.match(told(), [{ level: 'warn', facts: { handler: 'h' } }])
  t.equal(told().length, 1)
  adapter.isAway = false
  await host.until(() => adapter.got.length >= all.length - lost)
  t.equal(new Set(adapter.got).size, all.length - lost, 'every other one came, once')
  const numbers = adapter.got.map(user => Number(user.slice(1)))
  t.same(
    numbers,
    [...numbers].sort((a, b) => a - b),
    'in their order',
  )
  t.match(adapter.got, ['u0', 'u1', 'u2', 'u3'], 'the oldest were on disk')
  t.equal(adapter.got.at(-1), 'u59')
  await host.end()
})

t.test('a disk that cannot be written costs nothing while memory has room, and is tried again', async t => {
  const folder = shortFolder(t)
  const adapter = new Adapter()
  const host = await Host.start(adapter, folder)
  const inTheWay = join(folder, 'h-h')
  writeFileSync(inTheWay, 'a file where the folder would be')
  await host.report(...names(10))
  await host.until(() => host.started.clock.now() > 1_000_200)
  t.equal(host.count(dropped, 'queue_full'), 0)
  t.equal(host.queued, 10)
  rmSync(inTheWay)
  await host.until(() => host.started.clock.now() > 1_006_000)
  await host.report('one more')
  await host.until(() => files(folder).length > 0)
  const lost = host.count(dropped, 'queue_full')
  t.equal(lost, 1, 'memory was full')
  adapter.isAway = false
  await host.until(() => adapter.got.length >= 10)
  t.equal(new Set(adapter.got).size, 10)
  await host.end()
})

t.test(
  'however an adapter comes and goes, and the host ends and begins, nothing is lost',
  async (t: Test) => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.integer({ min: 1, max: 12 }).map(count => ({ do: 'report' as const, count })),
      },
      { weight: 2, arbitrary: fc.constant({ do: 'go' as const }) },
      { weight: 2, arbitrary: fc.constant({ do: 'come' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
      { weight: 1, arbitrary: fc.constant({ do: 'settings' as const }) },
    )
    const root = shortFolder(t)
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const folder = join(root, `run${run++}`)
        const adapter = new Adapter()
        let host = await Host.start(adapter, folder)
        let put = 0
        let swaps = 0
        for (const one of steps) {
          if (one.do === 'report') {
            await host.reportSlowly(names(one.count, `${put}-`))
            put += one.count
          } else if (one.do === 'go') adapter.isAway = true
          else if (one.do === 'come') adapter.isAway = false
          else if (one.do === 'settings')
            await host.started.engine.swap(snapshotOf(++swaps, rules(`settings ${swaps}`)))
          else {
            await host.end()
            host = await Host.start(adapter, folder)
          }
        }
        adapter.isAway = false
        await host.until(() => new Set(adapter.got).size >= put && host.queued === 0)
        await host.until(() => files(folder).length === 0)
        t.equal(adapter.counted.length, put, 'each counts once')
        await host.end()
      }),
      { numRuns: 25 },
    )
  },
)
