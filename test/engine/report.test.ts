import { AdapterError } from '@outboard/adapters-sdk'
import t from 'tap'
import { pass, settled } from '../support/manual-clock.js'
import { action, bagOf, handlerSpec, instance, type RuleScript, type Script, snapshotOf } from './scripted.js'
import { started } from './start.js'

const request = { door: 'test', deadline: Number.POSITIVE_INFINITY, traceparent: undefined }
const rule = (more: Partial<RuleScript> = {}): RuleScript => ({
  name: 'r',
  actions: [{ phase: 'report', action: action(handlerSpec('h'), instance('i', 'REPORT')) }],
  ...more,
})
const bag = () => bagOf({ user: 'ann' })

function recording() {
  const batches: { size: number; dedupId: string }[] = []
  let answer: AdapterError | undefined
  const script: Script = {
    report: async (instances, dedupId) => {
      batches.push({ size: instances.length, dedupId })
      return answer
    },
  }
  return {
    batches,
    script,
    fail: (error: AdapterError | undefined) => {
      answer = error
    },
  }
}

t.test('a batch goes when it is full, or when its oldest instance is old enough', async t => {
  const { batches, script } = recording()
  const { engine, clock } = await started({ h: script }, [rule()])
  t.match(await engine.pin().report([bag(), bag(), bag()], request), { kind: 'taken' })
  t.same(
    batches.map(({ size }) => size),
    [3],
  )
  await engine.pin().report([bag()], request)
  await settled()
  t.equal(batches.length, 1, 'one instance waits for more')
  clock.advance(50)
  t.same(
    batches.map(({ size }) => size),
    [3, 1],
  )
})

t.test(
  'while the adapter is away reports wait, are tried again with the same id, and none is lost',
  async t => {
    const { batches, script, fail } = recording()
    const { engine, clock, telemetry } = await started({ h: script }, [rule()])
    fail(new AdapterError('ADAPTER_UNAVAILABLE', 'away'))
    await engine.pin().report([bag(), bag(), bag()], request)
    await settled()
    await pass(clock, 6_000)
    fail(undefined)
    await pass(clock, 6_000)
    t.ok(batches.length > 3, 'it was tried again')
    t.equal(new Set(batches.map(({ dedupId }) => dedupId)).size, 1)
    t.equal(telemetry.count('outboard_reports_delivered_total', { handler: 'h' }), 3)
    t.equal(engine.status().handlers[0]?.reportsQueued, 0)
  },
)

t.test('an adapter that refuses a batch three times loses it, counted, and gets the next', async t => {
  const { script, fail } = recording()
  const { engine, clock, telemetry } = await started({ h: script }, [rule()])
  fail(new AdapterError('ADAPTER_CRASHED', 'poison'))
  await engine.pin().report([bag(), bag(), bag()], request)
  await pass(clock, 3_000)
  t.equal(telemetry.count('outboard_reports_dropped_total', { handler: 'h', reason: 'refused' }), 3)
  fail(undefined)
  await engine.pin().report([bag(), bag(), bag()], request)
  await settled()
  t.equal(telemetry.count('outboard_reports_delivered_total', { handler: 'h' }), 3)
})

t.test('a full queue drops its oldest, counted, and takes the new', async t => {
  const { script, fail } = recording()
  const { engine, telemetry } = await started({ h: script }, [rule()])
  fail(new AdapterError('ADAPTER_UNAVAILABLE', 'away'))
  for (let nth = 0; nth < 14; nth++) t.match(await engine.pin().report([bag()], request), { kind: 'taken' })
  t.equal(telemetry.count('outboard_reports_dropped_total', { handler: 'h', reason: 'queue_full' }), 4)
  t.equal(engine.status().handlers[0]?.reportsQueued, 10)
})

t.test('what is dropped is told in the log: a line for many, and what is left at the end', async t => {
  const { script, fail } = recording()
  const { engine, clock, telemetry } = await started({ h: script }, [rule()])
  const told = () => telemetry.lines.filter(({ event }) => event === 'reports_dropped')
  fail(new AdapterError('ADAPTER_UNAVAILABLE', 'away'))
  for (let nth = 0; nth < 14; nth++) await engine.pin().report([bag()], request)
  t.same(told(), [], 'not one by one')
  clock.advance(10_000)
  t.match(told(), [{ level: 'warn', facts: { handler: 'h', reason: 'queue_full', count: 4 } }])
  await settled()
  await engine.pin().report([bag()], request)
  const closing = engine.close(100)
  await settled()
  clock.advance(100)
  await closing
  t.match(told().slice(1), [
    { level: 'warn', facts: { reason: 'queue_full', count: 1 } },
    { level: 'warn', facts: { reason: 'closed', count: 10 } },
  ])
  t.equal(told().length, 3)
  t.equal(clock.pending, 0)
})

t.test('an instance that cannot be filled in is told; the others are taken', async t => {
  const { batches, script } = recording()
  const { engine } = await started({ h: script }, [rule()])
  const answer = await engine.pin().report([bag(), bagOf({ path: '/' }), bag(), bag()], request)
  t.match(answer, { kind: 'failed', problems: [/instance "i.instance.ns" .*lookup failed/] })
  t.same(
    batches.map(({ size }) => size),
    [3],
  )
})

t.test('a shadow rule reports nothing', async t => {
  const { batches, script } = recording()
  const { engine, clock } = await started({ h: script }, [rule({ rule: { enforcement: 'shadow' } })])
  t.match(await engine.pin().report([bag()], request), { kind: 'taken' })
  clock.advance(1_000)
  t.same(batches, [])
})

t.test('a handler that is replaced delivers what it has, then closes', async t => {
  const { batches, script } = recording()
  const { engine, handler } = await started({ h: script }, [rule()])
  await engine.pin().report([bag()], request)
  const old = handler('h')
  await engine.swap(snapshotOf(1, []))
  await settled()
  await settled()
  t.same(
    batches.map(({ size }) => size),
    [1],
  )
  t.equal(old.closed, 1)
})

t.test('no two batches share an id, whichever handler or configuration they belong to', async t => {
  const { batches, script } = recording()
  const rules = (version: string) => [
    rule({
      actions: [
        {
          phase: 'report',
          action: action(handlerSpec('h', { signature: version }), instance('i', 'REPORT')),
        },
      ],
    }),
  ]
  const { engine, clock } = await started({ h: script }, rules('one'))
  await engine.pin().report([bag(), bag(), bag()], request)
  await engine.swap(snapshotOf(1, rules('two')))
  await engine.pin().report([bag(), bag(), bag()], request)
  await pass(clock, 100)
  t.equal(batches.length, 2)
  t.equal(
    new Set(batches.map(({ dedupId }) => dedupId)).size,
    2,
    'an adapter would drop the second otherwise',
  )
})
