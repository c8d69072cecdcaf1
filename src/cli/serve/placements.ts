import { builtinAdapters } from '../../adapters/registry.js'
import type { AdapterDirectory } from '../../mixer/config/index.js'
import type { Clock, Placement } from '../../mixer/engine/ports.js'
import { createPlacements, type RemoteOptions } from '../../mixer/placements/index.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import { packageVersion } from '../package-facts.js'

export interface PlacementParts {
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** Tells processes of one host apart. */
  readonly instance: string
  /** Default: nothing differs. */
  readonly reaching?: Reaching
}

/** How adapters outside are reached, where it differs from the defaults: names looked up otherwise, another carrier, other times. */
export type Reaching = Pick<RemoteOptions, 'resolver' | 'sessionCarrier' | 'timing'>

/** Everywhere that this host's handlers can run, and how to ask adapters outside what they are. */
export function openPlacements({ clock, telemetry, instance, reaching = {} }: PlacementParts): {
  readonly placements: readonly Placement[]
  readonly directory: AdapterDirectory
} {
  const placements = createPlacements(name => builtinAdapters.get(name), {
    ...reaching,
    clock,
    telemetry,
    identity: { name: 'outboard', version: packageVersion(), instance },
  })
  return {
    placements: Object.values(placements.byName),
    directory: {
      async announcement(connection, name) {
        const described = await placements.describe(connection)
        if (described.kind !== 'described') return undefined
        const { adapters } = described
        if (name !== undefined) return adapters.find(adapter => adapter.name === name)
        // Which one of several is meant, only the handler document can say.
        return adapters.length === 1 ? adapters[0] : undefined
      },
    },
  }
}
