import { type FieldRecord, PlainRecord } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import t from 'tap'
import {
  type AttributeBag,
  type AttributeValue,
  Instant,
  References,
} from '../../src/mixer/attributes/index.js'
import { compileInstance, SharedMaps } from '../../src/mixer/config/instances/index.js'
import type { CompiledInstance } from '../../src/mixer/config/snapshot.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { show } from '../templates/show.js'
import { bagOf, encoded, template, vocabulary } from './support.js'

const allDimensions = {
  bool: 'a.bool',
  code: 'a.int',
  double: 'a.double | 0.5',
  ip: 'a.ip | ip("10.0.0.1")',
  labels: 'a.labels | emptyStringMap()',
  mail: 'a.mail',
  span: 'a.span | "1s"',
  string: 'a.string | "none"',
  time: 'a.time',
  word: '"literal"',
}

/** Those without objects, which alone are known again as a whole. */
const plainDimensions = {
  app: 'a.labels["app"] | "none"',
  bool: 'a.bool | false',
  code: 'a.int',
  double: 'a.double | 0.5',
  mail: 'a.mail',
  span: 'a.span | "1s"',
  string: 'a.string | "none"',
}

function metric(
  maps: SharedMaps,
  value: string,
  dimensions: Readonly<Record<string, string>>,
): CompiledInstance {
  const result = compileInstance({
    name: 'i.instance.ns',
    template: template('metric'),
    style: 'compiled',
    params: { value, dimensions },
    bindings: undefined,
    vocabulary,
    language: 'CEXL',
    maps,
  })
  if (result.ok) return result.value
  throw new TypeError(show(result.problems))
}

function dimensionsOf(instance: CompiledInstance, bag: AttributeBag): FieldRecord {
  const built = instance.build(bag)
  if (built instanceof EvalFailure) throw new TypeError(built.message)
  const { dimensions } = built.fields
  if (!(dimensions instanceof PlainRecord)) throw new TypeError('the dimensions are missing')
  return dimensions
}

/** Few values, so that maps come again; `undefined` is an attribute that the caller did not send. */
type Facts = Readonly<Record<string, AttributeValue | undefined>>
const few = <T extends AttributeValue | undefined>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(usual, ...others))
const address = Uint8Array.of(10, 1, 2, 3)
const labels = new Map([['app', 'reviews']])
const facts: fc.Arbitrary<Facts> = fc.record({
  'a.bool': few<AttributeValue | undefined>(true, false, undefined),
  'a.int': few<AttributeValue | undefined>(200, 404, 200n, 2n ** 62n, undefined),
  'a.double': few<AttributeValue | undefined>(0, -0, Number.NaN, 1.5, undefined),
  'a.ip': few<AttributeValue | undefined>(address, Uint8Array.of(10, 1, 2, 4), undefined),
  'a.labels': few<AttributeValue | undefined>(labels, new Map(), undefined),
  'a.mail': few<AttributeValue>('ann@shop', 'bob@shop'),
  'a.span': few<AttributeValue | undefined>(1_000_000, 2_000_000, undefined),
  'a.string': few<AttributeValue | undefined>(
    'v1',
    undefined,
    'v2',
    '',
    'ünï',
    'x'.repeat(200),
    'x'.repeat(3_000),
  ),
  // The second one is outside what the wire carries: the field is refused when it is written, not when it is looked at.
  'a.time': few<AttributeValue | undefined>(new Instant(1, 2), new Instant(-1e12, 0), undefined),
})

function requestOf(given: Facts): AttributeBag {
  return bagOf(
    Object.fromEntries(
      Object.entries(given).filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined),
    ),
  )
}

/** An instance as bytes, or as a record. */
type Form = 'bytes' | 'record'

/** The bytes, the record or the failure, and what was looked at. */
function outcome(instance: CompiledInstance, bag: AttributeBag, form: Form): string {
  const made = form === 'bytes' ? instance.encode(bag) : instance.build(bag)
  const told = made instanceof Uint8Array ? Buffer.from(made).toString('hex') : show(made)
  return `${told} ${show(bag.references.list())}`
}

t.test('whatever came before, a map is made as by an instance without a past, and looks alike', async t => {
  const outcomes = { made: 0, failures: 0 }
  const asked = fc.tuple(fc.boolean(), fc.constantFrom<Form>('bytes', 'record'))
  const step = fc.record({
    given: facts,
    part: fc.nat({ max: 3 }),
    asked: fc.array(asked, { minLength: 1, maxLength: 3 }),
    between: fc.constantFrom('nothing', 'produced', 'forked'),
    at: fc.nat({ max: 1 }),
  })
  const dimensions = fc.constantFrom(allDimensions, plainDimensions, plainDimensions)
  fc.assert(
    fc.property(dimensions, fc.array(step, { minLength: 1, maxLength: 30 }), (dimensions, steps) => {
      const maps = new SharedMaps()
      const [one, other] = [metric(maps, '1', dimensions), metric(maps, 'a.span | "0s"', dimensions)]
      return steps.every(({ given, part, asked, between, at }) => {
        // Whoever holds an object of a request could change it: the same object is not the same value.
        address[3] = part
        labels.set('app', `reviews-${part}`)
        const bags = [requestOf(given), requestOf(given)] as const
        return asked.every(([first, form], index) => {
          // What a handler adds to a request between two questions counts for the second one, and so do new looks.
          for (const bag of index === at ? bags : []) {
            if (between === 'produced') bag.produce(vocabulary.slot('a.string') ?? -1, `produced-${part}`)
            if (between === 'forked') bag.references = new References(vocabulary.size)
          }
          const [used, value] = first ? [one, '1'] : [other, 'a.span | "0s"']
          const wanted = outcome(metric(new SharedMaps(), value, dimensions), bags[0], form)
          outcomes[wanted.startsWith('{"kind') ? 'failures' : 'made']++
          return outcome(used, bags[1], form) === wanted
        })
      })
    }),
    { numRuns: 400 },
  )
  t.ok(outcomes.made > 500 && outcomes.failures > 100, show(outcomes))
})

t.test('a value that a handler produced is not one that the caller sent, though it is the same', async t => {
  const dimensions = { string: 'a.string | "none"' }
  for (const form of ['bytes', 'record'] as const) {
    const used = metric(new SharedMaps(), '1', dimensions)
    outcome(used, requestOf({ 'a.string': 'v1' }), form)
    const bags = [requestOf({}), requestOf({})] as const
    for (const bag of bags) bag.produce(vocabulary.slot('a.string') ?? -1, 'v1')
    const wanted = outcome(metric(new SharedMaps(), '1', dimensions), bags[0], form)
    t.equal(outcome(used, bags[1], form), wanted)
    t.match(wanted, /"present": ?false/)
  }
})

t.test('a map that comes again is the same object, which nobody can change', async t => {
  const maps = new SharedMaps()
  const dimensions = { code: 'a.int', string: 'a.string | "none"' }
  const [one, other] = [metric(maps, '1', dimensions), metric(maps, 'a.int', dimensions)]
  const given = { 'a.int': 200, 'a.string': 'v1' }
  const first = dimensionsOf(one, requestOf(given))
  t.equal(dimensionsOf(other, requestOf(given)), first)
  dimensionsOf(one, requestOf({ ...given, 'a.int': 404 }))
  t.equal(dimensionsOf(one, requestOf(given)), first, 'also when another came between')
  const code = first.code
  t.throws(() => Object.assign(first, { code: 'other' }), TypeError)
  t.throws(() => Object.assign(code ?? {}, { value: 404n }), TypeError)
  t.same(dimensionsOf(one, requestOf(given)).code, { type: 'INT64', value: 200n })
})

t.test('bytes that were given out do not change when the map is written again', async t => {
  const instance = metric(new SharedMaps(), '1', allDimensions)
  const given = { 'a.bool': true, 'a.int': 200, 'a.mail': 'ann@shop', 'a.time': new Instant(1, 2) }
  const first = encoded(instance, bagOf(given))
  const copy = Buffer.from(first)
  encoded(instance, bagOf({ ...given, 'a.int': 404 }))
  t.ok(copy.equals(first))
  first.fill(0)
  t.ok(copy.equals(encoded(instance, bagOf(given))))
})

t.test('instances with the same mistake in the same map are all told of it', async t => {
  const maps = new SharedMaps()
  const mistaken = () =>
    compileInstance({
      name: 'i.instance.ns',
      template: template('metric'),
      style: 'compiled',
      params: { value: '1', dimensions: { right: 'a.string', wrong: 'a.strnig' } },
      bindings: undefined,
      vocabulary,
      language: 'CEXL',
      maps,
    })
  const first = mistaken()
  t.equal(first.ok, false)
  t.same(mistaken(), first)
})
