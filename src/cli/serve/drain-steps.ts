import type { Clock } from '../../mixer/engine/ports.js'
import type { Log } from '../../mixer/telemetry/index.js'

/** How much longer than its grace a step may take, milliseconds: what is cut off at the end of it needs a moment to be gone. */
const marginMs = 2_000

/**
 * Takes the steps of a drain one after the other. One that fails, or does not end, is told, and keeps none of those behind it
 * from being taken: reports go to disk even when a door does not close.
 */
export class DrainSteps {
  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** Never rejects; resolves a moment after the grace at the latest. */
  async take(step: string, graceMs: number, work: () => Promise<void> | undefined): Promise<void> {
    let cancel = () => {}
    const late = new Promise<void>(resolve => {
      cancel = this.clock.after(graceMs + marginMs, () => {
        this.log.warn('drain_step_late', { step, graceMs })
        resolve()
      })
    })
    const done = async () => {
      try {
        await work()
      } catch (error) {
        this.log.error('drain_step_failed', { step, error })
      }
    }
    await Promise.race([done(), late])
    cancel()
  }
}
