import type { AttributeValues } from '@outboard/adapters-sdk'
import {
  type ClientCheck,
  decodeCheckResponse,
  encodeCheckRequest,
  type Precondition,
} from '@outboard/adapters-sdk/client'
import t, { type Test } from 'tap'
import { Instant } from '../../src/mixer/attributes/index.js'
import { mixerService } from '../../src/mixer/doors/mixer/service.js'
import type { CheckRequest, Decided, Undecided } from '../../src/mixer/engine/api.js'
import { connected, serverKinds } from './serving.js'
import { contents, counting, decided, realClock, type Script, scripted } from './support.js'

const path = '/istio.mixer.v1.Mixer/Check'

const request: AttributeValues = {
  'source.ip': { type: 'IP_ADDRESS', value: new Uint8Array([10, 0, 0, 1]) },
  'source.port': { type: 'INT64', value: -9_223_372_036_854_775_808n },
  'request.headers': { type: 'STRING_MAP', value: { ':path': '/a', 'x-user': 'jane' } },
  'request.path': { type: 'URI', value: '/a' },
  'request.time': { type: 'TIMESTAMP', value: { seconds: 1_700_000_000, nanos: 5 } },
  'response.duration': { type: 'DURATION', value: -1_500_000_001n },
  'connection.mtls': { type: 'BOOL', value: true },
  'test.double': { type: 'DOUBLE', value: 0.5 },
}

for (const kind of serverKinds) {
  t.test(`Mixer Check on ${kind}`, async t => {
    async function door(t: Test, script: Script) {
      const { telemetry, counts } = counting()
      const service = mixerService({ engine: scripted(script), telemetry, clock: realClock })
      const client = await connected(t, { kind, services: [service] })
      return {
        counts,
        client,
        ask: (check: ClientCheck, metadata = {}) => client.call(path, encodeCheckRequest(check), metadata),
      }
    }

    async function precondition(t: Test, change: Partial<Decided>, check: Partial<ClientCheck> = {}) {
      const { ask } = await door(t, { check: bag => decided(bag, change) })
      const { message } = await ask({ attributes: request, ...check })
      if (message === undefined) throw new TypeError('no answer')
      return decodeCheckResponse(message).precondition as Precondition
    }

    t.test('hands every attribute to the engine, exact', async t => {
      for (const globalWordCount of [0, 111, 222]) {
        let seen: Record<string, unknown> = {}
        const { ask } = await door(t, {
          check: bag => {
            seen = contents(bag)
            return decided(bag)
          },
        })
        t.equal((await ask({ attributes: request, globalWordCount })).code, 0)
        t.same(seen, {
          'source.ip': new Uint8Array([10, 0, 0, 1]),
          'source.port': -9_223_372_036_854_775_808n,
          'request.headers': { ':path': '/a', 'x-user': 'jane' },
          'request.path': '/a',
          'request.time': new Instant(1_700_000_000, 5),
          'response.duration': -1_500_000_001,
          'connection.mtls': true,
          'test.double': 0.5,
        })
      }
    })

    t.test('passes on deduplication id, quotas, deadline and trace', async t => {
      let seen: CheckRequest | undefined
      const { ask } = await door(t, {
        check: (bag, asked) => {
          seen = asked
          return decided(bag)
        },
      })
      const quotas = [
        { name: 'requests', amount: 1n, bestEffort: true },
        { name: 'bytes', amount: -5n, bestEffort: false },
      ]
      const traceparent = '00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01'
      await ask({ attributes: {}, deduplicationId: 'd1', quotas }, { traceparent })
      t.match(seen, { door: 'mixer', deduplicationId: 'd1', quotas, traceparent })
      t.ok(seen !== undefined && Math.abs(seen.deadline - Date.now() - 5_000) < 2_000)
    })

    t.test('writes valid_duration and status even when they are empty', async t => {
      const answer = await precondition(t, { validForMs: 0, validUses: 0 })
      t.match(answer, { code: 0, message: '', validForMs: 0, validUses: 0, directive: undefined })
    })

    t.test('carries a denial with its validity and an unlimited number of uses', async t => {
      const answer = await precondition(t, { code: 7, message: 'h:no', validForMs: 1_500, validUses: -1 })
      t.match(answer, { code: 7, message: 'h:no', validForMs: 1_500, validUses: -1 })
    })

    t.test('names what was looked at, with global words only when the caller knows them', async t => {
      for (const globalWordCount of [0, 16, 222]) {
        const { ask } = await door(t, {
          check: bag => {
            const slot = (name: string) => bag.vocabulary.slot(name) ?? -1
            bag.read(slot('source.ip'))
            bag.read(slot('source.user'))
            bag.readKey(slot('request.headers'), 'x-user')
            bag.readKey(slot('request.headers'), 'source.ip')
            bag.readKey(slot('test.map'), 'k')
            bag.read(slot('test.unique'))
            return decided(bag)
          },
        })
        const { message } = await ask({ attributes: request, globalWordCount })
        const { precondition } = decodeCheckResponse(message ?? Buffer.alloc(0))
        t.same(precondition?.references.map(r => `${r.condition} ${r.name}[${r.mapKey ?? ''}]`).sort(), [
          'ABSENCE request.headers[source.ip]',
          'ABSENCE source.user[]',
          'ABSENCE test.map[]',
          'ABSENCE test.unique[]',
          'EXACT request.headers[x-user]',
          'EXACT source.ip[]',
        ])
        t.equal(precondition?.validUses, 10_000)
      }
    })

    t.test('forbids reuse of an answer that depends on a whole string map', async t => {
      const { ask } = await door(t, {
        check: bag => {
          bag.readMap(bag.vocabulary.slot('request.headers') ?? -1)
          return decided(bag)
        },
      })
      const { message } = await ask({ attributes: request })
      const { precondition } = decodeCheckResponse(message ?? Buffer.alloc(0))
      t.match(precondition, { validUses: 0, validForMs: 60_000, references: [] })
    })

    t.test('carries header operations and a direct answer in order', async t => {
      const answer = await precondition(t, {
        directive: {
          directStatus: 302,
          directBody: 'gone',
          operations: [
            { on: 'request', operation: 'replace', name: 'a', value: '1' },
            { on: 'response', operation: 'append', name: 'set-cookie', value: 'x' },
            { on: 'request', operation: 'remove', name: 'b', value: '' },
            { on: 'response', operation: 'append', name: 'set-cookie', value: 'y' },
          ],
        },
      })
      t.same(answer.directive, {
        directStatus: 302,
        directBody: 'gone',
        request: [
          { operation: 'replace', name: 'a', value: '1' },
          { operation: 'remove', name: 'b', value: '' },
        ],
        response: [
          { operation: 'append', name: 'set-cookie', value: 'x' },
          { operation: 'append', name: 'set-cookie', value: 'y' },
        ],
      })
    })

    t.test('answers each quota, and none when denied', async t => {
      const script = (code: number): Script => ({
        check: bag => {
          const references = bag.references.copy()
          references.attribute(bag.vocabulary.slot('source.user') ?? -1, false)
          const quotas = [
            { name: 'a', code: 0, message: '', amount: 5n, validForMs: 1_000, references },
            { name: 'b', code: 14, message: 'away', amount: 0n, validForMs: 0, references: bag.references },
          ]
          return decided(bag, { code, quotas })
        },
      })
      const allowed = await (await door(t, script(0))).ask({ attributes: {} })
      t.same(Object.fromEntries(decodeCheckResponse(allowed.message ?? Buffer.alloc(0)).quotas), {
        a: {
          code: 0,
          message: '',
          amount: 5n,
          validForMs: 1_000,
          references: [{ name: 'source.user', mapKey: undefined, condition: 'ABSENCE' }],
        },
        b: { code: 14, message: 'away', amount: 0n, validForMs: 0, references: [] },
      })
      const denied = await (await door(t, script(7))).ask({ attributes: {} })
      t.equal(decodeCheckResponse(denied.message ?? Buffer.alloc(0)).quotas.size, 0)
    })

    t.test('turns an undecided check into a gRPC error, with upstream’s words', async t => {
      const cases: [Undecided['reason'], number, RegExp][] = [
        ['OVERLOADED', 14, /^Server is currently overloaded\. Please try again\.$/],
        ['PRODUCE_FAILED', 13, /^preprocessing attributes failed: why$/],
        ['CHECK_FAILED', 13, /^performing check operation failed: why$/],
        ['DEADLINE', 4, /^why$/],
      ]
      for (const [reason, code, details] of cases) {
        const { ask } = await door(t, { check: () => ({ kind: 'undecided', reason, message: 'why' }) })
        t.match(await ask({ attributes: {} }), { code, details, message: undefined })
      }
    })

    t.test('refuses a caller whose dictionary is larger', async t => {
      const { ask } = await door(t, {})
      t.match(await ask({ attributes: {}, globalWordCount: 223 }), {
        code: 13,
        details: 'inconsistent global dictionary versions used: mixer knows 222 words, caller knows 223',
      })
    })

    t.test('answers malformed bytes with INVALID_ARGUMENT, counts them, and lives', async t => {
      const { client, ask, counts } = await door(t, {})
      t.match(await client.call(path, Buffer.from([0x0a, 0x05, 0x01])), { code: 3, details: /malformed/ })
      t.equal(counts.get('door_malformed{door="mixer"}'), 1)
      t.equal((await ask({ attributes: request })).code, 0)
      t.equal(counts.get('door_requests{door="mixer",method="Check",code="OK"}'), 1)
    })

    t.test('answers INTERNAL when the engine breaks its promise', async t => {
      const { ask } = await door(t, {
        check: () => {
          throw new Error('a secret')
        },
      })
      t.match(await ask({ attributes: {} }), { code: 13, details: 'internal error' })
    })

    t.test('tells the engine when the caller has gone', async t => {
      let gone = () => {}
      const cancelled = new Promise<void>(resolve => {
        gone = resolve
      })
      const { client } = await door(t, {
        check: (_, asked) => {
          if (asked.onCancel !== undefined) asked.onCancel.cancelled = gone
          call.cancel()
          return cancelled.then(() => ({ kind: 'undecided', reason: 'DEADLINE', message: '' }))
        },
      })
      const asIs = (bytes: Buffer) => bytes
      const message = encodeCheckRequest({ attributes: {} })
      const call = client.raw.makeUnaryRequest(path, asIs, asIs, message, () => {})
      await cancelled
      t.pass('heard')
    })
  })
}
