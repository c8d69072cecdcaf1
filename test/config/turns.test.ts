import t from 'tap'
import { type LoadOptions, loadInTurns, noDirectory, Slices } from '../../src/mixer/config/index.js'
import { sortInTurns } from '../../src/mixer/config/sort-in-turns.js'
import { adapters } from './load.js'

const options: LoadOptions = { adapters, directory: noDirectory }

/** Files of rules, each with an instance of its own, all for one handler. */
function files(count: number, rulesEach: number) {
  const rule = (name: string) => `kind: instance
metadata: {name: i${name}, namespace: shop}
spec: {compiledTemplate: checknothing}
---
kind: rule
metadata: {name: r${name}, namespace: shop}
spec: {match: 'request.method == "${name}"', actions: [{handler: h, instances: [i${name}]}]}
`
  const handler = 'kind: handler\nmetadata: {name: h, namespace: shop}\nspec: {compiledAdapter: noop}\n'
  return Array.from({ length: count }, (_, i) => ({
    file: `${i}.yaml`,
    text: [
      ...(i === 0 ? [handler] : []),
      ...Array.from({ length: rulesEach }, (_, j) => rule(`${i}x${j}`)),
    ].join('---\n'),
  }))
}

/** A clock on which every look at it takes a millisecond. */
function ticking() {
  let ms = 0
  return () => ms++
}

/** Other work: how often it gets its turn until it is stopped. */
function otherWork() {
  let turns = 0
  let isOver = false
  const work = () => {
    turns++
    if (!isOver) setImmediate(work)
  }
  setImmediate(work)
  return {
    stop: () => {
      isOver = true
      return turns
    },
  }
}

t.test('other work gets its turn after every few steps of a load', async t => {
  const steps = { taken: 0, longest: 0, sinceTurn: 0 }
  const slices = new Slices({ now: ticking(), isWanted: () => true })
  const counting = {
    due: () => {
      steps.taken++
      steps.longest = Math.max(steps.longest, ++steps.sinceTurn)
      const others = slices.due()
      if (others !== undefined) steps.sinceTurn = 0
      return others
    },
  }
  const other = otherWork()
  const loaded = await loadInTurns(files(10, 20), options, counting)
  const turns = other.stop()
  t.equal(loaded?.kind, 'loaded')
  t.ok(steps.longest <= 6, `${steps.longest} steps in one slice`)
  // Parsing, envelopes, decoding and hashing of each document; compiling, linking and sorting of each rule.
  t.ok(steps.taken > 400 * 5, `${steps.taken} steps`)
  t.ok(turns >= Math.floor(steps.taken / 6), `${turns} turns of other work`)
})

t.test('a load in turns makes what a load in one piece makes', async t => {
  const texts = files(3, 10)
  const whole = await loadInTurns(texts, options, { due: () => undefined })
  const sliced = await loadInTurns(
    texts,
    options,
    new Slices({ now: ticking(), isWanted: () => true, sliceMs: 1 }),
  )
  t.equal(
    whole?.kind === 'loaded' && whole.snapshot.revision,
    sliced?.kind === 'loaded' && sliced.snapshot.revision,
  )
  t.same(whole?.kind === 'loaded' && whole.counts, sliced?.kind === 'loaded' && sliced.counts)
})

t.test('a load that is not wanted any more ends at the next turn', async t => {
  let asked = 0
  const slices = new Slices({ now: ticking(), isWanted: () => ++asked < 3 })
  t.equal(await loadInTurns(files(10, 20), options, slices), undefined)
  t.equal(asked, 3)
})

t.test('sorting in turns sorts, leaves equal ones in their order, and gives others their turns', async t => {
  const items = Array.from({ length: 3_000 }, (_, i) => ({ key: (i * 7_919) % 100, i }))
  const compare = (a: { key: number }, b: { key: number }) => a.key - b.key
  let steps = 0
  const due = () => {
    steps++
    return undefined
  }
  for (const length of [0, 1, 255, 256, 257, 512, 1_000, 3_000]) {
    const some = items.slice(0, length)
    t.same(await sortInTurns(some, { due }, compare), [...some].sort(compare), `${length} items`)
  }
  t.ok(steps > (3_000 / 256) * 2, `${steps} steps`)
})
