import fc from 'fast-check'
import t from 'tap'
import {
  AttributeBag,
  addInt64,
  hasForm,
  Instant,
  int64,
  type ValueType,
  Vocabulary,
} from '../../src/mixer/attributes/index.js'

const types: readonly ValueType[] = [
  'STRING',
  'INT64',
  'DOUBLE',
  'BOOL',
  'TIMESTAMP',
  'IP_ADDRESS',
  'EMAIL_ADDRESS',
  'URI',
  'DNS_NAME',
  'DURATION',
  'STRING_MAP',
]
const vocabulary = new Vocabulary(types.map(type => ({ name: `a.${type}`, type })))
const slot = (type: ValueType): number => vocabulary.slot(`a.${type}`) ?? -1

t.test('a vocabulary gives every name one slot, in the order given', async t => {
  t.same(types.map(slot), [...types.keys()])
  t.equal(vocabulary.slot('unknown'), undefined)
  t.equal(vocabulary.typeOf('a.URI'), 'URI')
  t.throws(() => vocabulary.name(types.length), RangeError)
  t.throws(
    () =>
      new Vocabulary([
        { name: 'x', type: 'BOOL' },
        { name: 'x', type: 'BOOL' },
      ]),
    TypeError,
  )
})

t.test('a vocabulary that is extended keeps its slots and skips names that it has', async t => {
  const extended = vocabulary.extend([
    { name: 'a.BOOL', type: 'STRING' },
    { name: 'new', type: 'STRING' },
  ])
  t.equal(extended.slot('a.BOOL'), slot('BOOL'))
  t.equal(extended.typeOf('a.BOOL'), 'BOOL')
  t.equal(extended.slot('new'), vocabulary.size)
  t.equal(vocabulary.extend([{ name: 'a.URI', type: 'URI' }]), vocabulary, 'nothing new, nothing made')
})

t.test('vocabularies with equal declarations have equal fingerprints, and others do not', async t => {
  const again = new Vocabulary(types.map(type => ({ name: `a.${type}`, type })))
  t.equal(again.fingerprint, vocabulary.fingerprint)
  const one = new Vocabulary([{ name: 'ab', type: 'BOOL' }])
  const other = new Vocabulary([{ name: 'a', type: 'BOOL' }])
  t.not(one.fingerprint, other.fingerprint)
})

t.test('a value of another form than the type is not taken', async t => {
  const right: Record<ValueType, unknown> = {
    STRING: '',
    INT64: 2n ** 63n - 1n,
    DOUBLE: Number.NaN,
    BOOL: false,
    TIMESTAMP: new Instant(0, 0),
    IP_ADDRESS: new Uint8Array(4),
    EMAIL_ADDRESS: 'a@b',
    URI: '',
    DNS_NAME: 'a',
    DURATION: 0,
    STRING_MAP: new Map(),
  }
  const wrong: Record<ValueType, unknown> = {
    STRING: 1,
    INT64: 1.5,
    DOUBLE: '1',
    BOOL: 0,
    TIMESTAMP: { seconds: 0, nanos: 0 },
    IP_ADDRESS: new Uint8Array(5),
    EMAIL_ADDRESS: null,
    URI: undefined,
    DNS_NAME: new Map(),
    DURATION: '5s',
    STRING_MAP: { a: 'b' },
  }
  for (const type of types) {
    const bag = new AttributeBag(vocabulary)
    t.equal(bag.setByName(`a.${type}`, wrong[type]), false, `${type}: wrong`)
    t.equal(bag.peek(slot(type)), undefined)
    t.equal(bag.setByName(`a.${type}`, right[type]), true, `${type}: right`)
    t.equal(hasForm(type, bag.peek(slot(type))), true)
  }
  t.equal(new AttributeBag(vocabulary).setByName('unknown', ''), false)
})

t.test('64-bit integers are exact over their whole range, and have one form each', async t => {
  const any = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  fc.assert(
    fc.property(any, any, (a, b) => {
      const sum = addInt64(int64(a), int64(b))
      return BigInt(sum) === BigInt.asIntN(64, a + b) && sum === int64(a + b)
    }),
  )
  t.equal(typeof int64(2n ** 53n - 1n), 'number')
  t.equal(typeof int64(2n ** 53n), 'bigint')
  t.equal(addInt64(2 ** 53 - 1, 1), 2n ** 53n)
  t.equal(addInt64(2n ** 63n - 1n, 1), -(2n ** 63n))
})

t.test('what is read is recorded, what is peeked at is not', async t => {
  const bag = new AttributeBag(vocabulary)
  bag.set(slot('STRING'), 'x')
  bag.set(slot('STRING_MAP'), new Map([['k', 'v']]))
  bag.peek(slot('BOOL'))
  t.same(bag.references.list(), [])
  bag.read(slot('STRING'))
  bag.read(slot('BOOL'))
  t.equal(bag.readKey(slot('STRING_MAP'), 'k'), 'v')
  t.equal(bag.readKey(slot('STRING_MAP'), 'none'), undefined)
  t.same(bag.references.print(vocabulary), ['-a.BOOL', '-a.STRING_MAP[none]', 'a.STRING', 'a.STRING_MAP[k]'])
  t.equal(new AttributeBag(vocabulary).readKey(slot('STRING_MAP'), 'k'), null, 'no map at all')
})

t.test('references keep every slot apart, and a copy does not follow', async t => {
  const wide = new Vocabulary(
    Array.from({ length: 300 }, (_, nth) => ({ name: `n${nth}`, type: 'BOOL' as const })),
  )
  const looks = fc.array(fc.tuple(fc.nat(299), fc.boolean()), { maxLength: 40 })
  fc.assert(
    fc.property(looks, looks, (first, later) => {
      const { references } = new AttributeBag(wide)
      const model = new Map<number, boolean>()
      for (const [at, there] of first) {
        references.attribute(at, there)
        model.set(at, there)
      }
      const copy = references.copy()
      for (const [at, there] of later) references.attribute(at, there)
      const listed = copy.list().map(reference => [reference.slot, reference.present])
      const wanted = [...model].sort(([a], [b]) => a - b)
      return JSON.stringify(listed) === JSON.stringify(wanted)
    }),
  )
  const { references } = new AttributeBag(vocabulary)
  references.attribute(vocabulary.size, true)
  references.mapKey(vocabulary.size + 3, 'k', true)
  t.same(references.list(), [], 'slots behind the vocabulary are not kept')
})

t.test('a produced attribute fills a gap only, and counts as not sent', async t => {
  const bag = new AttributeBag(vocabulary)
  bag.set(slot('URI'), 'sent')
  t.equal(bag.produce(slot('URI'), 'made'), false)
  t.equal(bag.produce(slot('STRING'), 'made'), true)
  t.equal(bag.produce(slot('STRING'), 'made again'), false)
  t.equal(bag.read(slot('STRING')), 'made')
  t.equal(bag.peekSent(slot('STRING')), undefined)
  t.equal(bag.peekSent(slot('URI')), 'sent')
  t.same(bag.references.print(vocabulary), ['-a.STRING'])
})

t.test('an extended bag has more values, and records in the same place', async t => {
  const extended = vocabulary.extend([{ name: 'out', type: 'STRING' }])
  const bag = new AttributeBag(vocabulary)
  bag.set(slot('STRING'), 'x')
  const more = bag.extended(extended, [[vocabulary.size, 'out']])
  t.equal(more.read(vocabulary.size), 'out')
  more.read(slot('STRING'))
  t.same(bag.references.print(vocabulary), ['a.STRING'])
})
