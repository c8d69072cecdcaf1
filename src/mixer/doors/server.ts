import type { Clock } from '../engine/ports.js'
import type { Telemetry } from '../telemetry/index.js'
import type { ListenAddress } from './address.js'
import type { ServerLimits } from './options.js'
import type { Service } from './service.js'
import type { TlsFiles } from './tls.js'

/** A gRPC server for one address, whoever implements it. */
export interface DoorServer {
  /** Begins to listen; answers the address with its real port. Rejects with an AddressError. */
  listen(): Promise<ListenAddress>
  /**
   * Takes no new connections and calls, tells clients to go elsewhere, and waits for the calls under way. What is not
   * finished after `graceMs` is cut off.
   */
  drain(graceMs: number): Promise<void>
  /** Stops at once; calls under way are cut off. Safe twice. */
  close(): Promise<void>
}

/** What every implementation is made of. */
export interface ServerSetup {
  readonly address: ListenAddress
  readonly services: readonly Service[]
  readonly limits: ServerLimits
  /** undefined: plaintext. */
  readonly tls: TlsFiles | undefined
  readonly telemetry: Telemetry
  readonly clock: Clock
}
