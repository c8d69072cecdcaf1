import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { suitHeap } from '../../src/cli/serve/heap.js'
import { growthPercent, nextGrowthPercent } from '../../src/cli/serve/heap-growth.js'

const seldom = 10_000

t.test('long pauses make the heap grow less, down to the least', async t => {
  let growth: number = growthPercent.first
  for (let i = 0; i < 20; i++) {
    const next = nextGrowthPercent(growth, { pauseMs: 60, sinceMs: seldom })
    t.ok(next < growth || next === growthPercent.least)
    growth = next
  }
  t.equal(growth, growthPercent.least)
})

t.test(
  'collections that come too often make it grow more, however long they pause, up to the most',
  async t => {
    let growth: number = growthPercent.first
    for (let i = 0; i < 20; i++) {
      const next = nextGrowthPercent(growth, { pauseMs: i % 2 === 0 ? 3 : 300, sinceMs: 200 })
      t.ok(next > growth || next === growthPercent.most)
      growth = next
    }
    t.equal(growth, growthPercent.most)
  },
)

t.test('short pauses now and then, and the first one of all, change nothing', async t => {
  t.equal(nextGrowthPercent(50, { pauseMs: 10, sinceMs: seldom }), 50)
  t.equal(nextGrowthPercent(50, { pauseMs: 10, sinceMs: Number.POSITIVE_INFINITY }), 50)
})

t.test('under a steady load it comes to rest', async () => {
  // The time between collections, and the pause of each, both follow the growth.
  const steady = fc.record({
    msPerPercent: fc.integer({ min: 1, max: 2_000 }),
    pausePerPercent: fc.double({ min: 0.01, max: 5, noNaN: true }),
  })
  fc.assert(
    fc.property(steady, ({ msPerPercent, pausePerPercent }) => {
      let growth: number = growthPercent.first
      const next = () =>
        nextGrowthPercent(growth, { pauseMs: growth * pausePerPercent, sinceMs: growth * msPerPercent })
      for (let i = 0; i < 30; i++) growth = next()
      return next() === growth
    }),
  )
})

t.test('a host hears of each full collection, and tells V8', async t => {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new TypeError('this Node has no gc')
  const told: string[] = []
  suitHeap(flag => told.push(flag))
  t.same(told, ['--no-allocation-site-pretenuring', '--heap-growing-percent=40'])
  for (let i = 0; i < 3; i++) {
    collect()
    const heard = told.length
    while (told.length === heard) await new Promise(resolve => setImmediate(resolve))
  }
  const [first = 0, second = 0, third = 0] = told.slice(2).map(flag => Number(flag.split('=')[1]))
  // The first may have been a long one; the next two come too soon.
  t.ok(first > 0 && first <= growthPercent.first)
  t.ok(first < second && second < third, `${first}, ${second}, ${third}`)
})
