import type { Test } from 'tap'
import { parseAddress, printAddress } from '../../src/mixer/doors/address.js'
import { GrpcJsServer } from '../../src/mixer/doors/grpc/server.js'
import { Http2Server } from '../../src/mixer/doors/http2/server.js'
import type { ServerKind, ServerLimits } from '../../src/mixer/doors/options.js'
import type { DoorServer } from '../../src/mixer/doors/server.js'
import type { Service } from '../../src/mixer/doors/service.js'
import type { Clock } from '../../src/mixer/engine/ports.js'
import { silent, type Telemetry } from '../../src/mixer/telemetry/index.js'
import { ByteClient, realClock } from './support.js'

export const serverKinds: readonly ServerKind[] = ['grpc-js', 'http2']

export const testLimits: ServerLimits = {
  maxMessageBytes: 1_048_576,
  maxConcurrentStreams: 1_024,
  maxConnections: 1_000,
  messageTimeoutMs: 30_000,
  maxPartialBytes: 134_217_728,
  maxConnectionPartialBytes: 33_554_432,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
}

export interface ServeOptions {
  readonly kind: ServerKind
  readonly services: readonly Service[]
  readonly telemetry?: Telemetry
  readonly clock?: Clock
  readonly limits?: Partial<ServerLimits>
  readonly address?: string
}

/** A door server on a free loopback port, closed when the test ends. */
export async function serve(
  t: Test,
  {
    kind,
    services,
    telemetry = silent,
    clock = realClock,
    limits = {},
    address = '127.0.0.1:0',
  }: ServeOptions,
): Promise<{ server: DoorServer; address: string }> {
  const setup = {
    address: parseAddress(address),
    services,
    limits: { ...testLimits, ...limits },
    tls: undefined,
    telemetry,
    clock,
  }
  const server = kind === 'grpc-js' ? new GrpcJsServer(setup) : new Http2Server(setup)
  t.teardown(() => server.close())
  return { server, address: printAddress(await server.listen()) }
}

/** As `serve`, with a client. */
export async function connected(t: Test, options: ServeOptions): Promise<ByteClient> {
  const { address } = await serve(t, options)
  const client = new ByteClient(address)
  t.teardown(() => client.close())
  return client
}
