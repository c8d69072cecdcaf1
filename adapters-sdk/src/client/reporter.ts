import type { AttributeValues } from '../values.js'
import type { Caller } from './caller.js'
import { heldAttributes } from './held-attributes.js'
import type { ResolvedMixerClientOptions } from './options.js'
import { encodeReportRequest } from './requests.js'
import type { MixerClientStatistics } from './statistics.js'

/**
 * Gathers reports and sends them in batches, without waiting for what comes of them. Source: reference proxy-client,
 * section 7. Entries wait within a bound; a batch that fails is lost, because sending it again could count it twice.
 */
export class Reporter {
  #waiting: AttributeValues[] = []
  readonly #calls = new Set<Promise<void>>()
  /** Whether less than a full batch is to be sent. */
  #due = false
  #cancelTimer: (() => void) | undefined
  #state: 'open' | 'closed' = 'open'

  constructor(
    private readonly options: ResolvedMixerClientOptions,
    private readonly caller: Caller,
    private readonly statistics: MixerClientStatistics,
  ) {}

  get waiting(): number {
    return this.#waiting.length
  }

  report(attributes: AttributeValues): 'waiting' | 'lost' {
    const { clock, reportBatchMs, reportMaxWaiting } = this.options
    this.statistics.reports++
    if (this.#state === 'closed') {
      this.statistics.reportsLostClosed++
      return 'lost'
    }
    if (this.#waiting.length >= reportMaxWaiting) {
      this.statistics.reportsLostFull++
      return 'lost'
    }
    this.#waiting.push(heldAttributes(attributes))
    this.#cancelTimer ??= clock.after(reportBatchMs, () => {
      this.#cancelTimer = undefined
      this.#due = true
      this.#pump()
    })
    this.#pump()
    return 'waiting'
  }

  /** Sends what waits now. Resolves when it was delivered or lost. */
  async flush(): Promise<void> {
    this.#due = true
    this.#pump()
    while (this.#calls.size > 0) await Promise.all(this.#calls)
  }

  /** Sends what waits, and takes nothing more. */
  close(): Promise<void> {
    this.#state = 'closed'
    return this.flush()
  }

  #pump(): void {
    const { reportBatchEntries, reportMaxCalls } = this.options
    while (this.#calls.size < reportMaxCalls) {
      const full = this.#waiting.length >= reportBatchEntries
      if (!full && !(this.#due && this.#waiting.length > 0)) break
      const batch = this.#waiting.splice(0, reportBatchEntries)
      const call = this.#send(batch).finally(() => {
        this.#calls.delete(call)
        this.#pump()
      })
      this.#calls.add(call)
    }
    if (this.#waiting.length > 0) return
    this.#due = false
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** Sends a batch, in parts when it is too long or cannot be encoded. Never rejects. */
  async #send(sets: readonly AttributeValues[]): Promise<void> {
    const { statistics, caller } = this
    const words = caller.globalWordCount
    const encoded = this.#encode(sets, words)
    if (encoded === undefined) {
      if (sets.length === 1) {
        statistics.reportsLostUnencodable++
        return
      }
      const middle = sets.length >> 1
      await this.#send(sets.slice(0, middle))
      await this.#send(sets.slice(middle))
      return
    }
    statistics.reportCalls++
    const encode = (globalWordCount: number) =>
      globalWordCount === words ? encoded : encodeReportRequest({ sets, globalWordCount })
    const called = await caller.call({ method: 'report', encode, retries: 0, signal: undefined })
    if (called.kind === 'answer') statistics.reportsDelivered += sets.length
    else statistics.reportsLostFailed += sets.length
  }

  /** undefined: too long, or one of the entries has a value that is none of its type. */
  #encode(sets: readonly AttributeValues[], globalWordCount: number): Uint8Array | undefined {
    try {
      const encoded = encodeReportRequest({ sets, globalWordCount })
      return encoded.length <= this.options.reportMaxBytes ? encoded : undefined
    } catch {
      return undefined
    }
  }
}
