import t from 'tap'
import type { Operation } from '../../src/bench/load/run.js'
import { figureOf, ratioOfRows } from '../../src/bench/rounds/figures-of-row.js'
import { measureRows } from '../../src/bench/rounds/interleave.js'
import { isDue, settleOf, slicesIn } from '../../src/bench/rounds/slices.js'
import { fakeSubject, planned } from './fake-subject.js'

// Throughput of rounds, by servers whose truth is known. Waits here are lower bounds: what a busy machine adds makes a server
// slower, never faster.

const delayed =
  (ms: number): Operation =>
  (_, done) =>
    void setTimeout(done, ms, undefined)

const depth = 8
/** A timer may be a millisecond early. */
const fastest = (ms: number) => depth / ((ms - 1) / 1_000)
/** How much a busy machine may add. */
const slowest = (ms: number) => depth / ((ms * 1.15) / 1_000)

t.test('calls that are slow against a slice have the throughput of depth over delay', async t => {
  const shape = { kind: 'closed', depth } as const
  const delays = [100, 120, 300]
  const rows = await measureRows(
    delays.map(ms => planned(`${ms}`, fakeSubject(delayed(ms)), shape, '100')),
    { rounds: 2, ms: 500 },
    () => {},
  )
  for (const [i, row] of rows.entries()) {
    const ms = delays[i] ?? 0
    for (const { perSecond } of row.rounds)
      t.ok(
        perSecond <= fastest(ms) && perSecond >= slowest(ms),
        `${ms} ms: ${perSecond} of ${depth / (ms / 1_000)} a second`,
      )
    t.equal(row.invalid, undefined)
  }
  const ratio = ratioOfRows(rows[1]!, rows[0], figureOf.perSecond)
  t.ok(ratio.kind === 'ratio' && ratio.value > 0.75 && ratio.value < 0.9, JSON.stringify(ratio))
})

t.test(
  'a round is cut into slices of a quarter of a second, or of twenty calls where these are slow',
  async t => {
    t.equal(slicesIn(2_000, 0.1), 8)
    t.equal(slicesIn(2_000, 12), 8)
    t.equal(slicesIn(2_000, 25), 4)
    t.equal(slicesIn(2_000, 300), 1)
    t.equal(slicesIn(50, 0.1), 1)
    t.equal(settleOf(250), 38)
    t.equal(settleOf(60_000), 250)
  },
)

t.test('slices of rows that have fewer are spread over the turns of the others', async t => {
  const dueIn = (turns: number, slices: number) =>
    Array.from({ length: turns }, (_, turn) => isDue(turn, turns, slices)).flatMap((due, turn) =>
      due ? [turn] : [],
    )
  t.same(dueIn(8, 1), [3])
  t.same(dueIn(8, 4), [0, 2, 4, 6])
  t.same(dueIn(3, 3), [0, 1, 2])
  for (let slices = 1; slices <= 8; slices++) t.equal(dueIn(8, slices).length, slices)
})

t.test('a server that keeps a call is asked no more, and the other rows go on', async t => {
  let asked = 0
  const shape = { kind: 'closed', depth: 1 } as const
  const outcome = {
    calls: 0,
    made: 0,
    errors: 0,
    firstError: undefined,
    seconds: 10,
    latencies: '',
    lateness: undefined,
    givenUp: 'a call had no answer in 10 s, 1 were under way',
  }
  const run = async () => {
    asked++
    return outcome
  }
  const silent = { ...fakeSubject(() => {}), load: { run, oneByOne: async () => [] } }
  const [bad, good] = await measureRows(
    [planned('silent', silent, shape), planned('good', fakeSubject(delayed(5)), shape, 'silent')],
    { rounds: 3, ms: 50 },
    () => {},
  )
  t.equal(asked, 1)
  t.match(bad, { invalid: outcome.givenUp, rounds: [{ calls: 0, perSecond: 0 }] })
  t.equal(good?.invalid, undefined)
  t.equal(good?.rounds.length, 3)
})
