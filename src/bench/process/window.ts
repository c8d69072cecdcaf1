import { GCProfiler } from 'node:v8'
import type { Usage } from './usage.js'

/** How often the resident set is looked at. A look costs some ten microseconds. */
const lookMs = 25

/** Measures what this process uses, from its making until `close`. */
export class UsageWindow {
  readonly #gc = new GCProfiler()
  readonly #heapBefore = process.memoryUsage().heapUsed
  readonly #cpuBefore = process.cpuUsage()
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout
  #peakRss = process.memoryUsage.rss()

  constructor() {
    this.#gc.start()
    this.#timer = setInterval(() => this.#look(), lookMs)
    this.#timer.unref()
  }

  close(): Usage {
    const { user, system } = process.cpuUsage(this.#cpuBefore)
    const wallMs = performance.now() - this.#startedAt
    clearInterval(this.#timer)
    this.#look()
    const heapAfter = process.memoryUsage().heapUsed
    const { statistics } = this.#gc.stop()
    let allocatedBytes = 0
    let gcUs = 0
    let heap = this.#heapBefore
    for (const { cost, beforeGC, afterGC } of statistics) {
      gcUs += cost
      allocatedBytes += Math.max(0, beforeGC.heapStatistics.usedHeapSize - heap)
      heap = afterGC.heapStatistics.usedHeapSize
    }
    allocatedBytes += Math.max(0, heapAfter - heap)
    return {
      cpuUs: user + system,
      wallMs,
      peakRssBytes: this.#peakRss,
      gcMs: gcUs / 1_000,
      allocatedBytes,
    }
  }

  #look(): void {
    this.#peakRss = Math.max(this.#peakRss, process.memoryUsage.rss())
  }
}
