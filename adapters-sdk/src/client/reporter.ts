import type { AttributeValues } from '../values.js'
import type { Called, Caller } from './caller.js'
import { bytesHeld, heldAttributes } from './held-attributes.js'
import type { ResolvedMixerClientOptions } from './options.js'
import { encodeReportRequest } from './requests.js'
import type { MixerClientStatistics } from './statistics.js'

/** An entry that waits, with what it weighs. */
interface Entry {
  readonly attributes: AttributeValues
  readonly bytes: number
}

/** With fewer global words a batch became too long, or cannot be encoded. */
class NoEncoding extends Error {}

/**
 * Gathers reports and sends them in batches, without waiting for what comes of them. Source: reference proxy-client,
 * section 7. Entries wait within a bound; a batch that fails is lost, because sending it again could count it twice.
 */
export class Reporter {
  #waiting: Entry[] = []
  /** Of entries that wait or are under way. */
  #bytes = 0
  /** Entries taken since the beginning, and those of them that went into a call. */
  #taken = 0
  #begun = 0
  /** Calls under way, each with the number of its first entry. */
  readonly #calls = new Map<Promise<void>, number>()
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
    const { clock, reportBatchMs, reportMaxWaiting, reportMaxWaitingBytes } = this.options
    this.statistics.reports++
    if (this.#state === 'closed') {
      this.statistics.reportsLostClosed++
      return 'lost'
    }
    const bytes = bytesHeld(attributes)
    if (this.#waiting.length >= reportMaxWaiting || this.#bytes + bytes > reportMaxWaitingBytes) {
      this.statistics.reportsLostFull++
      return 'lost'
    }
    this.#waiting.push({ attributes: heldAttributes(attributes), bytes })
    this.#bytes += bytes
    this.#taken++
    this.#cancelTimer ??= clock.after(reportBatchMs, () => {
      this.#cancelTimer = undefined
      this.#due = true
      this.#pump()
    })
    this.#pump()
    return 'waiting'
  }

  /** Sends what waits now. Resolves when it was delivered or lost; what is reported meanwhile is not waited for. */
  async flush(): Promise<void> {
    const end = this.#taken
    this.#due = true
    this.#pump()
    while (this.#begun < end) await Promise.race(this.#calls.keys())
    await Promise.all([...this.#calls].map(([call, first]) => (first < end ? call : undefined)))
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
      const call = this.#send(batch.map(({ attributes }) => attributes)).finally(() => {
        this.#calls.delete(call)
        for (const { bytes } of batch) this.#bytes -= bytes
        this.#pump()
      })
      this.#calls.set(call, this.#begun)
      this.#begun += batch.length
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
    const encode = (globalWordCount: number) => {
      const bytes = globalWordCount === words ? encoded : this.#encode(sets, globalWordCount)
      if (bytes === undefined) throw new NoEncoding()
      return bytes
    }
    let called: Called
    try {
      called = await caller.call({ method: 'report', encode, retries: 0, signal: undefined })
    } catch (cause) {
      if (!(cause instanceof NoEncoding)) throw cause
      return this.#send(sets) // nothing was evaluated; now it begins with fewer words, and in parts
    }
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
