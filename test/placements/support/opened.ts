import type {
  HandlerSpec,
  HandlerStatus,
  Opened,
  PlacedHandler,
  Placement,
} from '../../../src/mixer/engine/ports.js'
import type { RemoteOptions, RemoteTiming } from '../../../src/mixer/placements/index.js'
import { connection, placements } from '../../contract/serving.js'
import { handlerSpec, RecordingHost } from '../../contract/subject.js'
import { CountingTelemetry } from '../../support/counting-telemetry.js'

/** Times short enough for tests on the real clock. */
export const quickTiming: Partial<RemoteTiming> = {
  openMs: 2_000,
  handshakeMs: 300,
  compareMs: 20,
  stableMs: 0,
  probeMs: 40,
  backoff: { firstMs: 5, maxMs: 40 },
}

/** Handlers of a test, closed at its end. */
export class Handlers {
  readonly host = new RecordingHost()
  readonly telemetry = new CountingTelemetry()
  readonly #byName
  readonly #handlers: PlacedHandler[] = []

  constructor(options: Partial<RemoteOptions> = {}) {
    this.#byName = placements({
      telemetry: this.telemetry,
      timing: { ...quickTiming, ...options.timing },
      random: options.random ?? Math.random,
      ...(options.resolver !== undefined && { resolver: options.resolver }),
      ...(options.sessionCarrier !== undefined && { sessionCarrier: options.sessionCarrier }),
      ...(options.limits !== undefined && { limits: options.limits }),
    }).byName
  }

  async tryOpen(
    placement: HandlerSpec['placement'],
    addresses: readonly string[],
    more: Partial<HandlerSpec> = {},
  ): Promise<Opened> {
    const spec = handlerSpec({}, more.id ?? 'h.handler.test', {
      connection: connection(addresses[0] ?? '', { addresses }),
      ...more,
    })
    return this.placement(placement).open(spec, this.host)
  }

  async open(
    placement: HandlerSpec['placement'],
    addresses: readonly string[],
    more: Partial<HandlerSpec> = {},
  ): Promise<PlacedHandler> {
    const opened = await this.tryOpen(placement, addresses, more)
    if (opened.kind === 'refused') throw new Error(JSON.stringify(opened.problems))
    this.#handlers.push(opened.handler)
    return opened.handler
  }

  placement(name: HandlerSpec['placement']): Placement {
    return this.#byName[name]
  }

  async close(): Promise<void> {
    await Promise.all(this.#handlers.map(handler => handler.close(100)))
  }
}

/** Looks at a handler's status again and again until it is as wanted; the test's own time limit ends it otherwise. */
export async function statusUntil(
  handler: PlacedHandler,
  wanted: (status: HandlerStatus) => boolean,
): Promise<HandlerStatus> {
  for (;;) {
    const status = handler.status()
    if (wanted(status)) return status
    await new Promise<void>(resolve => setTimeout(resolve, 5))
  }
}
