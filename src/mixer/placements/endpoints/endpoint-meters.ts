import type { AdapterError } from '@outboard/adapters-sdk'
import type { EndpointStatus } from '../../engine/ports.js'
import type { Counter, Telemetry } from '../../telemetry/index.js'
import type { EndpointState } from './endpoint-state.js'

const states: readonly EndpointStatus['state'][] = ['connecting', 'ready', 'degraded', 'draining', 'down']

/** What an endpoint tells about itself. */
export class EndpointMeters {
  readonly #telemetry: Telemetry
  readonly #address: string
  readonly #connected: Counter
  readonly #failed: Counter
  readonly #gauges: readonly (() => void)[]

  constructor(telemetry: Telemetry, address: string, status: () => EndpointStatus) {
    this.#telemetry = telemetry
    this.#address = address
    this.#connected = telemetry.counter('outboard_endpoint_connects_total', { address, outcome: 'connected' })
    this.#failed = telemetry.counter('outboard_endpoint_connects_total', { address, outcome: 'failed' })
    this.#gauges = [
      ...states.map(state =>
        telemetry.gauge('outboard_endpoint_state', { address, state }, () =>
          status().state === state ? 1 : 0,
        ),
      ),
      telemetry.gauge('outboard_endpoint_in_flight', { address }, () => status().inFlight),
    ]
  }

  connected(): void {
    this.#connected.add(1)
  }

  failed(): void {
    this.#failed.add(1)
  }

  lost(error: AdapterError): void {
    this.#telemetry
      .counter('outboard_endpoint_losses_total', { address: this.#address, code: error.code })
      .add(1)
  }

  became(before: EndpointState, state: EndpointState): void {
    if (before.at === state.at) return
    const facts = { address: this.#address, from: before.at, to: state.at, reason: state.reason }
    if (state.at === 'down' || state.at === 'degraded') this.#telemetry.log.warn('endpoint_state', facts)
    else this.#telemetry.log.info('endpoint_state', facts)
  }

  stop(): void {
    for (const stop of this.#gauges) stop()
  }
}
