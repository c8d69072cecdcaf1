import { decodeInstance, encodeInstance, type Value } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import { type AttributeValue, hasForm, int64 } from '../../src/mixer/attributes/index.js'
import { toAttribute, toValue } from '../../src/mixer/config/instances/index.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { value } from '../templates/arbitrary.js'
import { show } from '../templates/show.js'
import { bagOf, compiled, template } from './support.js'

const attributeOf: Readonly<Record<Value['type'], string>> = {
  STRING: 'a.string',
  INT64: 'a.int',
  DOUBLE: 'a.double',
  BOOL: 'a.bool',
  TIMESTAMP: 'a.time',
  IP_ADDRESS: 'a.ip',
  EMAIL_ADDRESS: 'a.mail',
  URI: 'a.uri',
  DNS_NAME: 'a.dns',
  DURATION: 'a.span',
  STRING_MAP: 'a.labels',
}

const dimensions = Object.fromEntries(Object.values(attributeOf).map(name => [name, name]))
const metric = compiled({
  template: template('metric'),
  style: 'compiled',
  params: { value: 'a.int', dimensions },
})
const partial = compiled({
  template: template('metric'),
  style: 'dynamic',
  params: {
    value: 'a.double | 0.5',
    dimensions: { s: 'a.string | "none"', t: 1, u: '"lit"' },
    monitored_resource_dimensions: 'a.labels | emptyStringMap()',
  },
})

/** Values for some of the attributes. */
const facts = fc
  .array(value, { maxLength: 14 })
  .map(values => Object.fromEntries(values.map(each => [attributeOf[each.type], toAttribute(each)] as const)))

t.test('The record and the bytes of an instance say the same, or fail alike', async t => {
  const outcomes = { both: 0, neither: 0 }
  fc.assert(
    fc.property(
      facts,
      fc.constantFrom(metric, partial),
      (attributes: Readonly<Record<string, AttributeValue>>, instance) => {
        const record = instance.build(bagOf(attributes))
        const bytes = instance.encode(bagOf(attributes))
        if (record instanceof EvalFailure || bytes instanceof EvalFailure) {
          outcomes.neither++
          return show(record) === show(bytes)
        }
        outcomes.both++
        const decoded = decodeInstance(instance.template, bytes)
        return (
          show(decoded) === show(record) &&
          Buffer.from(encodeInstance(instance.template, record)).equals(bytes)
        )
      },
    ),
    { numRuns: 1_500 },
  )
  t.ok(outcomes.both > 100 && outcomes.neither > 100, show(outcomes))
})

t.test('Both outputs look at the same attributes', async t => {
  fc.assert(
    fc.property(facts, attributes => {
      const one = bagOf(attributes)
      const other = bagOf(attributes)
      partial.build(one)
      partial.encode(other)
      return show(one.references.list()) === show(other.references.list())
    }),
    { numRuns: 300 },
  )
  t.pass()
})

t.test(
  'Values come back from attributes as they were, and attributes have the form of their type',
  async t => {
    fc.assert(
      fc.property(value, each => {
        const attribute = toAttribute(each)
        return hasForm(each.type, attribute) && show(toValue(each.type, attribute)) === show(each)
      }),
      { numRuns: 1_000 },
    )
    t.pass()
  },
)

t.test('Equal values give equal bytes, whatever their form', async t => {
  const list = compiled({ template: template('listentry'), style: 'compiled', params: { value: 'a.int' } })
  t.same(list.encode(bagOf({ 'a.int': 5 })), list.encode(bagOf({ 'a.int': int64(5n) })))
  t.same(list.encode(bagOf({ 'a.int': 5 })), list.encode(bagOf({ 'a.int': 5n })))
  const double = compiled({
    template: template('listentry'),
    style: 'compiled',
    params: { value: 'a.double' },
  })
  const strange = new Float64Array(new BigUint64Array([0xfff8000000000001n]).buffer)[0] ?? 0
  t.same(double.encode(bagOf({ 'a.double': strange })), double.encode(bagOf({ 'a.double': Number.NaN })))
  const map = compiled({ template: template('listentry'), style: 'compiled', params: { value: 'a.labels' } })
  const there = new Map([
    ['a', '1'],
    ['b', '2'],
  ])
  const back = new Map([
    ['b', '2'],
    ['a', '1'],
  ])
  t.same(map.encode(bagOf({ 'a.labels': there })), map.encode(bagOf({ 'a.labels': back })))
})

t.test('What an adapter does to an address does not reach the next request', async t => {
  const list = compiled({ template: template('listentry'), style: 'dynamic', params: { value: 'a.ip' } })
  const bag = bagOf({ 'a.ip': Uint8Array.of(1, 2, 3, 4) })
  const first = list.build(bag)
  if (first instanceof EvalFailure) throw new TypeError(first.message)
  const { value: held } = first.fields
  if (typeof held !== 'object' || !('value' in held) || !(held.value instanceof Uint8Array))
    throw new TypeError('bytes')
  held.value.fill(0)
  t.match(show(list.build(bag)), /bytes\(1 2 3 4\)/)
})
