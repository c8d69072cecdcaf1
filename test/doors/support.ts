import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import type { AttributeBag } from '../../src/mixer/attributes/index.js'
import { type Declaration, References, Vocabulary } from '../../src/mixer/attributes/index.js'
import type {
  CheckAnswer,
  CheckRequest,
  Decided,
  Engine,
  Pinned,
  ReportAnswer,
} from '../../src/mixer/engine/api.js'
import type { Clock } from '../../src/mixer/engine/ports.js'
import type { Telemetry } from '../../src/mixer/telemetry/index.js'
import { silent } from '../../src/mixer/telemetry/index.js'

/** The attributes that door tests declare: one of each type, and those that the doors map to. */
export const declarations: readonly Declaration[] = [
  { name: 'source.ip', type: 'IP_ADDRESS' },
  { name: 'origin.ip', type: 'IP_ADDRESS' },
  { name: 'source.port', type: 'INT64' },
  { name: 'source.principal', type: 'STRING' },
  { name: 'source.user', type: 'STRING' },
  { name: 'source.namespace', type: 'STRING' },
  { name: 'request.headers', type: 'STRING_MAP' },
  { name: 'request.path', type: 'URI' },
  { name: 'request.host', type: 'DNS_NAME' },
  { name: 'request.method', type: 'STRING' },
  { name: 'request.size', type: 'INT64' },
  { name: 'request.time', type: 'TIMESTAMP' },
  { name: 'response.duration', type: 'DURATION' },
  { name: 'connection.mtls', type: 'BOOL' },
  { name: 'test.double', type: 'DOUBLE' },
  { name: 'test.email', type: 'EMAIL_ADDRESS' },
  { name: 'test.map', type: 'STRING_MAP' },
  { name: 'test.unique', type: 'STRING' },
]

export function vocabularyOf(more: readonly Declaration[] = []): Vocabulary {
  return new Vocabulary([...declarations, ...more])
}

export function decided(bag: AttributeBag, change: Partial<Decided> = {}): Decided {
  return {
    kind: 'decided',
    code: 0,
    message: '',
    validForMs: 60_000,
    validUses: 10_000,
    references: bag.references,
    directive: undefined,
    metadata: {},
    quotas: [],
    fromCache: false,
    ...change,
  }
}

export interface Script {
  vocabulary?: Vocabulary
  check?(bag: AttributeBag, request: CheckRequest): CheckAnswer | Promise<CheckAnswer>
  report?(bags: readonly AttributeBag[]): ReportAnswer | Promise<ReportAnswer>
  charges?(bag: AttributeBag): ReadonlyMap<string, bigint>
}

/** An engine that does what the test says. */
export function scripted(script: Script): Engine {
  const vocabulary = script.vocabulary ?? vocabularyOf()
  const pinned: Pinned = {
    vocabulary,
    snapshotId: 0,
    addApiAttributes: () => {},
    quotaCharges: bag => script.charges?.(bag) ?? new Map(),
    check: async (bag, request) => script.check?.(bag, request) ?? decided(bag),
    report: async bags => script.report?.(bags) ?? { kind: 'taken' },
  }
  return { pin: () => pinned }
}

/** What a bag holds, by name, without recording; string maps as plain objects. */
export function contents(bag: AttributeBag): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const name of bag.vocabulary.names()) {
    const value = bag.peek(bag.vocabulary.slot(name) ?? -1)
    if (value === undefined) continue
    found[name] =
      typeof value === 'object' && 'entries' in value && !(value instanceof Uint8Array)
        ? Object.fromEntries(value.entries())
        : value
  }
  return found
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>()

  constructor(now = 1_700_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  advance(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > this.#now || !this.#timers.delete(timer)) continue
      timer.callback()
    }
  }
}

/** The real time, for tests whose other side runs in real time. */
export const realClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Telemetry that keeps its counters where a test can read them: `name{label="value"}`. */
export function counting(): { telemetry: Telemetry; counts: Map<string, number>; events: string[] } {
  const counts = new Map<string, number>()
  const events: string[] = []
  const note = (event: string) => {
    events.push(event)
  }
  const telemetry: Telemetry = {
    ...silent,
    counter: (name, labels = {}) => {
      const list = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
      const id = list.length === 0 ? name : `${name}{${list.join(',')}}`
      return { add: amount => counts.set(id, (counts.get(id) ?? 0) + amount) }
    },
    log: { debug: note, info: note, warn: note, error: note },
  }
  return { telemetry, counts, events }
}

export const noReferences = () => new References(0)

const asIs = (bytes: Buffer): Buffer => bytes

export interface Called {
  readonly code: number
  readonly details: string
  readonly message: Buffer | undefined
}

/** A grpc-js client that sends and receives bytes. */
export class ByteClient {
  readonly #client: Client

  constructor(address: string, channel: ChannelCredentials = credentials.createInsecure(), options = {}) {
    this.#client = new Client(address.replace(/^unix:\/\//, 'unix:'), channel, options)
  }

  call(
    path: string,
    message: Buffer,
    metadata: Readonly<Record<string, string>> = {},
    deadlineMs = 5_000,
  ): Promise<Called> {
    const sent = new Metadata()
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value)
    return new Promise(resolve => {
      const done = (error: ServiceError | null, answer?: Buffer) =>
        resolve({ code: error?.code ?? 0, details: error?.details ?? '', message: answer })
      this.#client.makeUnaryRequest(
        path,
        asIs,
        asIs,
        message,
        sent,
        { deadline: Date.now() + deadlineMs },
        done,
      )
    })
  }

  /** The client itself, for streams and cancellation. */
  get raw(): Client {
    return this.#client
  }

  close(): void {
    this.#client.close()
  }
}
