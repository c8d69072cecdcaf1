import fc from 'fast-check'
import t from 'tap'
import { type AttributeValue, Instant } from '../../src/mixer/attributes/index.js'
import { compileInstance, SharedMaps } from '../../src/mixer/config/instances/index.js'
import type { CompiledInstance } from '../../src/mixer/config/snapshot.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { show } from '../templates/show.js'
import { bagOf, encoded, template, vocabulary } from './support.js'

const dimensions = {
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

function metric(maps: SharedMaps, value: string): CompiledInstance {
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
  'a.string': few<AttributeValue | undefined>('v1', 'v2', '', 'ünï', 'x'.repeat(200), 'x'.repeat(3_000)),
  // The second one is outside what the wire carries: the field is refused when it is written, not when it is looked at.
  'a.time': few<AttributeValue | undefined>(new Instant(1, 2), new Instant(-1e12, 0), undefined),
})

/** The bytes or the failure, and what was looked at. */
function outcome(instance: CompiledInstance, given: Facts): string {
  const bag = bagOf(
    Object.fromEntries(
      Object.entries(given).filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined),
    ),
  )
  const bytes = instance.encode(bag)
  const told = bytes instanceof EvalFailure ? show(bytes) : Buffer.from(bytes).toString('hex')
  return `${told} ${show(bag.references.list())}`
}

t.test(
  'whatever came before, a map is written as by an instance without a past, and looks alike',
  async t => {
    const outcomes = { bytes: 0, failures: 0 }
    const step = fc.tuple(facts, fc.boolean(), fc.nat({ max: 3 }))
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), steps => {
        const maps = new SharedMaps()
        const [one, other] = [metric(maps, '1'), metric(maps, 'a.span | "0s"')]
        return steps.every(([given, first, part]) => {
          // Whoever holds an object of a request could change it: the same object is not the same value.
          address[3] = part
          labels.set('app', `reviews-${part}`)
          const [used, value] = first ? [one, '1'] : [other, 'a.span | "0s"']
          const wanted = outcome(metric(new SharedMaps(), value), given)
          outcomes[wanted.startsWith('{') ? 'failures' : 'bytes']++
          return outcome(used, given) === wanted
        })
      }),
      { numRuns: 400 },
    )
    t.ok(outcomes.bytes > 500 && outcomes.failures > 100, show(outcomes))
  },
)

t.test('bytes that were given out do not change when the map is written again', async t => {
  const instance = metric(new SharedMaps(), '1')
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
