import {
  builtinTemplate,
  decodeInstance,
  encodeInstance,
  PlainRecord,
  type Value,
} from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { fresh, harm, harmed, read } from './memory.js'
import { show } from './show.js'

const metric = builtinTemplate('metric')
if (metric === undefined) throw new TypeError('metric')

const text = (value: string): Value => ({ type: 'STRING', value })
const address: Value = { type: 'IP_ADDRESS', value: Uint8Array.of(10, 0, 0, 1) }

/** Few of each, so that what stands behind the value comes again. */
const instance = fc.record({
  name: fc.constantFrom('requestcount.instance.istio-system', 'requestsize.instance.istio-system', ''),
  template: fc.constant('metric'),
  fields: fc.record(
    {
      value: fc.constantFrom<Value>({ type: 'INT64', value: 1n }, { type: 'DURATION', value: 5n }, text('x')),
      dimensions: fc.constantFrom<Record<string, Value>>(
        {
          code: { type: 'INT64', value: 200n },
          source: text('cluster.local/ns/shop/sa/bookinfo-productpage'),
        },
        {
          code: { type: 'INT64', value: 404n },
          source: text('cluster.local/ns/shop/sa/bookinfo-productpage'),
        },
        { ip: address, source: text('cluster.local/ns/shop/sa/bookinfo-productpage') },
      ),
      monitored_resource_type: fc.constantFrom(
        'UNSPECIFIED',
        'a-resource-with-a-name-that-is-long-enough-by-itself',
      ),
    },
    { requiredKeys: [] },
  ),
})

t.test(
  'an instance is read as by a codec without a past, whatever came before and whatever the bytes are',
  async t => {
    const outcomes = { read: 0, refused: 0 }
    // In two parts: what stands behind the first field may be of the same field, or have the name twice.
    const step = fc.record({
      whole: instance,
      done: harm,
      more: fc.option(instance, { freq: 4, nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), all => {
        const used = fresh(metric)
        return all.every(({ whole, done, more }) => {
          const parts = [whole, ...(more === undefined ? [] : [more])].map(each =>
            encodeInstance(metric, each),
          )
          const bytes = harmed(Buffer.concat(parts), done)
          const wanted = read(fresh(metric), bytes)
          outcomes[wanted.startsWith('Cannot') ? 'refused' : 'read']++
          return read(used, bytes) === wanted
        })
      }),
      { numRuns: 400 },
    )
    t.ok(outcomes.read > 500 && outcomes.refused > 100, show(outcomes))
  },
)

t.test('a first field that comes again behind others has the later value each time', async t => {
  const used = fresh(metric)
  const part = (value: bigint) =>
    encodeInstance(metric, {
      name: 'requestcount.instance.istio-system',
      template: 'metric',
      fields: { value: { type: 'INT64', value }, monitored_resource_type: 'UNSPECIFIED' },
    })
  for (const value of [1n, 2n, 3n]) {
    const bytes = Buffer.concat([part(value), part(7n)])
    t.same(decodeInstance(used, bytes).fields.value, { type: 'INT64', value: 7n })
  }
})

t.test('what is shared by instances cannot be changed, and what can be is shared by none', async t => {
  const used = fresh(metric)
  const encoded = (value: bigint, dimensions: Readonly<Record<string, Value>>) =>
    encodeInstance(metric, {
      name: 'requestcount.instance.istio-system',
      template: 'metric',
      fields: { value: { type: 'INT64', value }, dimensions, monitored_resource_type: 'UNSPECIFIED' },
    })
  const mapOf = (bytes: Uint8Array): PlainRecord => {
    const { dimensions } = decodeInstance(used, bytes).fields
    if (!(dimensions instanceof PlainRecord)) throw new TypeError('the dimensions are missing')
    return dimensions
  }
  const plain = { source: text('cluster.local/ns/shop/sa/bookinfo-productpage') }
  const first = mapOf(encoded(1n, plain))
  for (let i = 2n; i < 6n; i++) t.equal(mapOf(encoded(i, plain)), first)
  t.ok(Object.isFrozen(first))
  const { fields } = decodeInstance(used, encoded(6n, plain))
  t.same(fields.value, { type: 'INT64', value: 6n })
  t.equal(fields.monitored_resource_type, 'UNSPECIFIED')
  for (let i = 1n; i < 6n; i++) {
    const { ip } = mapOf(encoded(i, { ...plain, ip: address }))
    t.same(ip, address)
    if (typeof ip === 'object' && 'value' in ip && ip.value instanceof Uint8Array) ip.value.fill(0)
  }
})
