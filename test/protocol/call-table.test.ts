import { CallTable } from '@outboard/adapters-sdk/protocol'
import fc from 'fast-check'
import t from 'tap'

interface Call {
  readonly id: number
}

/** What can be done to a table; ids are given by how far they lie apart. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('add' as const), apart: fc.integer({ min: 1, max: 70 }) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('ask' as const), id: fc.nat(5_000) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
  ),
  { maxLength: 600 },
)

t.test('a table of calls holds exactly what a map would hold, whatever comes and goes', async t => {
  const holds = () =>
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 2 ** 31 - 100, 2 ** 32 - 100, 2 ** 52), (all, start) => {
        const table = new CallTable<Call>()
        const map = new Map<number, Call>()
        let lastId = start
        for (const step of all) {
          if (step.do === 'add') {
            lastId += step.apart
            const call = { id: lastId }
            table.add(call)
            map.set(lastId, call)
          } else if (step.do === 'delete') {
            const id = [...map.keys()][step.which % Math.max(1, map.size)] ?? step.which
            if (table.delete(id) !== map.delete(id)) throw new Error(`delete(${id}) answers otherwise`)
          } else if (step.do === 'ask') {
            const id = start + step.id
            if (table.get(id) !== map.get(id)) throw new Error(`get(${id}) answers otherwise`)
          } else if (all.length % 5 === 0) {
            table.clear()
            map.clear()
          }
          if (table.size !== map.size) throw new Error(`${table.size} calls instead of ${map.size}`)
        }
        const held = [...table.values()].map(({ id }) => id).sort((a, b) => a - b)
        for (const [id, call] of map) if (table.get(id) !== call) throw new Error(`${id} is not found`)
        return held.join() === [...map.keys()].join() && table.oldest()?.id === [...map.keys()][0]
      }),
      { numRuns: 500 },
    )
  t.doesNotThrow(holds)
})

t.test('one call that stays while a hundred thousand come and go is found, and is the oldest', async t => {
  const table = new CallTable<Call>()
  const stays = { id: 1 }
  table.add(stays)
  for (let id = 2; id <= 100_000; id++) {
    table.add({ id })
    if (id > 12) table.delete(id - 10)
  }
  t.equal(table.get(1), stays)
  t.equal(table.oldest(), stays)
  t.equal(table.size, 12)
  t.ok(table.delete(1))
  t.equal(table.get(1), undefined)
  t.equal(table.oldest()?.id, 2)
})

t.test('more calls than there are places at most are all found', async t => {
  const table = new CallTable<Call>()
  const count = 150_000
  for (let id = 1; id <= count; id++) table.add({ id })
  t.equal(table.size, count)
  let found = 0
  for (let id = 1; id <= count; id++) if (table.get(id)?.id === id) found++
  t.equal(found, count)
})

t.test('calls may be deleted while they are gone through', async t => {
  const table = new CallTable<Call>()
  for (let id = 1; id <= 200; id++) table.add({ id })
  let deleted = 0
  for (const { id } of table.values()) if (table.delete(id)) deleted++
  t.equal(deleted, 200)
  t.equal(table.size, 0)
  t.equal(table.oldest(), undefined)
})
