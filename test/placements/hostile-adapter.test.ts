import { AdapterError, type Verdict } from '@outboard/adapters-sdk'
import type { HostFrame } from '@outboard/adapters-sdk/protocol'
import t, { type Test } from 'tap'
import type { PlacedHandler } from '../../src/mixer/engine/ports.js'
import type { RemoteTiming } from '../../src/mixer/placements/index.js'
import { asking, command } from '../contract/asking.js'
import { Handlers } from './support/opened.js'
import {
  allowAll,
  hello,
  politely,
  type Script,
  ScriptedAdapter,
  type ScriptedSession,
  wellBehaved,
} from './support/scripted-adapter.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)

type CallsFrame = Extract<HostFrame, { kind: 'calls' }>

/** Polite until the first calls come. */
const until =
  (act: (session: ScriptedSession, frame: CallsFrame) => void): Script =>
  (session, frame) => {
    politely(session, frame)
    if (frame.kind === 'calls') act(session, frame)
  }

const verdictFor = (id: number) =>
  ({
    kind: 'verdict',
    id,
    verdict: {
      kind: 'allow',
      caching: { kind: 'no-opinion' },
      headers: [],
      metadata: {},
      output: {},
      cacheKeys: [],
    },
    output: undefined,
  }) as const

interface Offence {
  readonly script: Script
  /** What the host says when it closes the session. */
  readonly close: string
  readonly timing?: Partial<RemoteTiming>
}

/** Each ends its session with a reason. */
const offences: Readonly<Record<string, Offence>> = {
  'a result for a call that was never made': {
    script: until((session, frame) => {
      session.send({ kind: 'results', results: [verdictFor((frame.calls[0]?.id ?? 0) + 1_000)], credits: 0 })
    }),
    close: 'PROTOCOL_UNKNOWN_CALL',
  },
  'a result twice': {
    script: until((session, frame) => {
      const results = frame.calls.flatMap(({ id }) => [verdictFor(id), verdictFor(id)])
      session.send({ kind: 'results', results, credits: 2 })
    }),
    close: 'PROTOCOL_UNKNOWN_CALL',
  },
  'half a frame': {
    script: until(session => session.raw(Buffer.from([0x22, 0x7f, 0x0a]))),
    close: 'PROTOCOL_MALFORMED',
  },
  'bytes that are no frame': {
    script: until(session => session.raw(Buffer.alloc(64, 0xff))),
    close: 'PROTOCOL_MALFORMED',
  },
  'a flood of pings': {
    script: until(session => {
      for (let nonce = 0; nonce < 5_000; nonce++) session.send({ kind: 'ping', nonce })
    }),
    close: 'PROTOCOL_LIMIT',
  },
  'a flood of log lines': {
    script: until(session => {
      for (let i = 0; i < 5_000; i++) {
        session.send({ kind: 'log', handler: 1, level: 'info', message: 'x'.repeat(100), dropped: 0 })
      }
    }),
    close: 'PROTOCOL_LIMIT',
  },
  'a flood of frames of a later version': {
    script: until(session => {
      for (let i = 0; i < 5_000; i++) session.raw(Buffer.from([0xfa, 0x01, 0x00]))
    }),
    close: 'PROTOCOL_LIMIT',
  },
  'a second hello': {
    script: until(session => session.send(hello())),
    close: 'PROTOCOL_UNEXPECTED_FRAME',
  },
  'a handler that nobody configured': {
    script: until(session => session.send({ kind: 'ready', handler: 77, generation: 1 })),
    close: 'PROTOCOL_UNEXPECTED_FRAME',
  },
  'a handler that is ready twice': {
    script: until(session => session.send({ kind: 'ready', handler: 1, generation: 1 })),
    close: 'PROTOCOL_UNEXPECTED_FRAME',
  },
  'a handler removed that nobody removed': {
    script: until(session => session.send({ kind: 'removed', handler: 1, generation: 1 })),
    close: 'PROTOCOL_UNEXPECTED_FRAME',
  },
  'more results in a frame than the host takes': {
    script: until(session => {
      const results = Array.from({ length: 4_097 }, (_, i) => verdictFor(i + 1))
      session.send({ kind: 'results', results, credits: 0 })
    }),
    close: 'PROTOCOL_BATCH_TOO_LARGE',
  },
  'no result, long after the deadline': {
    script: until(() => {}),
    close: 'PROTOCOL_LIMIT',
    timing: { abandonedMs: 50, pingEveryMs: 30, pingTimeoutMs: 60_000 },
  },
  'silence, and no answer to a ping': {
    script: (session, frame) => {
      if (frame.kind !== 'ping') politely(session, frame)
    },
    close: 'PROTOCOL_PING_TIMEOUT',
    timing: { pingEveryMs: 20, pingTimeoutMs: 40 },
  },
}

async function harmless(t: Test, neighbour: PlacedHandler): Promise<void> {
  t.equal(codeOf(await neighbour.check(command('allow'), asking())), 'allow', 'another adapter answers')
}

for (const [name, { script, close, timing }] of Object.entries(offences)) {
  t.test(`${name} ends that session with a reason, and nothing else`, async t => {
    const [hostile, good] = await Promise.all([
      ScriptedAdapter.listen(script),
      ScriptedAdapter.listen(wellBehaved),
    ])
    const handlers = new Handlers({
      timing: { stableMs: 60_000, backoff: { firstMs: 60_000, maxMs: 60_000 }, ...timing },
    })
    t.teardown(async () => {
      await handlers.close()
      hostile.close()
      good.close()
    })
    const [bad, neighbour] = await Promise.all([
      handlers.open('session', [hostile.address], { id: 'bad.handler.test' }),
      handlers.open('session', [good.address], { id: 'good.handler.test' }),
    ])
    const asked = bad.check(command('allow'), asking({ timeoutMs: 200 }))
    const session = hostile.sessions[0]
    t.equal((await session?.frame('close'))?.code, close)
    t.match(codeOf(await asked), /^(ADAPTER_PROTOCOL|ADAPTER_TIMEOUT|allow)$/)
    t.match(bad.status().endpoints[0], { state: 'down', reason: new RegExp(close) })
    const counted = handlers.telemetry.count('outboard_session_protocol_errors_total', { code: close })
    t.equal(counted, 1)
    await harmless(t, neighbour)
  })
}

t.test('a frame over the limit ends that session with a reason', async t => {
  const hostile = await ScriptedAdapter.listen(until(session => session.raw(Buffer.alloc(200_000, 1))))
  const handlers = new Handlers({
    limits: { frameBytes: 100_000 },
    timing: { stableMs: 60_000, backoff: { firstMs: 60_000, maxMs: 60_000 } },
  })
  t.teardown(async () => {
    await handlers.close()
    hostile.close()
  })
  const bad = await handlers.open('session', [hostile.address])
  t.equal(codeOf(await bad.check(command('allow'), asking())), 'ADAPTER_PROTOCOL')
  t.match(bad.status().endpoints[0], { state: 'down', reason: /larger than max/ })
})

/** Each is refused before there is a session. */
const greetings: Readonly<Record<string, { readonly script: Script; readonly reason: RegExp }>> = {
  'a hello that never comes': { script: () => {}, reason: /PROTOCOL_HANDSHAKE_TIMEOUT/ },
  'frames that are no hello, without end': {
    script: session => {
      for (let i = 0; i < 100; i++) session.raw(Buffer.from([0xfa, 0x01, 0x00]))
    },
    reason: /PROTOCOL_HANDSHAKE_TIMEOUT/,
  },
  'something else before the hello': {
    script: session => session.send({ kind: 'ping', nonce: 1 }),
    reason: /PROTOCOL_UNEXPECTED_FRAME/,
  },
  'a protocol that the host does not speak': {
    script: session => session.send(hello({ protocol: 9 })),
    reason: /PROTOCOL_VERSION/,
  },
  'two templates of one number': {
    script: session => session.send(hello({ templates: [...hello().templates, ...hello().templates] })),
    reason: /PROTOCOL_MALFORMED/,
  },
  'a polite no': {
    script: session => session.send({ kind: 'close', code: 'SHUTDOWN', message: 'not today' }),
    reason: /SHUTDOWN not today/,
  },
  'an end at once': { script: session => session.end(), reason: /ended the session/ },
}

for (const [name, { script, reason }] of Object.entries(greetings)) {
  t.test(`${name} is no session: the handler opens, and says why it cannot ask`, async t => {
    const hostile = await ScriptedAdapter.listen(script)
    const handlers = new Handlers()
    t.teardown(async () => {
      await handlers.close()
      hostile.close()
    })
    const bad = await handlers.open('session', [hostile.address])
    const verdict = await bad.check(command('allow'), asking({ timeoutMs: 1_000 }))
    t.match(codeOf(verdict), /^ADAPTER_(UNAVAILABLE|PROTOCOL)$/)
    t.match(verdict.kind === 'failed' && verdict.error.message, reason)
  })
}

t.test('an answer of another kind fails its call and leaves the session open', async t => {
  const odd = await ScriptedAdapter.listen(
    until((session, frame) => {
      const [first, ...rest] = frame.calls
      if (first !== undefined && first.id === 1)
        session.send({ kind: 'results', results: [{ kind: 'reported', id: 1 }], credits: 1 })
      allowAll(session, { kind: 'calls', calls: first?.id === 1 ? rest : frame.calls })
    }),
  )
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    odd.close()
  })
  const handler = await handlers.open('session', [odd.address])
  t.equal(codeOf(await handler.check(command('a'), asking())), 'ADAPTER_PROTOCOL')
  t.equal(codeOf(await handler.check(command('b'), asking())), 'allow')
  t.equal(odd.sessions.length, 1)
})

t.test('an answer over the limits fails its call and leaves the session open', async t => {
  const long = await ScriptedAdapter.listen(
    until((session, frame) => {
      const headers = Array.from({ length: 65 }, (_, i) => ({
        on: 'request' as const,
        operation: 'append' as const,
        name: `x-${i}`,
        value: 'v',
      }))
      const results = frame.calls.map(({ id }) => {
        const result = verdictFor(id)
        return id === 1 ? { ...result, verdict: { ...result.verdict, headers } } : result
      })
      session.send({ kind: 'results', results, credits: results.length })
    }),
  )
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    long.close()
  })
  const handler = await handlers.open('session', [long.address])
  t.equal(codeOf(await handler.check(command('a'), asking())), 'ADAPTER_LIMIT')
  t.equal(codeOf(await handler.check(command('b'), asking())), 'allow')
  t.equal(long.sessions.length, 1)
})

t.test('results after a cancellation are taken, and belong to nobody', async t => {
  const late: ((() => void) | undefined)[] = []
  const slow = await ScriptedAdapter.listen(
    until((session, frame) => {
      if (frame.calls[0]?.id === 1) late.push(() => allowAll(session, frame))
      else allowAll(session, frame)
    }),
  )
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    slow.close()
  })
  const handler = await handlers.open('session', [slow.address])
  const onCancel: { cancelled: (() => void) | undefined } = { cancelled: undefined }
  const asked = handler.check(command('a'), asking({ onCancel }))
  await slow.sessions[0]?.frame('calls')
  onCancel.cancelled?.()
  t.equal(codeOf(await asked), 'ADAPTER_CANCELLED')
  t.same((await slow.sessions[0]?.frame('cancel'))?.ids, [1])
  t.equal(handler.status().endpoints[0]?.inFlight, 1, 'its place is kept until the result comes')
  late[0]?.()
  t.equal(codeOf(await handler.check(command('b'), asking())), 'allow')
  t.equal(handler.status().endpoints[0]?.inFlight, 0)
})

t.test('an adapter that gives no credit makes calls wait, and bounds how many', async t => {
  const stingy = await ScriptedAdapter.listen((session, frame) => {
    if (frame.kind === 'hello') session.send(hello({ credits: 2 }))
    else politely(session, frame)
  })
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    stingy.close()
  })
  const handler = await handlers.open('session', [stingy.address])
  const asked = Array.from({ length: 4_200 }, () =>
    handler.check(command('allow'), asking({ timeoutMs: 60_000 })),
  )
  const refused = await Promise.all(asked.slice(4_098))
  t.same(new Set(refused.map(codeOf)), new Set(['ADAPTER_OVERLOADED']))
  const calls = await stingy.sessions[0]?.frame('calls')
  t.equal(calls?.calls.length, 2, 'only what credit allows was sent')
  await handler.close(1)
  t.notOk((await Promise.all(asked)).some(verdict => verdict.kind !== 'failed'))
})

t.test('an instance that fits into no frame fails before it is sent', async t => {
  const good = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    good.close()
  })
  const handler = await handlers.open('session', [good.address])
  const verdict = await handler.check(command('x'.repeat(2_000_000)), asking())
  t.ok(verdict.kind === 'failed' && verdict.error instanceof AdapterError)
  t.equal(codeOf(verdict), 'ADAPTER_LIMIT')
})
