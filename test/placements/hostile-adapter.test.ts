import type { Verdict } from '@outboard/adapters-sdk'
import t, { type Test } from 'tap'
import type { PlacedHandler } from '../../src/mixer/engine/ports.js'
import type { RemoteTiming } from '../../src/mixer/placements/index.js'
import { asking, command } from '../contract/asking.js'
import { Handlers } from './support/opened.js'
import {
  type Carrier,
  hello,
  politely,
  type Script,
  ScriptedAdapter,
  untilCalled,
  verdictFor,
  wellBehaved,
} from './support/scripted-adapter.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)

interface Offence {
  readonly script: Script
  /** What the host says when it closes the session. */
  readonly close: string
  readonly timing?: Partial<RemoteTiming>
}

/** Each ends its session with a reason. */
const offences: Readonly<Record<string, Offence>> = {
  'a result for a call that was never made': {
    script: untilCalled((session, frame) => {
      session.send({ kind: 'results', results: [verdictFor((frame.calls[0]?.id ?? 0) + 1_000)], credits: 0 })
    }),
    close: 'PROTOCOL_UNKNOWN_CALL',
  },
  'a result twice': {
    script: untilCalled((session, frame) => {
      const results = frame.calls.flatMap(({ id }) => [verdictFor(id), verdictFor(id)])
      session.send({ kind: 'results', results, credits: 2 })
    }),
    close: 'PROTOCOL_UNKNOWN_CALL',
  },
  'half a frame': {
    script: untilCalled(session => session.raw(Buffer.from([0x22, 0x7f, 0x0a]))),
    close: 'PROTOCOL_MALFORMED',
  },
  'bytes that are no frame': {
    script: untilCalled(session => session.raw(Buffer.alloc(64, 0xff))),
    close: 'PROTOCOL_MALFORMED',
  },
  'a flood of pings': {
    script: untilCalled(session => {
      for (let nonce = 0; nonce < 5_000; nonce++) session.send({ kind: 'ping', nonce })
    }),
    close: 'PROTOCOL_LIMIT',
  },
  'a flood of log lines': {
    script: untilCalled(session => {
      for (let i = 0; i < 5_000; i++) {
        session.send({ kind: 'log', handler: 1, level: 'info', message: 'x'.repeat(100), dropped: 0 })
      }
    }),
    close: 'PROTOCOL_LIMIT',
  },
  'a flood of frames of a later version': {
    script: untilCalled(session => {
      for (let i = 0; i < 5_000; i++) session.raw(Buffer.from([0xfa, 0x01, 0x00]))
    }),
    close: 'PROTOCOL_LIMIT',
  },
  'a second hello': {
    script: untilCalled(session => session.send(hello())),
    close: 'PROTOCOL_UNEXPECTED_FRAME',
  },
  'a handler that nobody configured': {
    script: untilCalled(session => session.send({ kind: 'ready', handler: 77, generation: 1 })),
    close: 'PROTOCOL_UNEXPECTED_FRAME',
  },
  'a handler that is ready twice': {
    script: untilCalled(session => session.send({ kind: 'ready', handler: 1, generation: 1 })),
    close: 'PROTOCOL_UNEXPECTED_FRAME',
  },
  'a handler removed that nobody removed': {
    script: untilCalled(session => session.send({ kind: 'removed', handler: 1, generation: 1 })),
    close: 'PROTOCOL_UNEXPECTED_FRAME',
  },
  'more results in a frame than the host takes': {
    script: untilCalled(session => {
      const results = Array.from({ length: 4_097 }, (_, i) => verdictFor(i + 1))
      session.send({ kind: 'results', results, credits: 0 })
    }),
    close: 'PROTOCOL_BATCH_TOO_LARGE',
  },
  'no result, long after the deadline': {
    script: untilCalled(() => {}),
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

const carriers: readonly Carrier[] = ['grpc', 'socket']
const every = <Value>(table: Readonly<Record<string, Value>>) =>
  carriers.flatMap(carrier => Object.entries(table).map(([name, value]) => ({ carrier, name, ...value })))

for (const { carrier, name, script, close, timing } of every(offences)) {
  t.test(`${name} (${carrier}) ends that session with a reason, and nothing else`, async t => {
    const [hostile, good] = await Promise.all([
      ScriptedAdapter.listen(script, undefined, carrier),
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
    t.equal(session?.carrier, carrier)
    t.equal((await session?.frame('close'))?.code, close)
    t.match(codeOf(await asked), /^(ADAPTER_PROTOCOL|ADAPTER_TIMEOUT|allow)$/)
    t.match(bad.status().endpoints[0], { state: 'down', reason: new RegExp(close) })
    const counted = handlers.telemetry.count('outboard_session_protocol_errors_total', { code: close })
    t.equal(counted, 1)
    await harmless(t, neighbour)
  })
}

for (const [carrier, reason] of [
  ['grpc', /larger than max/],
  ['socket', /PROTOCOL_FRAME_TOO_LARGE/],
] as const) {
  t.test(`a frame over the limit (${carrier}) ends that session with a reason`, async t => {
    const hostile = await ScriptedAdapter.listen(
      untilCalled(session => session.raw(Buffer.alloc(200_000, 1))),
      undefined,
      carrier,
    )
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
    t.match(bad.status().endpoints[0], { state: 'down', reason })
  })
}

/** Each is refused before there is a session. */
const greetings: Readonly<Record<string, { readonly script: Script; readonly reason: RegExp }>> = {
  'a hello that never comes': { script: () => {}, reason: /PROTOCOL_HANDSHAKE_TIMEOUT/ },
  'frames that are no hello, without end': {
    script: session => {
      for (let i = 0; i < 100; i++) session.raw(Buffer.from([0xfa, 0x01, 0x00]))
    },
    reason: /PROTOCOL_UNEXPECTED_FRAME/,
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
