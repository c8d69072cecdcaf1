import fc from 'fast-check'
import t from 'tap'
import { Shape } from '../../src/cache/shape.js'
import { bagOf, look, seen, values, vocabulary } from './arbitrary.js'

const runs = { numRuns: Number(process.env.OUTBOARD_FUZZ ?? 3_000) }

t.test(
  'two bags share a key under a shape exactly when they agree in everything that it looks at',
  async () => {
    fc.assert(
      fc.property(values, values, fc.array(look, { minLength: 1, maxLength: 6 }), (one, other, looks) => {
        const first = bagOf(one)
        const found = looks.map(look => seen(first, look))
        const shape = new Shape(first.references.copy(), vocabulary)
        const second = bagOf(other)
        const foundThere = looks.map(look => seen(second, look))
        const agree = found.every((text, index) => text === foundThere[index])
        const keys = [shape.keyOf(bagOf(one)), shape.keyOf(bagOf(other))]
        if (keys[0] === undefined) throw new Error('the bag that made the shape must have a key')
        return (keys[0] === keys[1]) === agree
      }),
      runs,
    )
  },
)

t.test('a shape is the same whatever the order of looks', async () => {
  fc.assert(
    fc.property(values, fc.array(look, { minLength: 1, maxLength: 6 }), (given, looks) => {
      const there = bagOf(given)
      const back = bagOf(given)
      for (const one of looks) seen(there, one)
      for (const one of [...looks].reverse()) seen(back, one)
      const shape = new Shape(there.references, vocabulary)
      const other = new Shape(back.references, vocabulary)
      return (
        shape.fingerprint === other.fingerprint && shape.keyOf(bagOf(given)) === other.keyOf(bagOf(given))
      )
    }),
    runs,
  )
})

t.test('a key can be taken apart again into the values that stand in it', async () => {
  fc.assert(
    fc.property(values, fc.array(look, { minLength: 1, maxLength: 6 }), (given, looks) => {
      const bag = bagOf(given)
      for (const one of looks) seen(bag, one)
      const shape = new Shape(bag.references, vocabulary)
      const key = shape.keyOf(bag) ?? ''
      return (
        shape
          .partsOf(key)
          .map(([, part]) => part)
          .join('') === key
      )
    }),
    runs,
  )
})

t.test('looking for a key records nothing', async () => {
  fc.assert(
    fc.property(values, fc.array(look, { minLength: 1, maxLength: 6 }), (given, looks) => {
      const first = bagOf(given)
      for (const one of looks) seen(first, one)
      const bag = bagOf(given)
      new Shape(first.references, vocabulary).keyOf(bag)
      return bag.references.list().length === 0
    }),
    runs,
  )
})

t.test('what a handler produced is not what the caller sent', async t => {
  const sent = bagOf([])
  sent.read(0)
  const shape = new Shape(sent.references, vocabulary)
  const produced = bagOf([])
  produced.produce(0, 'found')
  t.equal(shape.keyOf(produced), '', 'absent, as the caller left it')
  const other = bagOf([])
  other.produce(0, 'found')
  other.read(0)
  t.same(other.references.print(vocabulary), ['-a.string'])
})
