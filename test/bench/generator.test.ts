import { status } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { LoadGenerator } from '../../src/bench/load/generator.js'
import { Latencies } from '../../src/bench/load/latencies.js'
import { type ClientKind, clientKinds } from '../../src/bench/load/unary-client.js'
import { ProcessError } from '../../src/bench/process/child.js'
import { type Answering, fakeServer, verdict } from './fake-server.js'

// The harness against servers whose truth is known: what it reports must be that.

const workload = { kind: 'standard', attributes: 29, distinct: 20, users: 5, seed: 1 } as const
const allowed = verdict(0)

const generator = new LoadGenerator()
t.teardown(() => generator.stop())

async function targetOf(t: Test, answering: Answering, client: ClientKind = 'raw') {
  const server = await fakeServer(answering)
  t.teardown(() => server.close())
  return generator.target({ address: server.address, api: 'mixer', workload, client, connections: 2 })
}

for (const client of clientKinds)
  t.test(`the generator over ${client} reports the delay of a server that waits for 20 ms`, async t => {
    const requests = new Set<string>()
    const target = await targetOf(
      t,
      (request, answer) => {
        requests.add(request.toString('base64'))
        setTimeout(answer, 20, null, allowed)
      },
      client,
    )
    const closed = await target.run({ kind: 'closed', depth: 4 }, 300)
    t.equal(closed.errors, 0, closed.firstError ?? 'no errors')
    t.ok(Latencies.decode(closed.latencies).percentileUs(50) >= 19_000)
    t.ok(closed.calls >= 4)
    const open = await target.run({ kind: 'open', perSecond: 100 }, 300)
    t.equal(open.calls, 30)
    t.ok(Latencies.decode(open.latencies).percentileUs(50) >= 19_000)
    t.ok(requests.size > 1, 'requests differ')
    const first = await target.oneByOne(3)
    t.ok(first.every(us => us >= 19_000))
    await target.close()
  })

t.test('the open loop shows a server that stalls once', async t => {
  const stallMs = 400
  let calls = 0
  let stalledUntil: Promise<void> = Promise.resolve()
  const target = await targetOf(t, (_, answer) => {
    if (++calls === 20) stalledUntil = new Promise(resolve => setTimeout(resolve, stallMs))
    void stalledUntil.then(() => answer(null, allowed))
  })
  const outcome = await target.run({ kind: 'open', perSecond: 100 }, 1_000)
  const latencies = Latencies.decode(outcome.latencies)
  t.equal(outcome.calls, 100)
  t.ok(latencies.percentileUs(99) >= (stallMs - 40) * 1_000, `${latencies.percentileUs(99)} µs`)
  t.ok(latencies.percentileUs(75) >= 100_000, 'calls that were due in the stall waited, too')
  await target.close()
})

t.test('a wrong verdict, a gRPC status and an answer that is none are errors', async t => {
  const cases: readonly (readonly [Answering, RegExp])[] = [
    [(_, answer) => answer(null, verdict(7)), /the answer's code is 7/],
    [(_, answer) => answer({ code: status.UNAVAILABLE, details: 'gone' }), /gRPC status 14 gone/],
    [(_, answer) => answer(null, Buffer.from('no message')), /cannot be decoded|no precondition/],
    [(_, answer) => answer(null, Buffer.alloc(0)), /no precondition/],
  ]
  for (const [answering, expected] of cases) {
    const target = await targetOf(t, answering)
    const outcome = await target.run({ kind: 'closed', depth: 1 }, 50)
    t.equal(outcome.errors, outcome.calls)
    t.ok(outcome.calls > 0)
    t.match(outcome.firstError, expected)
    await t.rejects(target.oneByOne(1), ProcessError)
    await target.close()
  }
})

t.test('any verdict is right where that was asked for', async t => {
  const server = await fakeServer((_, answer) => answer(null, verdict(7)))
  t.teardown(() => server.close())
  const target = await generator.target({ address: server.address, api: 'mixer', workload, verdict: 'any' })
  const outcome = await target.run({ kind: 'closed', depth: 2 }, 50)
  t.equal(outcome.errors, 0)
  t.ok(outcome.calls > 0)
  await target.close()
})

t.test('a server that is not there, or goes away, is said', async t => {
  await t.rejects(generator.target({ address: '127.0.0.1:1', api: 'mixer', workload }), /Cannot connect/)
  const server = await fakeServer((_, answer) => answer(null, allowed))
  const target = await generator.target({ address: server.address, api: 'mixer', workload })
  server.close()
  const outcome = await target.run({ kind: 'closed', depth: 1 }, 2_000)
  t.ok(outcome.errors > 0)
})
