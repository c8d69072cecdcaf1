import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CallTable } from '@outboard/adapters-sdk/protocol'

// Calls come and go, so many under way: what does the table of them cost, and what does it leave to the collector? A full
// collection before each run puts the table among the old, where that of any host is after a while.
// Run: node dist/src/bench/calls/table.js

const underWay = 64
const runMs = 1_000
const rounds = 5
/** About what hangs on a call: its instance, who waits, its timer. */
const fieldsOfCall = 100

interface Call {
  readonly id: number
  readonly weight: readonly number[]
}

interface Table {
  add(call: Call): void
  delete(id: number): boolean
}

function mapTable(): Table {
  const calls = new Map<number, Call>()
  return { add: call => void calls.set(call.id, call), delete: id => calls.delete(id) }
}

setFlagsFromString('--expose-gc')
// As a host has it (src/cli/serve/heap.ts); otherwise V8 soon puts every call among the old, whatever the table.
setFlagsFromString('--no-allocation-site-pretenuring')
const collect: unknown = runInNewContext('gc')
if (typeof collect !== 'function') throw new TypeError('V8 does not give its collector away')

function nsPerCall(table: Table): number {
  let id = 0
  const step = () => {
    id++
    table.add({ id, weight: new Array(fieldsOfCall).fill(id) })
    table.delete(id - underWay)
  }
  for (let i = 0; i < underWay; i++) step()
  if (typeof collect === 'function') collect()
  const first = id
  const startedAt = performance.now()
  while (performance.now() - startedAt < runMs) for (let i = 0; i < 1_000; i++) step()
  return ((performance.now() - startedAt) * 1e6) / (id - first)
}

const tables = { Map: mapTable, CallTable: () => new CallTable<Call>() }
for (let round = 0; round < rounds; round++)
  for (const [name, create] of Object.entries(tables)) {
    const ns = nsPerCall(create())
    process.stdout.write(
      `${name.padEnd(10)} ${ns.toFixed(0).padStart(5)} ns a call, collecting it included\n`,
    )
  }
