import type { Engine } from '../engine/api.js'
import type { Clock } from '../engine/ports.js'
import type { Telemetry } from '../telemetry/index.js'
import { type ListenAddress, parseAddress, printAddress } from './address.js'
import { alsService } from './als/service.js'
import { extAuthzService } from './ext-authz/service.js'
import { GrpcJsServer } from './grpc/server.js'
import { healthService } from './health/service.js'
import { Http2Server } from './http2/server.js'
import { mixerService } from './mixer/service.js'
import {
  type DoorName,
  type DoorsOptions,
  type ResolvedListener,
  resolveDoors,
  type ServerKind,
} from './options.js'
import { reflectionServices } from './reflection/service.js'
import type { DoorServer, ServerSetup } from './server.js'
import type { Service } from './service.js'
import { TlsFiles } from './tls.js'

/** What the doors need of the host. */
export interface DoorsSetup {
  readonly engine: Engine
  readonly telemetry: Telemetry
  readonly clock: Clock
  /** Whether checks can be answered: the truth that health tells. */
  ready(): boolean
  readonly options?: DoorsOptions
}

/** The gRPC doors, on all their addresses. */
export interface Doors {
  /** Opens every address, or none. Rejects with an AddressError or a TlsError. */
  listen(): Promise<void>
  /** The addresses with their real ports, in the order of the options; empty before `listen`. */
  readonly addresses: readonly string[]
  /** Says "not serving" to health checks, takes nothing new, and finishes what is under way within the grace. */
  drain(graceMs: number): Promise<void>
  /** Stops at once. Safe twice. */
  close(): Promise<void>
}

/** Makes the doors; nothing listens yet. @throws {RangeError | AddressError | TlsError} for impossible options. */
export function createDoors(setup: DoorsSetup): Doors {
  return new GrpcDoors(setup)
}

type State = 'new' | 'listening' | 'draining' | 'closed'

class GrpcDoors implements Doors {
  addresses: readonly string[] = []
  readonly #clock: Clock
  readonly #tls: TlsFiles[] = []
  readonly #servers: readonly DoorServer[]
  readonly #health
  #state: State = 'new'

  constructor(setup: DoorsSetup) {
    const options = resolveDoors(setup.options)
    const { engine, telemetry, clock } = setup
    this.#clock = clock
    const services: Readonly<Record<DoorName, Service>> = {
      mixer: mixerService({ engine, telemetry, clock }),
      ext_authz: extAuthzService({ engine, telemetry, clock, options: options.extAuthz }),
      als: alsService({ engine, telemetry, clock, options: options.als }),
    }
    this.#health = healthService(
      Object.entries(services).flatMap(([door, service]) => [door, service.name]),
      () => this.#state !== 'draining' && this.#state !== 'closed' && setup.ready(),
      clock,
    )
    this.#servers = options.listeners.map(listener => {
      const doors = listener.doors.map(name => services[name])
      const open = [...doors, this.#health.service]
      const shown = options.reflection ? [...open, ...reflectionServices(open)] : open
      return serverOf(options.server, {
        address: parseAddress(listener.address),
        services: shown,
        limits: listener.limits,
        tls: this.#tlsOf(listener, telemetry),
        telemetry,
        clock,
      })
    })
  }

  #tlsOf(listener: ResolvedListener, telemetry: Telemetry): TlsFiles | undefined {
    if (listener.tls === undefined) return undefined
    const files = new TlsFiles(listener.tls, telemetry, this.#clock)
    this.#tls.push(files)
    return files
  }

  async listen(): Promise<void> {
    if (this.#state !== 'new') throw new TypeError(`Cannot listen: the doors are ${this.#state}`)
    try {
      for (const files of this.#tls) await files.open()
      const bound: ListenAddress[] = []
      for (const server of this.#servers) bound.push(await server.listen())
      this.addresses = bound.map(printAddress)
      this.#state = 'listening'
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async drain(graceMs: number): Promise<void> {
    if (this.#state !== 'listening') return this.close()
    this.#state = 'draining'
    this.#health.refresh()
    await Promise.all(this.#servers.map(server => server.drain(graceMs)))
    await this.close()
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    this.#health.stop()
    for (const files of this.#tls) files.close()
    await Promise.all(this.#servers.map(server => server.close()))
  }
}

function serverOf(kind: ServerKind, setup: ServerSetup): DoorServer {
  switch (kind) {
    case 'grpc-js':
      return new GrpcJsServer(setup)
    case 'http2':
      return new Http2Server(setup)
  }
}
