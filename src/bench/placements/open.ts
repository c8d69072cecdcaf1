import { type Document, type HandlerPlace, standardDocuments, writeConfig } from '../config/documents.js'
import { InnerLoad, startBenchHost } from '../host/bench-host.js'
import type { Driver } from '../host/drivers.js'
import type { Loadable, LoadGenerator } from '../load/generator.js'
import type { ClientKind } from '../load/unary-client.js'
import { type Listening, startAdapter, startServe } from '../process/outboard.js'
import type { Scratch } from '../process/scratch.js'
import type { Api } from '../requests/answers.js'
import { standardWorkload, type Workload } from '../requests/workload.js'
import type { Subject } from '../rounds/measure.js'
import type { Cold } from '../rounds/row.js'
import type { PlacementRow } from './list.js'

/** The doors that load can come through; `none`: straight into the engine. */
export const benchDoors = ['mixer', 'ext-authz', 'none'] as const
export type BenchDoor = (typeof benchDoors)[number]

/** What load there is, and from where. */
export type LoadSource =
  | { readonly from: 'inside'; readonly driver: Driver }
  | {
      readonly from: 'generator'
      readonly api: Api
      readonly workload: Workload
      readonly connections: number
      readonly client: ClientKind
    }

export interface SubjectSetup {
  readonly row: PlacementRow
  readonly source: LoadSource
  readonly cache: 'on' | 'off'
  /** The adapter of `outboard adapter serve`, where it runs outside. */
  readonly adapter: string
  /** Adapter processes, where it runs outside. */
  readonly replicas: number
  readonly documents: (place: HandlerPlace) => readonly Document[]
  /** Operations in one call. */
  readonly perCall: number
  /** Further flags of `outboard serve`. */
  readonly serveFlags: readonly string[]
  readonly processes: number
}

export interface OpenedSubject {
  readonly subject: Subject
  readonly host: Listening
  /** Where the host's metrics are; undefined when it is one in the benchmark's hands. */
  readonly admin: string | undefined
  readonly cold: Cold
}

/** The plain case, to be changed where something else is meant. */
export const standardSetup: Omit<SubjectSetup, 'row'> = {
  source: { from: 'generator', api: 'mixer', workload: standardWorkload, connections: 4, client: 'raw' },
  cache: 'off',
  adapter: 'listchecker',
  replicas: 1,
  documents: place => standardDocuments(place),
  perCall: 1,
  serveFlags: [],
  processes: 1,
}

/** Calls made at first, one after the other. */
const coldCalls = 50

let lastNumber = 0

/** The processes of a subject. */
export interface StartedSubject {
  readonly setup: SubjectSetup
  readonly adapters: readonly Listening[]
  readonly host: Listening & { readonly admin: string | undefined }
}

/** Starts everything that one subject needs: adapters, host, and the load's connections. The scratch closes it. */
export async function openSubject(
  setup: SubjectSetup,
  generator: LoadGenerator,
  scratch: Scratch,
): Promise<OpenedSubject> {
  return connectSubject(await startSubject(setup, scratch), generator)
}

/** Adapters and host; nobody has asked them anything. */
export async function startSubject(setup: SubjectSetup, scratch: Scratch): Promise<StartedSubject> {
  const number = ++lastNumber
  const adapters = await startAdapters(setup, scratch, number)
  const place = { word: setup.row.word, addresses: adapters.map(({ address }) => address) }
  const config = writeConfig(scratch.path(`config-${number}`), setup.documents(place))
  const host = await startHost(setup, config)
  scratch.keep(host.child)
  return { setup, adapters, host }
}

/** The load's connections, and the first calls: nothing else should be going on. */
export async function connectSubject(
  { setup, adapters, host }: StartedSubject,
  generator: LoadGenerator,
): Promise<OpenedSubject> {
  const { source, perCall } = setup
  const load: Loadable =
    source.from === 'inside'
      ? new InnerLoad(host.child, source.driver)
      : await generator.target({ ...source, address: host.address })
  const first = await load.oneByOne(coldCalls)
  return {
    subject: {
      load,
      host: host.child,
      adapters: adapters.map(({ child }) => child),
      generator: source.from === 'inside' ? undefined : generator.child,
      perCall,
    },
    host,
    admin: host.admin,
    cold: { firstUs: first[0] ?? 0, medianUs: [...first].sort((a, b) => a - b)[first.length >> 1] ?? 0 },
  }
}

async function startAdapters(setup: SubjectSetup, scratch: Scratch, number: number): Promise<Listening[]> {
  const { transport } = setup.row
  if (transport === undefined) return []
  const started: Listening[] = []
  for (let i = 0; i < setup.replicas; i++) {
    const address = transport === 'unix' ? `unix:${scratch.path(`adapter-${number}-${i}`)}` : '127.0.0.1:0'
    const adapter = await startAdapter(`adapter of ${setup.row.id}`, setup.adapter, address)
    scratch.keep(adapter.child)
    started.push(adapter)
  }
  return started
}

/** The command itself, wherever it can do what is measured. */
async function startHost(
  setup: SubjectSetup,
  config: string,
): Promise<Listening & { readonly admin: string | undefined }> {
  const { row, source, cache, serveFlags, processes } = setup
  const name = `host of ${row.id}`
  const address = '127.0.0.1:0'
  if (source.from === 'generator' && row.form === 'plain')
    return startServe(name, { config, address, processes, flags: ['--cache', cache, ...serveFlags] })
  const doors = source.from === 'inside' ? {} : { address }
  const host = await startBenchHost(name, { config, form: row.form, cache, ...doors })
  return { ...host, admin: undefined }
}
