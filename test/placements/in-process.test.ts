import {
  type Adapter,
  AdapterError,
  allow,
  type Handler,
  SettingsError,
  type Verdict,
} from '@outboard/adapters-sdk'
import t from 'tap'
import { inProcess } from '../../src/mixer/placements/index.js'
import { contractAdapter } from '../contract/adapter.js'
import { command } from '../contract/asking.js'
import { handlerSpec, RecordingHost } from '../contract/subject.js'
import { ManualClock } from '../support/manual-clock.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)

const clock = new ManualClock()
const host = { clock, invalidated: () => {}, doubted: () => {}, adapterLog: () => {} }
const asking = { dedupId: '', deadline: 2_000_000, traceparent: undefined, onCancel: undefined }

/** An adapter whose handler is what a test makes of it, good or bad. */
function adapterOf(handler: Partial<Record<keyof Handler, unknown>>): Adapter {
  const refuse = () => Promise.reject(new Error('not asked'))
  const complete = {
    check: refuse,
    quota: refuse,
    report: refuse,
    produce: refuse,
    close: async () => {},
    ...handler,
  }
  return { ...contractAdapter, open: async () => JSON.parse('{}', () => complete) }
}

async function open(adapter: Adapter) {
  const opened = await inProcess(() => adapter).open(handlerSpec({}, 'h.handler.test'), host)
  if (opened.kind === 'refused') throw new Error(JSON.stringify(opened.problems))
  return opened.handler
}

t.test('an adapter that is not part of the process is refused by name', async t => {
  const opened = await inProcess(() => undefined).open(handlerSpec({}, 'h'), new RecordingHost())
  t.match(opened, { kind: 'refused', problems: [{ message: /"contract" is not part of this process/ }] })
})

t.test('an adapter that fails to open refuses its handler', async t => {
  const problems = [{ path: 'a.b', message: 'is wrong' }]
  const failing = (thrown: unknown): Adapter => ({ ...contractAdapter, open: () => Promise.reject(thrown) })
  const openOn = (adapter: Adapter) =>
    inProcess(async () => adapter).open(handlerSpec({}, 'h'), new RecordingHost())
  t.same(await openOn(failing(new SettingsError(problems))), { kind: 'refused', problems })
  t.match(await openOn(failing(new Error('no disk'))), {
    kind: 'refused',
    problems: [{ path: '', message: /no disk/ }],
  })
  t.match(await openOn(failing(Object.create(null))), {
    kind: 'refused',
    problems: [{ message: /cannot be printed/ }],
  })
})

t.test('whatever a handler does instead of answering is a failed verdict', async t => {
  const misbehaviours: Readonly<Record<string, readonly [check: unknown, code: string]>> = {
    'throws at once': [
      () => {
        throw new Error('x')
      },
      'ADAPTER_CRASHED',
    ],
    'rejects with nothing': [() => Promise.reject(undefined), 'ADAPTER_CRASHED'],
    'answers nothing': [async () => undefined, 'ADAPTER_PROTOCOL'],
    'answers null': [async () => null, 'ADAPTER_PROTOCOL'],
    'answers something else': [async () => ({ kind: 'perhaps' }), 'ADAPTER_PROTOCOL'],
    'answers without a promise': [() => undefined, 'ADAPTER_CRASHED'],
    'has an error of its own': [
      () => Promise.reject(new AdapterError('ADAPTER_OVERLOADED', 'busy')),
      'ADAPTER_OVERLOADED',
    ],
  }
  for (const [name, [check, code]] of Object.entries(misbehaviours)) {
    const handler = await open(adapterOf({ check }))
    t.equal(codeOf(await handler.check(command('x'), asking)), code, name)
    t.equal(handler.status().endpoints[0]?.inFlight, 0)
  }
  const handler = await open(
    adapterOf({ quota: async () => 3, produce: async () => 'x', report: async () => 'sure' }),
  )
  t.match(await handler.quota(command('x'), { amount: 1n, bestEffort: false }, asking), { kind: 'failed' })
  t.match(await handler.produce(command('x'), asking), { code: 'ADAPTER_PROTOCOL' })
  t.equal(await handler.report([command('x')], asking), undefined)
})

t.test('the signal is made when it is looked at, and tells of cancellations before that', async t => {
  const seen: boolean[] = []
  const late: { look: () => void } = { look: () => {} }
  const handler = await open(
    adapterOf({
      check: async (_instance: unknown, call: { signal: AbortSignal }) => {
        late.look = () => seen.push(call.signal.aborted)
        return allow()
      },
    }),
  )
  const onCancel: { cancelled: (() => void) | undefined } = { cancelled: undefined }
  await handler.check(command('x'), { ...asking, onCancel })
  t.equal(clock.pending, 0, 'no timer for a signal that nobody looks at')
  onCancel.cancelled?.()
  late.look()
  t.same(seen, [true])
})

t.test('the signal aborts at the deadline', async t => {
  const aborted: string[] = []
  const handler = await open(
    adapterOf({
      check: (_instance: unknown, call: { signal: AbortSignal }) =>
        new Promise(resolve => {
          call.signal.addEventListener('abort', () => {
            aborted.push('yes')
            resolve(allow())
          })
        }),
    }),
  )
  const asked = handler.check(command('x'), { ...asking, deadline: clock.now() + 100 })
  clock.advance(99)
  t.same(aborted, [])
  clock.advance(1)
  t.same(aborted, ['yes'])
  t.equal(codeOf(await asked), 'allow')
})

t.test('closing waits for a handler that hangs no longer than its grace, twice over', async t => {
  const handler = await open(
    adapterOf({ check: () => new Promise(() => {}), close: () => new Promise(() => {}) }),
  )
  void handler.check(command('x'), asking)
  t.match(handler.status().endpoints[0], { state: 'ready', inFlight: 1 })
  let closed = false
  const closing = handler.close(1_000).then(() => {
    closed = true
  })
  t.match(handler.status().endpoints[0], { state: 'draining' })
  clock.advance(1_000)
  await new Promise(resolve => setImmediate(resolve))
  t.equal(closed, false, 'its own close may take as long')
  clock.advance(1_000)
  await closing
  t.equal(clock.pending, 0)
})
