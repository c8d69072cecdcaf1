import assert from 'node:assert/strict'
import { decodeCheckResponse, encodeCheckRequest, encodeReportRequest } from '@outboard/adapters-sdk/client'
import fc from 'fast-check'
import t from 'tap'
import type { Dropped } from '../../src/mixer/doors/mixer/attributes.js'
import { decodeCheckRequest } from '../../src/mixer/doors/mixer/check-request.js'
import { encodeCheckResponse } from '../../src/mixer/doors/mixer/check-response.js'
import { defaultLimits, type MessageLimits } from '../../src/mixer/doors/mixer/limits.js'
import { decodeReportRequest } from '../../src/mixer/doors/mixer/report-request.js'
import { slotTable } from '../../src/mixer/doors/mixer/slots.js'
import { WireWriter } from '../../src/mixer/doors/wire/writer.js'
import { attributes, compressed, insideAll, word } from './attributes-oracle.js'
import { decode, encode } from './protos.js'
import { contents, decided, vocabularyOf } from './support.js'

const runs = Number(process.env.OUTBOARD_FUZZ ?? 300)
const vocabulary = vocabularyOf()
const table = slotTable(vocabulary)

/** What decoding a CheckRequest gives: the bag's contents, or what was malformed; and what was dropped. */
function decoded(bytes: Buffer, limits: MessageLimits = defaultLimits) {
  const dropped: Dropped[] = []
  const check = decodeCheckRequest(bytes, vocabulary, table, limits, why => dropped.push(why))
  return 'malformed' in check
    ? { malformed: check.malformed, values: undefined, check: undefined, dropped }
    : { malformed: undefined, values: contents(check.bag), check, dropped }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }) => (a.name < b.name ? -1 : 1)
const bits = fc.infiniteStream(fc.boolean())

t.test('the attribute codec reads what another codec writes', async t => {
  fc.assert(
    fc.property(attributes, bits, fc.integer({ min: 0, max: 222 }), (values, choices, global_word_count) => {
      const useGlobal = () => choices.next().value === true
      const message = { attributes: compressed(values, useGlobal), global_word_count, deduplication_id: 'd' }
      const { values: found, check, dropped } = decoded(encode('istio.mixer.v1.CheckRequest', message))
      assert.deepEqual(dropped, [])
      assert.equal(check?.globalWordCount, global_word_count)
      assert.equal(check.deduplicationId, 'd')
      assert.deepEqual(found, insideAll(values))
    }),
    { numRuns: runs },
  )
  t.pass(`${runs} runs`)
})

t.test('the client codec writes what another codec reads', async t => {
  const quota = fc.record({
    name: fc.string({ maxLength: 9 }),
    amount: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    bestEffort: fc.boolean(),
  })
  const quotas = fc.uniqueArray(quota, { selector: one => one.name, maxLength: 4 })
  fc.assert(
    fc.property(attributes, fc.integer({ min: 0, max: 222 }), quotas, (values, globalWordCount, asked) => {
      const bytes = encodeCheckRequest({ attributes: values, globalWordCount, quotas: asked })
      // Through protobufjs and back: other bytes perhaps, the same message.
      const again = encode('istio.mixer.v1.CheckRequest', decode('istio.mixer.v1.CheckRequest', bytes))
      for (const form of [bytes, again]) {
        const { values: found, check } = decoded(form)
        assert.deepEqual(found, insideAll(values))
        assert.deepEqual(check?.quotas.toSorted(byName), asked.map(one => ({ ...one })).sort(byName))
      }
    }),
    { numRuns: runs },
  )
  t.pass(`${runs} runs`)
})

t.test('a report decodes to one bag for each set, in every encoding', async t => {
  fc.assert(
    fc.property(
      fc.array(attributes, { maxLength: 5 }),
      fc.constantFrom('independent', 'delta'),
      fc.constantFrom('shared', 'own'),
      fc.constantFrom(0, 111, 222),
      (sets, encoding, words, globalWordCount) => {
        const bytes = encodeReportRequest({ sets, encoding, words, globalWordCount })
        const report = decodeReportRequest(bytes, vocabulary, table, defaultLimits, () => {})
        let state: Record<string, unknown> = {}
        const wanted = sets.map(set => {
          state = encoding === 'delta' ? { ...state, ...insideAll(set) } : insideAll(set)
          return state
        })
        if ('malformed' in report) throw new Error(report.malformed)
        assert.deepEqual(report.problems, [])
        assert.deepEqual(report.bags.map(contents), wanted)
      },
    ),
    { numRuns: runs / 3 },
  )
  t.pass(`${runs / 3} runs`)
})

t.test('answers decode alike with another codec and with the client codec', async t => {
  const references = fc.array(
    fc.tuple(fc.nat(vocabulary.size - 1), fc.boolean(), fc.option(word, { nil: undefined })),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(references, fc.nat(222), fc.integer(), fc.nat(1e9), (looked, words, uses, ms) => {
      const empty = decodeCheckRequest(Buffer.alloc(0), vocabulary, table, defaultLimits, () => {})
      if ('malformed' in empty) throw new Error(empty.malformed)
      const wanted = new Map<string, string>()
      for (const [slot, present, key] of looked) {
        const name = vocabulary.name(slot)
        const isMap = vocabulary.type(slot) === 'STRING_MAP'
        if (isMap && key !== undefined) {
          empty.bag.references.mapKey(slot, key, present)
          wanted.set(`${name}[${key}]`, present ? 'EXACT' : 'ABSENCE')
        } else if (!isMap) {
          empty.bag.references.attribute(slot, present)
          wanted.set(name, present ? 'EXACT' : 'ABSENCE')
        }
      }
      const answer = decided(empty.bag, { code: 7, message: 'ä%', validForMs: ms, validUses: uses })
      const bytes = encodeCheckResponse(answer, table, words)
      const { precondition } = decodeCheckResponse(bytes)
      const { code, message, validForMs, validUses } = precondition ?? {}
      assert.deepEqual([code, message, validForMs, validUses], [7, 'ä%', ms, uses])
      const found = precondition?.references.map(one => [
        one.mapKey === undefined ? one.name : `${one.name}[${one.mapKey}]`,
        one.condition,
      ])
      assert.deepEqual(Object.fromEntries(found ?? []), Object.fromEntries(wanted))
      assert.equal(found?.length, wanted.size)
      // Through protobufjs and back: other bytes perhaps, the same answer.
      const other = decode('istio.mixer.v1.CheckResponse', bytes)
      const again = decodeCheckResponse(encode('istio.mixer.v1.CheckResponse', other))
      assert.deepEqual(again, { precondition, quotas: new Map() })
    }),
    { numRuns: runs },
  )
  t.pass(`${runs} runs`)
})

t.test('mutated messages are read or refused, and never throw', async t => {
  let read = 0
  let refused = 0
  const mutation = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'insert')), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(attributes, mutation, (values, mutations) => {
      let bytes = encodeCheckRequest({ attributes: values, globalWordCount: 50 })
      for (const [place, byte, how] of mutations) {
        const at = bytes.length === 0 ? 0 : place % bytes.length
        if (how === 'set') bytes[at] = byte
        else if (how === 'cut') bytes = bytes.subarray(0, at)
        else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)])
      }
      const { malformed } = decoded(bytes)
      if (malformed === undefined) read++
      else refused++
      const report = decodeReportRequest(bytes, vocabulary, table, defaultLimits, () => {})
      if (!('malformed' in report)) for (const bag of report.bags) contents(bag)
    }),
    { numRuns: runs * 3 },
  )
  t.ok(read > 0 && refused > 0, `${read} read, ${refused} refused`)
})

t.test('unknown fields are passed over, wherever they stand', async t => {
  const known = encodeCheckRequest({ attributes: { 'source.port': { type: 'INT64', value: 5n } } })
  const writer = new WireWriter()
  writer.string(77, 'unknown')
  writer.double(78, 1)
  writer.uint32(79, 300)
  // A group of field 12 with a varint and an empty group of field 13.
  const group = [0x63, 0x08, 0x05, 0x6b, 0x6c, 0x64]
  const unknown = Buffer.concat([writer.finish(), Buffer.from([(15 << 3) | 5, 1, 2, 3, 4, ...group])])
  t.same(decoded(Buffer.concat([unknown, known, unknown])).values, { 'source.port': 5 })
})

t.test('broken groups, endless varints, field number 0 and lengths beyond the end are malformed', async t => {
  for (const [hex, problem] of [
    ['0b', /group without end/],
    ['0b14', /end of another/],
    ['0c', /wire type 4/],
    ['0e', /wire type 6/],
    [`${'0b'.repeat(100)}${'0c'.repeat(100)}0c`, /wire type 4/],
    [`${'0b'.repeat(101)}${'0c'.repeat(101)}`, /more than 100 groups/],
    ['10ffffffffffffffffffffff01', /varint/],
    ['0200', /field number 0/],
    ['0a05', /beyond the end/],
    ['0a0212ff', /varint/],
  ] as const)
    t.match(decoded(Buffer.from(hex, 'hex')).malformed, problem, hex)
})

t.test('the limits of a message hold', async t => {
  const limits: MessageLimits = { maxWords: 3, maxAttributes: 2, maxMapEntries: 1, maxQuotas: 1, maxSets: 1 }
  const many = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`a${i}`, { type: 'INT64', value: 1n } as const]),
    )
  const map = { 'test.map': { type: 'STRING_MAP', value: { a: 'a', 'test.map': 'a' } } } as const
  const quotas = ['a', 'b'].map(name => ({ name, amount: 1n, bestEffort: false }))
  const request = (check: Parameters<typeof encodeCheckRequest>[0]) =>
    decoded(encodeCheckRequest({ globalWordCount: 0, ...check }), limits).malformed
  t.equal(request({ attributes: many(2) }), undefined)
  t.match(request({ attributes: many(4) }), /more than 3 words/)
  t.match(request({ attributes: many(3) }), /more than 2 attributes/)
  t.match(request({ attributes: map }), /more than 1 map entries/)
  t.match(request({ attributes: {}, quotas }), /more than 1 quotas/)
  const report = decodeReportRequest(
    encodeReportRequest({ sets: [{}, {}] }),
    vocabulary,
    table,
    limits,
    () => {},
  )
  t.match(report, { malformed: /more than 1 attribute sets/ })
})
