import type { Counter, Telemetry } from '../telemetry/index.js'
import type { Clock } from './ports.js'

/** Why a queue drops reports. */
export type LossReason = 'queue_full' | 'refused' | 'closed'

/** How long losses are added up before the log tells them, milliseconds. Counters know at once. */
const tellAfterMs = 10_000

/** The reports of one handler that it will never get: counted by reason, and told in the log, where nobody scrapes any more. */
export class ReportLosses {
  readonly #counters: Readonly<Record<LossReason, Counter>>
  readonly #untold = new Map<LossReason, number>()
  #stopTimer: (() => void) | undefined

  constructor(
    private readonly handler: string,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {
    const dropped = (reason: LossReason) =>
      telemetry.counter('outboard_reports_dropped_total', { handler, reason })
    this.#counters = {
      queue_full: dropped('queue_full'),
      refused: dropped('refused'),
      closed: dropped('closed'),
    }
  }

  add(reason: LossReason, instances: number): void {
    this.#counters[reason].add(instances)
    this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + instances)
    this.#stopTimer ??= this.clock.after(tellAfterMs, () => this.tell())
  }

  /** Tells now what was not told yet. */
  tell(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    for (const [reason, count] of this.#untold)
      this.telemetry.log.warn('reports_dropped', { handler: this.handler, reason, count })
    this.#untold.clear()
  }
}
