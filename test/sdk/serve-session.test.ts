import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtinTemplate, encodeInstance } from '@outboard/adapters-sdk'
import type { AdapterHello, WireCall } from '@outboard/adapters-sdk/protocol'
import { type Served, type ServeOptions, serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { stagedAdapter } from './support/adapters.js'
import { hello, RawHost } from './support/raw-host.js'

const listentry = builtinTemplate('listentry')
if (listentry === undefined) throw new Error('listentry is gone')

async function started(t: Test, options: ServeOptions = {}) {
  const { adapter, stage } = stagedAdapter()
  const lines: string[] = []
  const served = await serve(adapter, { log: line => lines.push(line), lingerMs: 0, ...options })
  t.teardown(() => served.close())
  return { served, stage, lines }
}

async function opened(t: Test, served: Served, settings: unknown = { allowed: ['ada'] }) {
  const host = new RawHost(served.address)
  t.teardown(() => host.cut())
  host.send(hello)
  const said = await host.expect('hello')
  host.send({
    kind: 'configure',
    handler: 1,
    generation: 1,
    id: 'front.handler.ns',
    adapter: '',
    settings: JSON.stringify(settings),
    instances: [],
  })
  await host.expect('ready')
  return { host, said }
}

function check(said: AdapterHello, id: number, value: string, more: Partial<WireCall> = {}): WireCall {
  const template = said.templates.find(each => each.name === 'listentry')?.number ?? 0
  const instance = {
    name: 'i.instance.ns',
    template: 'listentry',
    fields: { value: { type: 'STRING', value } },
  } as const
  return {
    id,
    handler: 1,
    generation: 1,
    template,
    verb: 'check',
    deadlineMs: 5_000,
    dedupId: 'd',
    traceparent: '',
    instances: [encodeInstance(listentry ?? fail(), instance)],
    quota: undefined,
    ...more,
  }
}

function fail(): never {
  throw new Error('unreachable')
}

t.test('A session over a Unix socket: hello, configure, calls of every kind, goodbye', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'outboard-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const { served, stage } = await started(t, { address: `unix:${join(dir, 'a.sock')}` })
  const { host, said } = await opened(t, served)
  t.equal(said.adapters[0]?.name, 'staged')
  t.same(
    said.templates.map(each => each.name),
    ['listentry', 'quota', 'metric', 'keyval', 'lookup'],
  )
  host.send({
    kind: 'calls',
    calls: [check(said, 1, 'ada'), check(said, 2, 'bob', { traceparent: '00-a-b-01' })],
  })
  const { results, credits } = await host.expect('results')
  t.equal(credits, 2)
  t.match(results, [
    {
      kind: 'verdict',
      id: 1,
      verdict: { kind: 'allow', caching: { kind: 'valid', forMs: 5_000, uses: -1 }, cacheKeys: ['ada'] },
    },
    {
      kind: 'verdict',
      id: 2,
      verdict: {
        kind: 'deny',
        code: 7,
        message: 'bob is not welcome',
        direct: { httpStatus: 402, body: 'pay', headers: [['x-price', '3']] },
        caching: { kind: 'no-opinion' },
      },
    },
  ])
  t.equal(stage.calls[1]?.traceparent, '00-a-b-01')
  t.equal(stage.calls[0]?.traceparent, undefined)
  host.send({ kind: 'close', code: 'OK', message: 'bye' })
  await host.expect('close')
  t.equal(await host.end(), 'end')
})

t.test('A handler that throws gives a failed result, and the session goes on', async t => {
  const { served } = await started(t)
  const { host, said } = await opened(t, served)
  host.send({ kind: 'calls', calls: [check(said, 1, 'throw'), check(said, 2, 'ada')] })
  const { results } = await host.expect('results')
  t.match(
    results.find(each => each.id === 1),
    { kind: 'failed', code: 'ADAPTER_CRASHED', message: /no such luck/ },
  )
  t.match(
    results.find(each => each.id === 2),
    { kind: 'verdict' },
  )
})

t.test('Settings that the adapter refuses come back with their paths', async t => {
  const { served } = await started(t)
  const host = new RawHost(served.address)
  t.teardown(() => host.cut())
  host.send(hello)
  await host.expect('hello')
  const configure = {
    kind: 'configure',
    handler: 1,
    generation: 1,
    id: 'h',
    adapter: '',
    instances: [],
  } as const
  host.send({ ...configure, settings: '{"code":0,"allowd":[]}' })
  t.match(await host.expect('refused'), {
    problems: [
      { path: 'allowd', message: 'is not known; did you mean allowed?' },
      { path: 'code', message: 'must be at least 1, not 0' },
    ],
    retryable: false,
  })
  host.send({ ...configure, generation: 2, settings: '{' })
  t.match(await host.expect('refused'), { problems: [{ message: /not JSON/ }] })
  host.send({ ...configure, generation: 3, adapter: 'nobody', settings: '' })
  t.match(await host.expect('refused'), { problems: [{ message: /no adapter "nobody"/ }] })
})

t.test('The adapter withdraws answers and writes into the host’s log', async t => {
  const { served, stage } = await started(t)
  const { host } = await opened(t, served)
  stage.hosts[0]?.invalidate('ada')
  stage.hosts[0]?.invalidate('bob')
  t.match(await host.expect('invalidate'), { handler: 1, keys: ['ada', 'bob'] })
  stage.hosts[0]?.invalidate()
  t.match(await host.expect('invalidate'), { handler: 1, keys: [] })
  stage.hosts[0]?.log('warn', 'the list is old')
  t.match(await host.expect('log'), { handler: 1, level: 'warn', message: 'the list is old', dropped: 0 })
})

t.test('A drain of the adapter loses nothing: what comes until the host agrees is answered', async t => {
  const { served, stage } = await started(t)
  const { host, said } = await opened(t, served)
  host.send({ kind: 'calls', calls: [check(said, 1, 'hold')] })
  host.send({ kind: 'ping', nonce: 5 })
  t.equal((await host.expect('pong')).nonce, 5)
  const drained = served.drain('new version')
  t.equal((await host.expect('drain')).reason, 'new version')
  t.equal(served.drain(), drained, 'a second drain is the first')
  host.send({ kind: 'calls', calls: [check(said, 2, 'ada')] })
  t.match(await host.expect('results'), { results: [{ id: 2, kind: 'verdict' }] })
  host.send({ kind: 'drain', reason: 'as you wish' })
  stage.held[0]?.release()
  t.match(await host.expect('results'), { results: [{ id: 1, kind: 'verdict' }] })
  t.equal((await host.expect('close')).code, 'DRAINED')
  await drained
  t.equal(stage.closed, 1, 'the handler was closed')
})

t.test('A host that vanishes leaves nothing behind: its calls are aborted, its handlers closed', async t => {
  const { served, stage } = await started(t)
  const { host, said } = await opened(t, served)
  host.send({ kind: 'calls', calls: [check(said, 1, 'wait-for-abort')] }, { kind: 'ping', nonce: 1 })
  await host.expect('pong')
  const aborted = new Promise(resolve => stage.calls[0]?.signal.addEventListener('abort', resolve))
  host.cut()
  await aborted
  const { host: next, said: again } = await opened(t, served)
  next.send({ kind: 'calls', calls: [check(again, 1, 'ada')] })
  t.match(await next.expect('results'), { results: [{ kind: 'verdict' }] }, 'others go on')
})

t.test('A stale socket file is replaced, a living one is not', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'outboard-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const path = join(dir, 'a.sock')
  const living = createServer().listen(path)
  await new Promise(resolve => living.once('listening', resolve))
  const { adapter } = stagedAdapter()
  await t.rejects(serve(adapter, { address: `unix:${path}`, log: () => {} }))
  await new Promise(resolve => living.close(resolve))
  const { served } = await started(t, { address: `unix:${path}` })
  t.ok(await opened(t, served))
})

t.test('Plain text is refused off loopback unless it is asked for', async t => {
  const { adapter } = stagedAdapter()
  await t.rejects(serve(adapter, { address: '0.0.0.0:0' }), { message: /plain text.*allowPlaintext/ })
  await t.rejects(serve(adapter, { address: 'nonsense' }), { name: 'TypeError' })
})
