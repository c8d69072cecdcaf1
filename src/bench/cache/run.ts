/**
 * The attribute cache alone: what a hit costs, what it remembers of a Zipf workload, and what it weighs.
 *
 * Run: `node --expose-gc dist/src/bench/cache/run.js`
 */
import { AttributeCache } from '../../cache/index.js'
import { AttributeBag, type Declaration, Vocabulary } from '../../mixer/attributes/index.js'
import type { Evaluated } from '../../mixer/engine/cache-port.js'
import { systemClock } from '../../mixer/engine/index.js'
import { silent } from '../../mixer/telemetry/index.js'

const scope = { revision: 'bench', snapshotId: 0 }

/** Twelve texts, a number, a flag and a map: the size of what a real check looks at, and more that it does not. */
const declarations: Declaration[] = [
  ...Array.from({ length: 27 }, (_, nth): Declaration => ({ name: `text.${nth}`, type: 'STRING' })),
  { name: 'number', type: 'INT64' },
  { name: 'flag', type: 'BOOL' },
  { name: 'headers', type: 'STRING_MAP' },
]
const vocabulary = new Vocabulary(declarations)
const slotOf = (name: string): number => vocabulary.slot(name) ?? 0
const looked = [0, 1, 2, 3, 4, 5].map(nth => slotOf(`text.${nth}`))
const headersSlot = slotOf('headers')

/** The bag of a user: what is looked at differs in one value. */
function bagOf(user: number): AttributeBag {
  const bag = new AttributeBag(vocabulary)
  for (let nth = 0; nth < 27; nth++) bag.set(slotOf(`text.${nth}`), `value-of-attribute-number-${nth}`)
  bag.set(slotOf('text.5'), `/products/${user}`)
  bag.set(slotOf('number'), 8080)
  bag.set(slotOf('flag'), true)
  bag.set(
    headersSlot,
    new Map([
      ['x-user', 'ann'],
      ['accept', '*/*'],
    ]),
  )
  return bag
}

function evaluate(bag: AttributeBag): Evaluated {
  for (const slot of looked) bag.read(slot)
  bag.readKey(headersSlot, 'x-user')
  bag.readKey(headersSlot, 'x-missing')
  return {
    answer: {
      kind: 'decided',
      code: 0,
      message: '',
      validForMs: 300_000,
      validUses: 10_000,
      references: bag.references,
      directive: undefined,
      metadata: {},
      quotas: [],
      fromCache: false,
    },
    keepable: true,
    parts: [{ handler: 'list.handler.bench', cacheKeys: [] }],
    verdicts: [],
  }
}

async function hitCost(): Promise<void> {
  const cache = new AttributeCache({}, systemClock, silent)
  const bags = Array.from({ length: 1_000 }, (_, user) => bagOf(user))
  const ask = (bag: AttributeBag) => cache.check(scope, bag, async () => evaluate(bag))
  for (const bag of bags) await ask(bag)
  const rounds: number[] = []
  for (let round = 0; round < 15; round++) {
    const began = process.hrtime.bigint()
    for (let times = 0; times < 50; times++) for (const bag of bags) await ask(bag)
    rounds.push(Number(process.hrtime.bigint() - began) / 50_000)
  }
  rounds.sort((a, b) => a - b)
  const median = rounds[rounds.length >> 1] ?? 0
  print('a hit, eight looks', `${median.toFixed(0)} ns`, 'at most 5,000 ns')
}

/** Draws from 1..n with probability in proportion to 1 / rank^s. */
function zipf(count: number, exponent: number): (chance: number) => number {
  const sums: number[] = []
  let sum = 0
  for (let rank = 1; rank <= count; rank++) {
    sum += 1 / rank ** exponent
    sums.push(sum)
  }
  return chance => {
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < chance * sum) low = middle + 1
      else high = middle
    }
    return low
  }
}

async function zipfHits(): Promise<void> {
  const cache = new AttributeCache({ maxEntries: 10_000 }, systemClock, silent)
  const draw = zipf(10_000, 1.1)
  let state = 12_345
  const chance = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 2 ** 32
  }
  let hits = 0
  const total = 100_000
  for (let nth = 0; nth < total; nth++) {
    const bag = bagOf(draw(chance()))
    const { answer } = await cache.check(scope, bag, async () => evaluate(bag))
    if (answer.kind === 'decided' && answer.fromCache) hits++
  }
  print(
    'Zipf, 10,000 distinct, s = 1.1, 100,000 requests',
    `${((hits / total) * 100).toFixed(1)} % hits`,
    'at least 80 %',
  )
}

async function weight(): Promise<void> {
  const collect = globalThis.gc
  if (collect === undefined) {
    print('100,000 entries', 'not measured', 'needs --expose-gc')
    return
  }
  const cache = new AttributeCache({ maxEntries: 100_000, maxBytes: 2 ** 31 }, systemClock, silent)
  collect()
  const before = process.memoryUsage().heapUsed
  for (let user = 0; user < 100_000; user++) {
    const bag = bagOf(user)
    await cache.check(scope, bag, async () => evaluate(bag))
  }
  collect()
  const { entries, bytes } = cache.explain()
  const used = process.memoryUsage().heapUsed - before
  print(`${entries} entries`, `${(used / 1e6).toFixed(1)} MB`, 'at most 60 MB')
  print('as the cache itself estimates', `${(bytes / 1e6).toFixed(1)} MB`, '')
}

function print(what: string, found: string, wanted: string): void {
  process.stdout.write(`${what.padEnd(52)}${found.padStart(16)}   ${wanted}\n`)
}

await hitCost()
await zipfHits()
await weight()
