import { Code } from '../code.js'
import { AdapterError } from '../errors.js'
import type { AttributeValues } from '../values.js'
import type { ClientAnswer, Precondition } from './answer.js'
import { decodeCheckResponse } from './answer-codec.js'
import { type Called, Caller, failed } from './caller.js'
import { CheckCache } from './check-cache.js'
import { heldAttributes } from './held-attributes.js'
import {
  type FailPolicy,
  type MixerClientOptions,
  type ResolvedMixerClientOptions,
  resolveMixerClientOptions,
} from './options.js'
import { type CheckOutcome, outcomeOf, statusOf } from './outcome.js'
import { type Ask, chargesOf, type QuotaRequirement, QuotaTeller } from './quota-teller.js'
import { Reporter } from './reporter.js'
import { encodeCheckRequest } from './requests.js'
import { type MixerClientStatistics, noStatistics } from './statistics.js'
import type { RpcStatus } from './transport.js'

type Answered =
  | { readonly kind: 'answered'; readonly answer: ClientAnswer; readonly sentAt: number }
  | { readonly kind: 'failed'; readonly status: RpcStatus }

/**
 * The proxy's side of the Mixer API: asks before a request, tells afterwards, and keeps what may be kept. Close it when
 * the proxy ends, or what waits to be reported is lost.
 */
export class MixerClient {
  readonly #options: ResolvedMixerClientOptions
  readonly #statistics = noStatistics()
  readonly #caller: Caller
  readonly #verdicts: CheckCache
  readonly #quotas: QuotaTeller
  readonly #reporter: Reporter
  #sent = 0
  #closed: Promise<void> | undefined

  /** @throws {RangeError} when an option is out of its limits. */
  constructor(options: MixerClientOptions) {
    this.#options = resolveMixerClientOptions(options)
    const { checkCacheEntries, checkCacheBytes, checkCacheShapes } = this.#options
    this.#caller = new Caller(this.#options, this.#statistics)
    this.#verdicts = new CheckCache({
      maxEntries: checkCacheEntries,
      maxBytes: checkCacheBytes,
      maxShapes: checkCacheShapes,
    })
    this.#quotas = new QuotaTeller(this.#options, this.#statistics)
    this.#reporter = new Reporter(this.#options, this.#caller, this.#statistics)
  }

  /**
   * Whether a request may pass. `quotas` are charged when it may. `signal` gives up waiting: the outcome is then that of
   * a check without an answer (CANCELLED).
   * @throws {RangeError} when a quota's amount is not a positive whole number, or an attribute's value is none of its type.
   */
  async check(
    attributes: AttributeValues,
    quotas: readonly QuotaRequirement[] = [],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<CheckOutcome> {
    this.#statistics.checks++
    const charges = chargesOf(quotas)
    const verdict = this.#verdicts.find(attributes, this.#options.clock.now())
    if (verdict === undefined) {
      this.#statistics.checkCacheMisses++
      return this.#checkRemotely(heldAttributes(attributes), charges.map(this.#quotas.chargeOf), signal)
    }
    const status = statusOf(verdict, this.#options.failPolicy)
    if (status.code !== 0) this.#statistics.checkCacheDenied++
    else this.#statistics.checkCacheAllowed++
    if (status.code !== 0 || charges.length === 0)
      return outcomeOf(status, verdict.directive, true, { fromCache: undefined, exhausted: [] })
    return this.#chargeQuotas(verdict, attributes, charges, signal)
  }

  /** Tells what came of a request. `lost` when too much waits already, or the client is closed; counted. */
  report(attributes: AttributeValues): 'waiting' | 'lost' {
    return this.#reporter.report(attributes)
  }

  /** Sends the reports that wait. Resolves when they were delivered or lost. */
  flush(): Promise<void> {
    return this.#reporter.flush()
  }

  /** A copy of the counters. */
  statistics(): Readonly<MixerClientStatistics> {
    return { ...this.#statistics }
  }

  /**
   * Sends the reports that wait, for at most `timeoutMs`, ends the checks under way, and closes the transport. Safe
   * twice. Later checks are checks without an answer; later reports are lost.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const { clock, timeoutMs, transport } = this.#options
    // One answer's time for all the reports that wait; then whatever is under way ends as it is.
    const cancelTimer = clock.after(timeoutMs, () => this.#caller.close())
    await this.#reporter.close()
    cancelTimer()
    this.#caller.close()
    transport.close()
  }

  async #checkRemotely(
    attributes: AttributeValues,
    charges: readonly Ask[],
    signal: AbortSignal | undefined,
  ): Promise<CheckOutcome> {
    const asked = await this.#ask(attributes, charges, signal)
    const fromCache = charges.length === 0 ? undefined : false
    if (asked.kind === 'failed') {
      const unanswered = outcomeOf({ code: 0, message: '' }, undefined, false, { fromCache, exhausted: [] })
      return this.#withFailure(asked.status, this.#options.failPolicy, unanswered)
    }
    const { precondition } = asked.answer
    const status = statusOf(precondition, this.#options.failPolicy)
    const exhausted = status.code === 0 ? this.#quotas.rejected(charges, asked.answer) : []
    return outcomeOf(status, precondition?.directive, false, { fromCache, exhausted })
  }

  /** An allowed request, by a kept verdict, with quotas to charge. */
  async #chargeQuotas(
    verdict: Precondition,
    attributes: AttributeValues,
    charges: readonly Required<QuotaRequirement>[],
    signal: AbortSignal | undefined,
  ): Promise<CheckOutcome> {
    const { clock, failPolicy } = this.#options
    const told = this.#quotas.tell(charges, attributes, clock.now())
    const waits = told.asks.some(ask => ask.kind === 'charge')
    const status = statusOf(verdict, failPolicy)
    const fromKept = { fromCache: !waits, exhausted: told.rejected }
    if (told.asks.length === 0) return outcomeOf(status, verdict.directive, true, fromKept)
    const asking = this.#ask(heldAttributes(attributes), told.asks, waits ? signal : undefined)
    if (!waits) {
      this.#statistics.quotaPrefetchCalls++
      asking.catch(() => {}) // what cannot be encoded was shown when the verdict was asked for
      return outcomeOf(status, verdict.directive, true, fromKept)
    }
    const asked = await asking
    if (asked.kind === 'failed') {
      const fromVerdict = outcomeOf(status, verdict.directive, true, { fromCache: false, exhausted: [] })
      const stopped = this.#quotas.rejected(told.asks, undefined).length > 0
      return this.#withFailure(asked.status, stopped ? 'close' : 'open', fromVerdict)
    }
    // The whole request was evaluated again, so the new verdict is the one that counts.
    const { precondition } = asked.answer
    const fresh = statusOf(precondition, failPolicy)
    const exhausted = fresh.code === 0 ? this.#quotas.rejected(told.asks, asked.answer) : []
    return outcomeOf(fresh, precondition?.directive, false, { fromCache: false, exhausted })
  }

  /** Asks the server, and keeps of its answer what may be kept. */
  async #ask(
    attributes: AttributeValues,
    asks: readonly Ask[],
    signal: AbortSignal | undefined,
  ): Promise<Answered> {
    const read = await this.#call(attributes, asks, signal)
    const { clock, failPolicy } = this.#options
    const now = clock.now()
    if (read.kind === 'failed') {
      this.#quotas.unanswered(asks, now)
      return read
    }
    const { sentAt } = read
    const { precondition, quotas } = read.answer
    if (precondition !== undefined)
      this.#statistics.checkCacheEvictions += this.#verdicts.keep(attributes, precondition, sentAt, now)
    if (statusOf(precondition, failPolicy).code === 0)
      this.#quotas.answered(asks, attributes, quotas, sentAt, now)
    else this.#quotas.denied(asks, now)
    return read
  }

  async #call(
    attributes: AttributeValues,
    asks: readonly Ask[],
    signal: AbortSignal | undefined,
  ): Promise<Answered> {
    this.#statistics.remoteChecks++
    const deduplicationId = `${this.#options.clientId}-${this.#sent++}`
    const quotas = asks.map(({ name, amount, kind }) => {
      return { name, amount: BigInt(amount), bestEffort: kind === 'prefetch' }
    })
    const encode = (globalWordCount: number) =>
      encodeCheckRequest({ attributes, globalWordCount, deduplicationId, quotas })
    try {
      return decoded(
        await this.#caller.call({ method: 'check', encode, retries: this.#options.retries, signal }),
      )
    } catch (cause) {
      if (cause instanceof AdapterError) return failed(Code.RESOURCE_EXHAUSTED, cause.message) // too long
      this.#quotas.unanswered(asks, this.#options.clock.now())
      throw cause
    }
  }

  /** A request that the fail policy decides about, which would otherwise have gone as `answered`. */
  #withFailure(failure: RpcStatus, policy: FailPolicy, answered: CheckOutcome): CheckOutcome {
    if (policy === 'open') this.#statistics.failedOpen++
    else this.#statistics.failedClosed++
    if (policy === 'open') return { ...answered, failure }
    return { ...answered, allowed: false, status: failure, failure }
  }
}

function decoded(called: Called): Answered {
  if (called.kind === 'failed') return called
  const { bytes, globalWordCount, sentAt } = called
  try {
    return { kind: 'answered', answer: decodeCheckResponse(bytes, globalWordCount), sentAt }
  } catch (cause) {
    if (cause instanceof AdapterError) return failed(Code.INTERNAL, `unreadable answer: ${cause.message}`)
    throw cause
  }
}
