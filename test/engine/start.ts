import type { CheckCache } from '../../src/mixer/engine/cache-port.js'
import {
  type CheckRequest,
  createEngine,
  type EngineOptions,
  type RunningEngine,
} from '../../src/mixer/engine/index.js'
import type { ReportSpill } from '../../src/mixer/engine/ports.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'
import { type RuleScript, type Script, ScriptedPlacement, snapshotOf } from './scripted.js'

export interface Started {
  readonly engine: RunningEngine
  readonly clock: ManualClock
  readonly telemetry: CountingTelemetry
  readonly placement: ScriptedPlacement
  handler(id: string): { readonly asked: number; readonly closed: number }
}

/** An engine in force with scripted handlers and rules. */
export async function started(
  scripts: Record<string, Script | 'refused'>,
  rules: readonly RuleScript[],
  more: { options?: EngineOptions; cache?: CheckCache; spill?: ReportSpill; idPrefix?: string } = {},
): Promise<Started> {
  const clock = new ManualClock()
  const telemetry = new CountingTelemetry()
  const placement = new ScriptedPlacement(scripts)
  const engine = createEngine({
    placements: [placement],
    clock,
    telemetry,
    cache: more.cache,
    spill: more.spill,
    idPrefix: more.idPrefix ?? 'test-',
    ...(more.options && { options: more.options }),
  })
  await engine.swap(snapshotOf(0, rules))
  const handler = (id: string) => {
    const found = placement.handlers.get(id)
    if (found === undefined) throw new TypeError(`no handler ${id}`)
    return found
  }
  return { engine, clock, telemetry, placement, handler }
}

export function checkRequest(more: Partial<CheckRequest> = {}): CheckRequest {
  return {
    door: 'test',
    deadline: Number.POSITIVE_INFINITY,
    traceparent: undefined,
    deduplicationId: '',
    quotas: [],
    onCancel: undefined,
    ...more,
  }
}
