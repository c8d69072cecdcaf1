import { isDeepStrictEqual } from 'node:util'
import type { AttributeValues, Value } from '@outboard/adapters-sdk'
import { encodeReportRequest } from '@outboard/adapters-sdk/client'
import fc from 'fast-check'
import t from 'tap'
import { AttributeBag } from '../../src/mixer/attributes/index.js'
import { fillBag } from '../../src/mixer/doors/mixer/attributes.js'
import { invalidDelta } from '../../src/mixer/doors/mixer/delta.js'
import { defaultLimits, type MessageLimits } from '../../src/mixer/doors/mixer/limits.js'
import { decodeReportRequest } from '../../src/mixer/doors/mixer/report-request.js'
import { AttributeScan } from '../../src/mixer/doors/mixer/scan.js'
import { slotTable } from '../../src/mixer/doors/mixer/slots.js'
import { readUsualSet } from '../../src/mixer/doors/mixer/usual-set.js'
import { Words } from '../../src/mixer/doors/mixer/words.js'
import { WireReader } from '../../src/mixer/doors/wire/reader.js'
import { attributes } from './attributes-oracle.js'
import { contents, declarations, vocabularyOf } from './support.js'

const vocabulary = vocabularyOf()
const table = slotTable(vocabulary)
/** Fewer than some of the generated sets and maps hold. */
const limits: MessageLimits = { ...defaultLimits, maxAttributes: 14, maxMapEntries: 10 }

interface Taken {
  readonly bags: readonly unknown[]
  readonly problems: readonly string[]
  readonly dropped: readonly string[]
}

/** What the door makes of a report. */
function decoded(message: Buffer): Taken | string {
  const dropped: string[] = []
  const answer = decodeReportRequest(message, vocabulary, table, limits, (why, name) =>
    dropped.push(`${why} ${name}`),
  )
  if ('malformed' in answer) return answer.malformed
  return { bags: answer.bags.map(contents), problems: answer.problems, dropped }
}

/** The same by scan and `fillBag` alone. */
function decodedInFull(message: Buffer): Taken | string {
  const words = new Words(message)
  const spans: [number, number][] = []
  const reader = new WireReader(message)
  let semantics = 0
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === 0x0a || tag === 0x12) {
      const length = reader.length()
      if (tag === 0x0a) spans.push([reader.pos, reader.pos + length])
      else words.add(reader.pos, reader.pos + length)
      reader.pos += length
    } else if (tag === 0x20) semantics = Number(reader.int64())
    else reader.skip(tag)
  }
  const dropped: string[] = []
  const problems: string[] = []
  const bags: AttributeBag[] = []
  let state: AttributeBag | undefined
  for (const [start, end] of semantics === 0 || semantics === 1 ? spans : []) {
    if (reader.problem !== undefined) break
    reader.pos = start
    reader.end = end
    const own = new Words(message)
    const scan = new AttributeScan()
    scan.read(reader, own, limits)
    if (reader.problem !== undefined) break
    const used = own.count > 0 ? own : words
    const invalid = state === undefined ? undefined : invalidDelta(scan, reader, used)
    if (invalid !== undefined) {
      problems.push(invalid)
      continue
    }
    const bag = new AttributeBag(vocabulary, state)
    fillBag(bag, scan, reader, used, table, limits, (why, name) => dropped.push(`${why} ${name}`))
    bags.push(bag)
    if (semantics === 0) state = bag
  }
  return reader.problem ?? { bags: bags.map(contents), problems, dropped }
}

const reports = fc
  .record({
    sets: fc.array(attributes, { maxLength: 4 }),
    globalWordCount: fc.constantFrom(222, 0, 60),
    encoding: fc.constantFrom('delta' as const, 'independent' as const),
    words: fc.constantFrom('shared' as const, 'shared' as const, 'own' as const),
  })
  .map(encodeReportRequest)

t.test('a report is decoded alike by the short way and in full', async t => {
  fc.assert(
    fc.property(reports, message => isDeepStrictEqual(decoded(message), decodedInFull(message))),
    { numRuns: 300 },
  )
  t.pass('they agree')
})

t.test('a report with wrong bytes is decoded alike, too', async t => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  })
  fc.assert(
    fc.property(reports, changes, (message, wrong) => {
      if (message.length === 0) return true
      for (const [at, byte] of wrong) message[at % message.length] = byte
      return isDeepStrictEqual(decoded(message), decodedInFull(message))
    }),
    { numRuns: 1_500 },
  )
  t.pass('they agree')
})

const wrongValues = fc.constantFrom<Value>(
  { type: 'STRING', value: 'text' },
  { type: 'INT64', value: 5n },
  { type: 'IP_ADDRESS', value: Uint8Array.of(1, 2, 3) },
  { type: 'STRING_MAP', value: { key: 'value' } },
  { type: 'DURATION', value: 7n },
)
const withWrongValues = fc
  .tuple(attributes, fc.dictionary(fc.constantFrom(...declarations.map(({ name }) => name)), wrongValues))
  .map(([right, wrong]): AttributeValues => ({ ...right, ...wrong }))

t.test('what a later set of a delta report names and cannot be taken is absent', async t => {
  fc.assert(
    fc.property(attributes, withWrongValues, (first, second) => {
      const both = { sets: [first, second] }
      const delta = decoded(encodeReportRequest({ ...both, encoding: 'delta' }))
      const alone = decoded(encodeReportRequest({ ...both, encoding: 'independent' }))
      if (typeof delta === 'string' || typeof alone === 'string') return delta === alone
      const [before, own] = alone.bags.map(bag => Object.entries(bag ?? {}))
      const kept = (before ?? []).filter(([name]) => second[name] === undefined)
      const expected = Object.fromEntries([...kept, ...(own ?? [])])
      return isDeepStrictEqual(delta.bags[1], expected) && isDeepStrictEqual(delta.dropped, alone.dropped)
    }),
    { numRuns: 500 },
  )
  t.pass('for every pair of sets that was tried')
})

t.test('sets as proxies write them go the short way', async t => {
  const message = encodeReportRequest({
    sets: [
      {
        'source.user': { type: 'STRING', value: 'ann' },
        'source.ip': { type: 'IP_ADDRESS', value: Uint8Array.of(10, 0, 0, 1) },
        'request.headers': { type: 'STRING_MAP', value: { ':method': 'GET', 'x-user': 'ann' } },
        'request.size': { type: 'INT64', value: 0n },
        'connection.mtls': { type: 'BOOL', value: false },
        'request.time': { type: 'TIMESTAMP', value: { seconds: 0, nanos: 0 } },
        'response.duration': { type: 'DURATION', value: 5_000_000n },
        'test.double': { type: 'DOUBLE', value: 0.5 },
        'nobody.declared': { type: 'STRING', value: 'this' },
      },
    ],
  })
  const words = new Words(message)
  const reader = new WireReader(message)
  let start = 0
  let end = 0
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== 0x0a && tag !== 0x12) {
      reader.skip(tag)
      continue
    }
    const length = reader.length()
    if (tag === 0x12) words.add(reader.pos, reader.pos + length)
    else {
      start = reader.pos
      end = start + length
    }
    reader.pos += length
  }
  const bag = new AttributeBag(vocabulary)
  t.ok(readUsualSet(bag, false, new WireReader(message, start, end), words, table, defaultLimits))
  t.match(contents(bag), { 'source.user': 'ann', 'request.size': 0, 'test.double': 0.5 })
})
