import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Served, type ServeOptions, serve } from '@outboard/adapters-sdk/serve'
import { systemClock } from '../../src/mixer/engine/clock.js'
import type { ConnectionSpec } from '../../src/mixer/engine/ports.js'
import { createPlacements, type Placements, type RemoteOptions } from '../../src/mixer/placements/index.js'
import { silent } from '../../src/mixer/telemetry/index.js'
import { contractAdapter } from './adapter.js'

/** A fixture file of the tests' own certificates. */
export function tlsFile(name: string): string {
  return join(process.cwd(), 'test/fixtures/tls', name)
}

/** A connection to one address, in plain text unless more is said. */
export function connection(address: string, more: Partial<ConnectionSpec> = {}): ConnectionSpec {
  return {
    addresses: [address],
    timeoutMs: undefined,
    authentication: { kind: 'none' },
    peerNames: [],
    allowPlaintext: false,
    ...more,
  }
}

/** The placements under test, on the real clock. */
export function placements(options: Partial<RemoteOptions> = {}): Placements {
  return createPlacements(() => undefined, { clock: systemClock, telemetry: silent, ...options })
}

/** The contract adapter, listening. */
export function serveContract(options: ServeOptions = {}): Promise<Served> {
  return serve(contractAdapter, { drainGraceMs: 500, lingerMs: 0, log: () => {}, ...options })
}

/** A path for a Unix socket, short enough for every system; and how to take it away again. */
export function socketPath(): { readonly address: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'outboard-'))
  return {
    address: `unix:${join(folder, 's')}`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
