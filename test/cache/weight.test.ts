import { type AllowOptions, allow, deny, type Metadata } from '@outboard/adapters-sdk'
import t from 'tap'
import { AttributeCache } from '../../src/cache/index.js'
import type { TookPart } from '../../src/mixer/engine/cache-port.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'
import { bagOf } from './arbitrary.js'
import { evaluated } from './world.js'

const scope = { revision: 'r', snapshotId: 0 }
const handler = { id: 'h', signature: 's' }
const patient = { answerBy: Number.POSITIVE_INFINITY, abandon: undefined }
const mebibyte = 1_024 * 1_024

/** What a thousand answers with something large in each leave in a cache of a mebibyte. */
async function filled(large: { message?: string; metadata?: Metadata; parts?: readonly TookPart[] }) {
  const cache = new AttributeCache({ maxBytes: mebibyte }, new ManualClock(), new CountingTelemetry())
  for (let nth = 0; nth < 1_000; nth++) {
    const bag = bagOf([`${nth}`])
    await cache.check(scope, bag, async () => {
      bag.read(0)
      const { answer, ...rest } = evaluated(`${large.message ?? ''}${nth}`, bag, [], 100_000, -1)
      if (answer.kind !== 'decided') throw new TypeError('it is decided')
      return {
        ...rest,
        answer: { ...answer, metadata: large.metadata ?? {} },
        parts: large.parts ?? [],
      }
    })
  }
  return cache.explain()
}

const tenKilobytes = 'x'.repeat(10_000)

t.test('everything that an answer says counts against the bytes of the cache', async t => {
  const metadata = Object.fromEntries(
    Array.from({ length: 64 }, (_, nth) => [`key${nth}`, 'v'.repeat(50)] as const),
  )
  const found = {
    message: await filled({ message: tenKilobytes }),
    metadata: await filled({ metadata }),
    keys: await filled({ parts: [{ handler: 'h', cacheKeys: [tenKilobytes] }] }),
  }
  for (const [what, { bytes, entries }] of Object.entries(found)) {
    t.ok(bytes <= mebibyte / 2, `${what}: ${bytes} bytes`)
    t.ok(entries < 53, `${what}: ${entries} entries`)
    t.ok(entries > 10, `${what}: ${entries} entries`)
  }
  const plain = await filled({})
  t.equal(plain.entries, 1_000)
  t.ok(plain.bytes < 250_000, `plain: ${plain.bytes} bytes`)
})

t.test(
  'the verdicts of single handlers, and those for the failure policy, have their part of the bytes',
  async t => {
    const large: AllowOptions = {
      headers: [{ on: 'request', operation: 'replace', name: 'x', value: tenKilobytes }],
      validForMs: 100_000,
    }
    const verdicts = {
      headers: allow(large),
      output: allow({ output: { a: { type: 'STRING', value: tenKilobytes } }, validForMs: 100_000 }),
      message: deny('ABORTED', tenKilobytes, { validForMs: 100_000 }),
      body: deny('ABORTED', '', { direct: { body: tenKilobytes }, validForMs: 100_000 }),
    }
    for (const [what, verdict] of Object.entries(verdicts)) {
      const telemetry = new CountingTelemetry()
      const cache = new AttributeCache({ maxBytes: mebibyte }, new ManualClock(), telemetry)
      const ask = async () => verdict
      for (let nth = 0; nth < 100; nth++) {
        const question = Buffer.from(`${nth}`)
        await cache.verdict(scope, handler, question, patient, () =>
          cache.remembering(handler, question, ask),
        )
      }
      const gone = telemetry.count('outboard_cache_evictions_total', { tier: 'verdicts', reason: 'full' })
      t.ok(gone >= 100 - 13, `${what}: ${gone} of 100 had to go`)
      t.equal(cache.lastVerdict(handler, Buffer.from('0'), 100_000), undefined, what)
      t.equal(cache.lastVerdict(handler, Buffer.from('99'), 100_000), verdict, what)
    }
  },
)

t.test('a question counts with its own bytes', async t => {
  const telemetry = new CountingTelemetry()
  const cache = new AttributeCache({ maxBytes: mebibyte }, new ManualClock(), telemetry)
  for (let nth = 0; nth < 100; nth++)
    await cache.verdict(scope, handler, Buffer.from(`${tenKilobytes}${nth}`), patient, async () =>
      allow({ validForMs: 100_000 }),
    )
  const gone = telemetry.count('outboard_cache_evictions_total', { tier: 'verdicts', reason: 'full' })
  t.ok(gone >= 100 - 26, `${gone} of 100 had to go`)
})
