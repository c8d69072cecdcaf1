import {
  builtinTemplate,
  decodeInstance,
  encodeInstance,
  type FieldShape,
  type MessageShape,
  PlainRecord,
  type TemplateDefinition,
  type Value,
} from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { fresh, harm, harmed, read } from './memory.js'
import { show } from './show.js'
import { wire } from './wire.js'

const metric = builtinTemplate('metric')
if (metric === undefined) throw new TypeError('metric')

/** Two runs that come again and again, and what makes others of them. */
const text = (value: string): Value => ({ type: 'STRING', value })
const usual: Readonly<Record<string, Value>> = {
  code: { type: 'INT64', value: 200n },
  destination: text('reviews.shop.svc.cluster.local'),
  host: { type: 'DNS_NAME', value: 'reviews.shop' },
  mtls: { type: 'BOOL', value: true },
  source: text('cluster.local/ns/shop/sa/bookinfo-productpage'),
}
const others: readonly Readonly<Record<string, Value>>[] = [
  { code: { type: 'INT64', value: 404n } },
  { source: text('cluster.local/ns/shop/sa/bookinfo-reviews_v1') },
  { aaa: text('first') },
  { zzz: text('last') },
  { code: { type: 'IP_ADDRESS', value: Uint8Array.of(10, 0, 0, 1) } },
  { zzz: text('x'.repeat(300)) },
]
const dimensions = fc
  .subarray(others.map((_, index) => index))
  .map(
    (chosen): Readonly<Record<string, Value>> =>
      Object.assign({}, usual, ...chosen.slice(0, 2).map(index => others[index])),
  )

t.test(
  'a map is read as by a codec without a past, whatever came before and whatever the bytes are',
  async t => {
    const sequence = fc.array(fc.tuple(dimensions, harm, fc.boolean()), { minLength: 1, maxLength: 40 })
    const outcomes = { read: 0, refused: 0 }
    const readsTheSame = fc.property(sequence, all => {
      const used = fresh(metric)
      return all.every(([fields, done, twice]) => {
        const instance = { name: 'n', template: 'metric', fields: { dimensions: fields } }
        const whole = encodeInstance(metric, instance)
        // A map that comes in two parts is one map.
        const bytes = harmed(twice ? Buffer.concat([whole, whole]) : whole, done)
        const wanted = read(fresh(metric), bytes)
        outcomes[wanted.startsWith('Cannot') ? 'refused' : 'read']++
        return read(used, bytes) === wanted
      })
    })
    fc.assert(readsTheSame, { numRuns: 400 })
    t.ok(outcomes.read > 500 && outcomes.refused > 100, show(outcomes))
  },
)

t.test('what is remembered of a map does not change with the bytes that it was read from', async t => {
  const used = fresh(metric)
  const instance = { name: 'n', template: 'metric', fields: { dimensions: usual } }
  const bytes = encodeInstance(metric, instance)
  const wanted = read(fresh(metric), bytes)
  for (let i = 0; i < 6; i++) {
    const frame = Buffer.from(bytes)
    t.equal(read(used, frame), wanted)
    frame.fill(0)
  }
})

t.test('a map that comes again is the same object, which an adapter cannot change', async t => {
  const used = fresh(metric)
  const encoded = (fields: Readonly<Record<string, Value>>) =>
    encodeInstance(metric, { name: 'n', template: 'metric', fields: { dimensions: fields } })
  const mapOf = (bytes: Uint8Array): PlainRecord => {
    const { dimensions: map } = decodeInstance(used, bytes).fields
    if (!(map instanceof PlainRecord)) throw new TypeError('the dimensions are missing')
    return map
  }
  const bytes = encoded(usual)
  const first = mapOf(bytes)
  t.throws(() => Object.assign(first, { code: text('other') }), TypeError)
  t.throws(() => Object.assign(first.code ?? {}, { type: 'BOOL', value: false }), TypeError)
  for (let i = 0; i < 6; i++) t.equal(mapOf(bytes), first)
  // More than the few whose bytes are remembered as a whole.
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map(source => encoded({ ...usual, source: text(source) }))
  const maps = six.map(mapOf)
  t.ok(six.every((each, index) => mapOf(each) === maps[index]))
})

t.test('an address in a map is made anew, because an adapter could change its bytes', async t => {
  const used = fresh(metric)
  const dimensions = { ...usual, ip: { type: 'IP_ADDRESS', value: Uint8Array.of(10, 0, 0, 1) } } as const
  const bytes = encodeInstance(metric, { name: 'n', template: 'metric', fields: { dimensions } })
  const wanted = read(fresh(metric), bytes)
  for (let i = 0; i < 4; i++) {
    t.equal(read(used, bytes), wanted)
    const { dimensions: map } = decodeInstance(used, bytes).fields
    if (!(map instanceof PlainRecord)) throw new TypeError('the dimensions are missing')
    const { ip } = map
    if (typeof ip === 'object' && 'value' in ip && ip.value instanceof Uint8Array) ip.value.fill(0)
  }
})

t.test('a map that is too deep is refused, although the same bytes were read less deep', async t => {
  // Groups that nobody knows inside an entry: they count as messages inside each other.
  const groups = (depth: number) =>
    Buffer.concat([Buffer.alloc(depth, (3 << 3) | 3), Buffer.alloc(depth, (3 << 3) | 4)])
  const entry = (name: string) => Buffer.concat([wire([1, name], [2, 'there']), groups(40)])
  const map: FieldShape = {
    name: 'map',
    jsonName: 'map',
    number: 1,
    type: { kind: 'map', value: { kind: 'scalar', scalar: 'string' } },
  }
  const inner = (): FieldShape => ({
    name: 'inner',
    jsonName: 'inner',
    number: 2,
    type: { kind: 'message', shape: () => node },
  })
  const node: MessageShape = { fullName: 'sample.Node', fields: [map, inner()] }
  const definition: TemplateDefinition = {
    name: 'sample',
    packageName: 'sample',
    variety: 'REPORT',
    methodPath: '/sample.HandleSampleService/HandleSample',
    instance: node,
    output: undefined,
  }
  const nested = (depth: number): Uint8Array =>
    depth === 0 ? wire([1, entry('a')], [1, entry('other')]) : wire([2, nested(depth - 1)])
  for (let i = 0; i < 4; i++) t.notMatch(read(definition, nested(0)), /inside each other/)
  t.notMatch(read(definition, nested(20)), /inside each other/)
  t.match(read(definition, nested(30)), /messages inside each other/)
})
