import { randomUUID } from 'node:crypto'
import { builtinAdapters } from '../../adapters/registry.js'
import { AttributeCache } from '../../cache/index.js'
import { CliError } from '../../cli/errors.js'
import type { ServeOptions } from '../../cli/serve/option-table.js'
import { startTelemetry } from '../../cli/serve/telemetry.js'
import { processShell } from '../../cli/shell.js'
import {
  builtinAdaptersOf,
  type HandlerSpec,
  loadSnapshot,
  readFolder,
  type Snapshot,
} from '../../mixer/config/index.js'
import { createEngine, type RunningEngine, systemClock } from '../../mixer/engine/index.js'
import type { Placement } from '../../mixer/engine/ports.js'
import { createPlacements, inProcessCoded } from '../../mixer/placements/index.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import { spy } from './spy.js'

/** How handlers inside the host are asked: by reference, or in bytes both ways as if they were outside. */
export type LocalForm = 'plain' | 'coded'

export interface Composed {
  readonly engine: RunningEngine
  readonly snapshot: Snapshot
  readonly telemetry: Telemetry
  placementOf(spec: HandlerSpec): Placement
}

/**
 * An engine with its configuration, put together as `outboard serve` does it, but in the benchmark's hands: for what the
 * command cannot do, such as adapters in the host that are asked in bytes, or load without a door. `watched` wraps each
 * placement.
 * @throws {CliError} `CLI_CONFIG_REFUSED`
 */
export async function compose(
  options: ServeOptions,
  form: LocalForm,
  watched: (placement: Placement) => Placement,
): Promise<Composed> {
  const { telemetry } = await startTelemetry(processShell(), options)
  const adapters = new Map(builtinAdapters).set(spy.name, spy)
  const lookup = (name: string) => adapters.get(name)
  const { byName } = createPlacements(lookup, { clock: systemClock, telemetry })
  const coded: Placement = { ...inProcessCoded(lookup), name: 'in-process' }
  const placements = Object.values(byName)
    .map(placement => (form === 'coded' && placement.name === 'in-process' ? coded : placement))
    .map(watched)
  const cache =
    options.cache === 'on'
      ? new AttributeCache({ maxEntries: options.cacheEntries }, systemClock, telemetry)
      : undefined
  const engine = createEngine({
    placements,
    clock: systemClock,
    telemetry,
    cache,
    idPrefix: randomUUID().slice(0, 8),
    options: { maxInFlight: options.maxInFlight },
  })
  const loaded = await loadSnapshot(await readFolder(options.config ?? ''), {
    adapters: builtinAdaptersOf(adapters.values()),
  })
  if (loaded.kind === 'refused') throw new CliError('CLI_CONFIG_REFUSED', loaded.problems[0].message)
  const swapped = await engine.swap(loaded.snapshot)
  if (swapped.kind === 'refused') throw new CliError('CLI_CONFIG_REFUSED', JSON.stringify(swapped.problems))
  return {
    engine,
    snapshot: loaded.snapshot,
    telemetry,
    placementOf(spec) {
      const found = placements.find(({ name }) => name === spec.placement)
      if (found === undefined) throw new TypeError(`there is no placement "${spec.placement}"`)
      return found
    },
  }
}
