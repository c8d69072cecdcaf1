import fc from 'fast-check'
import t from 'tap'
import { Fifo } from '../../src/mixer/engine/fifo.js'

t.test('a Fifo gives and counts what an array would, whatever is pushed and taken', async t => {
  // Runs of pushes and takes, long enough to pass the places that are freed together.
  const steps = fc.array(
    fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 1_500 }) }),
      fc.record({ take: fc.integer({ min: 1, max: 1_500 }) }),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(steps, given => {
      const fifo = new Fifo<number>()
      const array: number[] = []
      let next = 0
      for (const step of given) {
        if ('push' in step) {
          for (let i = 0; i < step.push; i++, next++) {
            fifo.push(next)
            array.push(next)
          }
        } else {
          for (let i = 0; i < step.take; i++) {
            if (fifo.at(3) !== array[3] || fifo.peek() !== array[0] || fifo.take() !== array.shift())
              return false
          }
        }
        if (fifo.length !== array.length) return false
      }
      return true
    }),
  )
  t.pass('they agree')
})

t.test('a Fifo that was cleared is empty', async t => {
  const fifo = new Fifo<string>()
  fifo.push('a')
  fifo.clear()
  t.equal(fifo.length, 0)
  t.equal(fifo.take(), undefined)
})
