import type { LatencyView } from '../link.js'

/** Weight of a new answer in the moving average. */
const weight = 0.05
/** Answers before the average says anything. */
const enough = 20

/** How fast one link answers. A few additions an answer; nothing is kept. */
export class Latency implements LatencyView {
  lastMs: number | undefined = undefined
  timeoutsInARow = 0
  /** When the last answer came, also one that nobody waited for, milliseconds since the epoch; 0: none yet. */
  heardAt = 0
  #average = 0
  #answers = 0

  get averageMs(): number | undefined {
    return this.#answers >= enough ? this.#average : undefined
  }

  answered(tookMs: number): void {
    this.lastMs = tookMs
    this.timeoutsInARow = 0
    this.#answers += 1
    // The first answers count in full, so that the average begins where they are.
    this.#average += (tookMs - this.#average) * Math.max(weight, 1 / this.#answers)
  }

  gaveUp(): void {
    this.timeoutsInARow += 1
  }

  restart(): void {
    this.lastMs = undefined
    this.timeoutsInARow = 0
    this.#average = 0
    this.#answers = 0
  }
}
