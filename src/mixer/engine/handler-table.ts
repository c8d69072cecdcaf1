import type { SettingsProblem } from '@outboard/adapters-sdk'
import type { Telemetry } from '../telemetry/index.js'
import type { CallIds } from './call-ids.js'
import { Guard } from './guard.js'
import type { HandlerSpec, HostServices, Placement, ReportSpill } from './ports.js'
import { ReportQueue } from './report-queue.js'

/** A handler in service: its guard, and its queue of reports. */
export interface Served {
  readonly guard: Guard
  readonly reports: ReportQueue
}

/** Why a handler could not be opened for a new snapshot. */
export interface HandlerProblem {
  readonly handler: string
  readonly problems: readonly SettingsProblem[]
}

/** What every handler is made with. */
export interface HandlerParts {
  readonly ids: CallIds
  readonly telemetry: Telemetry
  /** undefined: reports wait in memory only. */
  readonly spill: ReportSpill | undefined
}

export type OpenedTable =
  | { readonly kind: 'opened'; readonly table: HandlerTable }
  | { readonly kind: 'refused'; readonly problems: readonly HandlerProblem[] }

/**
 * The handlers of one snapshot, open. Those whose signature did not change are taken over from the table before, with
 * their sessions, breakers and queues.
 */
export class HandlerTable {
  private constructor(readonly served: ReadonlyMap<string, Served>) {}

  static readonly empty = new HandlerTable(new Map())

  /** Opens what is new. All or nothing: when one is refused, those opened here are closed again. */
  static async open(
    specs: ReadonlyMap<string, HandlerSpec>,
    before: HandlerTable,
    placements: ReadonlyMap<string, Placement>,
    host: HostServices,
    { ids, telemetry, spill }: HandlerParts,
  ): Promise<OpenedTable> {
    const served = new Map<string, Served>()
    const fresh: Served[] = []
    const problems: HandlerProblem[] = []
    const refuse = (handler: string, message: string) =>
      problems.push({ handler, problems: [{ path: '', message }] })
    await Promise.all(
      [...specs.values()].map(async spec => {
        const kept = before.served.get(spec.id)
        if (kept !== undefined && kept.guard.spec.signature === spec.signature) {
          served.set(spec.id, kept)
          return
        }
        const placement = placements.get(spec.placement)
        if (placement === undefined) {
          refuse(
            spec.id,
            `there is no placement "${spec.placement}"; known: ${[...placements.keys()].join(', ')}`,
          )
          return
        }
        try {
          const opened = await placement.open(spec, host)
          if (opened.kind === 'refused') problems.push({ handler: spec.id, problems: opened.problems })
          else {
            const guard = new Guard(spec, opened.handler, host.clock, telemetry)
            const handler = { guard, reports: new ReportQueue(guard, host.clock, ids, telemetry, spill) }
            served.set(spec.id, handler)
            fresh.push(handler)
          }
        } catch (cause) {
          refuse(spec.id, `opening it failed: ${String(cause)}`)
        }
      }),
    )
    if (problems.length === 0) {
      for (const { reports } of fresh) reports.begin()
      return { kind: 'opened', table: new HandlerTable(served) }
    }
    await Promise.all(fresh.map(handler => closeServed(handler, 0)))
    return { kind: 'refused', problems }
  }

  /** Closes the handlers that `next` did not take over: queued reports are delivered first, within the grace. */
  async retire(next: HandlerTable, graceMs: number): Promise<void> {
    const gone = [...this.served].filter(([id, handler]) => next.served.get(id) !== handler)
    await Promise.all(gone.map(([, handler]) => closeServed(handler, graceMs)))
  }
}

async function closeServed({ guard, reports }: Served, graceMs: number): Promise<void> {
  await reports.close(graceMs)
  await guard.handler.close(graceMs)
}
