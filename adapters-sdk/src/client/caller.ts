import { Code } from '../code.js'
import { baseWordCount } from './dictionary.js'
import type { ResolvedMixerClientOptions } from './options.js'
import type { MixerClientStatistics } from './statistics.js'
import type { RpcStatus, TransportAnswer } from './transport.js'

/** What came of a call, with its retries. */
export type Called =
  | {
      readonly kind: 'answer'
      readonly bytes: Uint8Array
      /** When the question that was answered was sent. */
      readonly sentAt: number
      /** Global words that it said are known. */
      readonly globalWordCount: number
    }
  | { readonly kind: 'failed'; readonly status: RpcStatus }

export interface CallPlan {
  readonly method: 'check' | 'report'
  encode(globalWordCount: number): Uint8Array
  readonly retries: number
  /** Ends the call, its retries too. */
  readonly signal: AbortSignal | undefined
}

/**
 * Sends what was encoded, bounded in time, again when there is no answer, and with fewer global words when the server
 * says that it knows fewer. Source: reference proxy-client, sections 3 and 5.
 */
export class Caller {
  #globalWordCount: number
  #closed = false
  /** What ends each call and pause under way. */
  readonly #endings = new Set<() => void>()

  constructor(
    private readonly options: ResolvedMixerClientOptions,
    private readonly statistics: MixerClientStatistics,
  ) {
    this.#globalWordCount = options.globalWordCount
  }

  get globalWordCount(): number {
    return this.#globalWordCount
  }

  /** @throws what `encode` throws. */
  async call({ method, encode, retries, signal }: CallPlan): Promise<Called> {
    const { clock } = this.options
    for (let attempt = 0; ; ) {
      const globalWordCount = this.#globalWordCount
      const bytes = encode(globalWordCount)
      const sentAt = clock.now()
      const answer = await this.#once(method, bytes, signal)
      this.#count(answer)
      if (answer.kind === 'answer') return { kind: 'answer', bytes: answer.bytes, sentAt, globalWordCount }
      if (this.#fallsBack(answer.status, globalWordCount)) continue // nothing was evaluated: not a retry
      if (attempt >= retries || this.#nobodyWaits(signal) !== undefined) return answer
      attempt++
      this.statistics.remoteRetries++
      await this.#pause(attempt, signal)
    }
  }

  /** Ends every call under way. Later calls fail at once. */
  close(): void {
    this.#closed = true
    for (const end of [...this.#endings]) end()
  }

  #once(
    method: 'check' | 'report',
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<TransportAnswer> {
    const { clock, timeoutMs, transport } = this.options
    const already = this.#nobodyWaits(signal)
    if (already !== undefined) return Promise.resolve(already)
    return new Promise(resolve => {
      const gone = new AbortController()
      const settle = (answer: TransportAnswer) => {
        cancelTimer()
        unhear()
        resolve(answer)
      }
      const cancelTimer = clock.after(timeoutMs, () => {
        settle(failed(Code.DEADLINE_EXCEEDED, `no answer within ${timeoutMs} ms`))
        gone.abort()
      })
      const unhear = this.#whenEnded(signal, () => {
        settle(this.#nobodyWaits(signal) ?? cancelled)
        gone.abort()
      })
      const ask = async () => transport[method](bytes, { timeoutMs, signal: gone.signal })
      ask().then(settle, cause => settle(failed(Code.UNKNOWN, `the transport threw: ${cause}`)))
    })
  }

  #pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock, random, retryBaseMs, retryMaxMs } = this.options
    const longest = Math.max(retryBaseMs, Math.min(retryMaxMs, retryBaseMs * 2 ** attempt))
    return new Promise(resolve => {
      const done = () => {
        cancelTimer()
        unhear()
        resolve()
      }
      const cancelTimer = clock.after(retryBaseMs + random() * (longest - retryBaseMs), done)
      const unhear = this.#whenEnded(signal, done)
    })
  }

  /** Calls back when the caller gives up or the client is closed; the answer stops hearing. */
  #whenEnded(signal: AbortSignal | undefined, callback: () => void): () => void {
    this.#endings.add(callback)
    signal?.addEventListener('abort', callback, { once: true })
    return () => {
      this.#endings.delete(callback)
      signal?.removeEventListener('abort', callback)
    }
  }

  #nobodyWaits(signal: AbortSignal | undefined): ReturnType<typeof failed> | undefined {
    if (this.#closed) return failed(Code.CANCELLED, 'the client is closed')
    return signal?.aborted === true ? cancelled : undefined
  }

  /** Whether the server knows fewer words than were used; then fewer are used from now on. */
  #fallsBack(status: RpcStatus, used: number): boolean {
    const known = knownWords(status)
    if (known === undefined || known >= used) return false
    this.#globalWordCount = Math.min(this.#globalWordCount, known)
    this.statistics.dictionaryFallbacks++
    return true
  }

  #count(answer: TransportAnswer): void {
    const { statistics } = this
    if (answer.kind === 'answer') statistics.remoteAnswers++
    else if (answer.status.code === Code.DEADLINE_EXCEEDED) statistics.remoteTimeouts++
    else if (answer.status.code === Code.UNAVAILABLE) statistics.remoteSendErrors++
    else if (answer.status.code === Code.CANCELLED) statistics.remoteCancelled++
    else statistics.remoteOtherErrors++
  }
}

const cancelled = failed(Code.CANCELLED, 'the caller gave up waiting')

export function failed(code: number, message: string): { kind: 'failed'; status: RpcStatus } {
  return { kind: 'failed', status: { code, message } }
}

/**
 * How many words a server knows that refuses a request because of its words. Two ways to say it: the one that Istio's
 * proxy listens for, and the one that Mixer 1.5 uses, which the proxy does not understand.
 */
function knownWords({ code, message }: RpcStatus): number | undefined {
  if (code === Code.INVALID_ARGUMENT && message.startsWith('Request could not be processed due to invalid'))
    return baseWordCount
  if (code !== Code.INTERNAL) return undefined
  const said = /^inconsistent global dictionary versions used: mixer knows (\d{1,4}) words/.exec(message)
  return said === null ? undefined : Number(said[1])
}
