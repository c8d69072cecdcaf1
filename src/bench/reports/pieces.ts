import { resolveServeOptions } from '../../cli/serve/resolve.js'
import { defaultLimits } from '../../mixer/doors/mixer/limits.js'
import { decodeReportRequest } from '../../mixer/doors/mixer/report-request.js'
import { slotTable } from '../../mixer/doors/mixer/slots.js'
import { writeConfig } from '../config/documents.js'
import { reportDocuments } from '../config/reports.js'
import { compose, type LocalForm } from '../host/compose.js'
import { Scratch } from '../process/scratch.js'
import { UsageWindow } from '../process/window.js'
import { prepare, standardVariety } from '../requests/workload.js'

// What a report costs in one process, without a network: reading its sets, and with it all that follows up to the counted
// metric, by records, or by bytes as for an adapter outside (then what both ends do is in it, but no frame and no socket). Once with
// dimensions as requests of a service have them, most of which came before, and once with one of them another in each request.
//   node --no-allocation-site-pretenuring dist/src/bench/reports/pieces.js [rounds, default 8] [sets in a report, default 100]

type Work = (message: Buffer) => Promise<void>

const rounds = Number(process.argv[2] ?? 8)
const batch = Number(process.argv[3] ?? 100)
const setsPerRound = 20_000
const messages = prepare('mixer-report', { kind: 'report', batch, ...standardVariety }).map(
  ({ message }) => message,
)
const context = { door: 'bench', deadline: Number.POSITIVE_INFINITY, traceparent: undefined }

/** An engine of its own, with its adapter in this process: reading alone, and everything. */
async function works(
  form: LocalForm,
  dimension: 'usual' | 'ever-new',
  scratch: Scratch,
): Promise<{ readonly read: Work; readonly all: Work }> {
  const documents = reportDocuments({ word: 'inProcess', addresses: [] }, dimension)
  const config = writeConfig(scratch.path(`${form}-${dimension}`), documents)
  const options = resolveServeOptions({
    flags: { config, cache: 'off', logLevel: 'warn', logFormat: 'json' },
    env: {},
    settingsFile: undefined,
  })
  const { engine, snapshot } = await compose(options, form, placement => placement)
  const table = slotTable(snapshot.vocabulary)
  const decode = (message: Buffer) => {
    const decoded = decodeReportRequest(message, snapshot.vocabulary, table, defaultLimits, () => {})
    if ('malformed' in decoded) throw new TypeError(decoded.malformed)
    return decoded
  }
  return {
    async read(message) {
      decode(message)
    },
    async all(message) {
      const answer = await engine.pin().report(decode(message).bags, context)
      if (answer.kind !== 'taken') throw new TypeError(`the report was ${answer.kind}`)
      // Batches leave one after the other, each when the one before it has been answered.
      await new Promise(setImmediate)
    },
  }
}

async function round(work: Work): Promise<{ readonly us: number; readonly kb: number }> {
  const reports = Math.ceil(setsPerRound / batch)
  const sets = reports * batch
  const window = new UsageWindow()
  for (let i = 0; i < reports; i++) await work(messages[i % messages.length] ?? Buffer.alloc(0))
  const { cpuUs, allocatedBytes = 0 } = window.close()
  return { us: cpuUs / sets, kb: allocatedBytes / 1_000 / sets }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
}

const scratch = new Scratch()
const plain = await works('plain', 'usual', scratch)
const rows: Readonly<Record<string, Work>> = {
  'read the sets': plain.read,
  'read, fill in, count: records': plain.all,
  'read, fill in, count: bytes': (await works('coded', 'usual', scratch)).all,
  'records, a dimension ever new': (await works('plain', 'ever-new', scratch)).all,
  'bytes, a dimension ever new': (await works('coded', 'ever-new', scratch)).all,
}
const measured = Object.entries(rows).map(([name, work]) => ({
  name,
  work,
  us: [] as number[],
  kb: [] as number[],
}))
for (const { work } of measured) await round(work)
for (let i = 0; i < rounds; i++)
  for (const row of measured) {
    const { us, kb } = await round(row.work)
    row.us.push(us)
    row.kb.push(kb)
  }
for (const { name, us, kb } of measured)
  console.log(
    `${name.padEnd(32)} ${median(us).toFixed(2).padStart(6)} µs a set (least ${Math.min(...us).toFixed(2)}), ${median(kb).toFixed(2)} kB`,
  )
await scratch.close()
process.exit(0)
