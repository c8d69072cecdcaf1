import { systemClock } from '../../src/mixer/engine/clock.js'
import type {
  HandlerSpec,
  HostServices,
  Opened,
  PlacedHandler,
  Placement,
} from '../../src/mixer/engine/ports.js'
import { template } from './asking.js'

/** What a host heard from handlers. */
export class RecordingHost implements HostServices {
  readonly clock = systemClock
  readonly invalidations: { readonly handler: string; readonly key: string | undefined }[] = []
  readonly doubts: string[] = []
  readonly logs: string[] = []
  #waiters: (() => void)[] = []

  invalidated(handler: string, key: string | undefined): void {
    this.invalidations.push({ handler, key })
    this.#heard()
  }

  doubted(handler: string): void {
    this.doubts.push(handler)
    this.#heard()
  }

  adapterLog(handler: string, level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
    this.logs.push(`${handler} ${level} ${message}`)
    this.#heard()
  }

  /** Resolves when the condition holds, looking again at each thing heard. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>(resolve => this.#waiters.push(resolve))
  }

  #heard(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}

/** A placement under the contract, and how its handlers are configured. */
export interface Subject {
  readonly placement: Placement
  /** Cases that this placement cannot pass, by name. A case that passes all the same fails the suite. */
  readonly gaps: readonly string[]
  /** What the handler's document would say besides its settings. */
  readonly spec: Partial<HandlerSpec>
}

/** What the cases work with. */
export class World {
  readonly host = new RecordingHost()
  readonly #subject: Subject
  readonly #open: PlacedHandler[] = []

  constructor(subject: Subject) {
    this.#subject = subject
  }

  tryOpen(settings: unknown, id = 'h.handler.test'): Promise<Opened> {
    return this.#subject.placement.open(handlerSpec(settings, id, this.#subject.spec), this.host)
  }

  async open(settings: unknown = {}, id?: string): Promise<PlacedHandler> {
    const opened = await this.tryOpen(settings, id)
    if (opened.kind === 'refused') throw new Error(`refused: ${JSON.stringify(opened.problems)}`)
    this.#open.push(opened.handler)
    return opened.handler
  }

  async close(): Promise<void> {
    for (const handler of this.#open) await handler.close(1_000)
  }
}

/** A complete handler document for the contract adapter. */
export function handlerSpec(settings: unknown, id: string, more: Partial<HandlerSpec> = {}): HandlerSpec {
  const names = ['listentry', 'checkproducer', 'quota', 'metric', 'sampleapa']
  return {
    id,
    displayName: id,
    adapter: 'contract',
    placement: 'auto',
    settings,
    settingsAny: settingsAny(settings),
    connection: undefined,
    cacheable: true,
    guard: {
      deadlineMs: 1_000,
      maxConcurrency: 1_024,
      breaker: { failures: 0, openMs: 1_000 },
      onFailure: { kind: 'caller' },
      report: { maxItems: 100, maxBytes: 262_144, maxAgeMs: 1_000, maxQueued: 10_000 },
    },
    templates: new Map(names.map(name => [name, template(name)])),
    instances: [{ name: 'a.instance.test', template: 'listentry' }],
    signature: id,
    ...more,
  }
}

/** The settings as `contract.Params { string greeting = 1; int64 limit = 2; }`, as configuration would encode them. */
function settingsAny(settings: unknown): HandlerSpec['settingsAny'] {
  const { greeting, limit } = { greeting: undefined, limit: undefined, ...Object(settings) }
  const parts: Buffer[] = []
  if (typeof greeting === 'string') parts.push(Buffer.from([0x0a, greeting.length]), Buffer.from(greeting))
  if (typeof limit === 'number')
    parts.push(Buffer.from(limit < 128 ? [0x10, limit] : [0x10, (limit & 127) | 128, limit >> 7]))
  return { typeUrl: 'type.googleapis.com/contract.Params', value: Buffer.concat(parts) }
}
