import type { ConnectionSpec, HandlerSpec, Placement } from '../engine/ports.js'
import { autoDialer } from './auto-dialer.js'
import { type Described, describe } from './describe.js'
import { inProcess } from './in-process/in-process.js'
import type { AdapterLookup } from './in-process/open-local.js'
import { type RemoteOptions, resolveRemote } from './options.js'
import { RemotePlacement } from './remote/remote-placement.js'
import { sessionDialer } from './session/session-dialer.js'
import { unaryDialer } from './unary/connect-unary.js'

/** Everywhere that a handler can run. */
export interface Placements {
  /** One for each word that an operator can write. */
  readonly byName: Readonly<Record<HandlerSpec['placement'], Placement>>
  /** Asks an adapter outside what it serves. */
  describe(connection: ConnectionSpec): Promise<Described>
}

/**
 * The placements of one host. Handlers that share an address and credentials share a connection.
 * @throws {RangeError} for an option out of range
 */
export function createPlacements(adapters: AdapterLookup, options: RemoteOptions): Placements {
  const remote = resolveRemote(options)
  return {
    byName: {
      'in-process': inProcess(adapters),
      session: new RemotePlacement('session', remote, sessionDialer),
      unary: new RemotePlacement('unary', remote, unaryDialer),
      auto: new RemotePlacement('auto', remote, autoDialer),
    },
    describe: connection => describe(connection, remote),
  }
}
