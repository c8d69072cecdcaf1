import { writeConfig } from '../config/documents.js'
import { shapeDocuments } from '../config/reports.js'
import type { Loadable, LoadGenerator } from '../load/generator.js'
import type { PlacementRow } from '../placements/list.js'
import type { Child } from '../process/child.js'
import type { Scratch } from '../process/scratch.js'
import { standardVariety } from '../requests/workload.js'
import type { Subject } from '../rounds/measure.js'
import { InnerLoad, startBenchHost, startSpy } from './bench-host.js'

/** Ways to follow one report to the spy of one host. */
export interface Spied {
  readonly row: PlacementRow
  /** From the engine's `report()` on, until the adapter has answered: load from inside the host. */
  readonly engine: Subject
  /** From a client on, through the Mixer door, until the adapter has answered; the door waits for that. */
  readonly adapter: Subject
  /** From a client on, until the door has answered, as it does to a proxy: when the report is in its queue. */
  readonly door: Subject
}

const ownPort = '127.0.0.1:0'
const oneSet = { kind: 'report', batch: 1, ...standardVariety } as const

/** Starts a host whose only handler is the spy, in the host or outside. */
export async function openSpied(
  row: PlacementRow,
  generator: LoadGenerator,
  scratch: Scratch,
): Promise<Spied> {
  const key = `spy-${row.id}`
  const spy =
    row.transport === undefined
      ? undefined
      : await startSpy(row.transport === 'unix' ? `unix:${scratch.path(key)}` : ownPort)
  if (spy !== undefined) scratch.keep(spy.child)
  const place = { word: row.word, addresses: spy === undefined ? [] : [spy.address] }
  const config = writeConfig(scratch.path(`${key}-config`), shapeDocuments(place))
  const setup = { config, form: row.form, cache: 'off', address: ownPort, heldAddress: ownPort } as const
  const host = await startBenchHost(`host of ${row.id}`, setup)
  scratch.keep(host.child)
  const subject = (load: Loadable, by: Child | undefined): Subject => ({
    load,
    host: host.child,
    adapters: spy === undefined ? [] : [spy.child],
    generator: by,
    perCall: 1,
  })
  const client = async (address: string) =>
    subject(
      await generator.target({ address, api: 'mixer-report', workload: oneSet, connections: 1 }),
      generator.child,
    )
  return {
    row,
    engine: subject(new InnerLoad(host.child, 'report'), undefined),
    adapter: await client(host.heldAddress),
    door: await client(host.address),
  }
}
