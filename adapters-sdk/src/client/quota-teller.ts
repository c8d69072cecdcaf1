import { Code } from '../code.js'
import type { AttributeValues } from '../values.js'
import type { ClientAnswer, QuotaResult } from './answer.js'
import type { ResolvedMixerClientOptions } from './options.js'
import { QuotaCache } from './quota-cache.js'
import { defaultGrantMs, type Prefetch, type QuotaCell } from './quota-cell.js'
import type { MixerClientStatistics } from './statistics.js'

/** A quota that a request needs. */
export interface QuotaRequirement {
  readonly name: string
  /** A positive whole number. Default: 1. */
  readonly amount?: number
}

type Charge = Required<QuotaRequirement>

/** A quota in a question: charged for one request, all or nothing, or fetched ahead for a cell, as much as there is. */
export type Ask =
  | { readonly kind: 'charge'; readonly name: string; readonly amount: number }
  | {
      readonly kind: 'prefetch'
      readonly name: string
      readonly amount: number
      readonly cell: QuotaCell
      readonly prefetch: Prefetch
    }

/** What cells say about a request. */
export interface Told {
  /** Quotas that have nothing left. */
  readonly rejected: readonly string[]
  /** What to ask the server. Charges must be waited for. */
  readonly asks: readonly Ask[]
}

/**
 * The amounts by name: a quota that is required twice is charged the sum.
 * @throws {RangeError} when an amount is not a positive whole number.
 */
export function chargesOf(quotas: readonly QuotaRequirement[]): readonly Charge[] {
  if (quotas.length === 0) return []
  const amounts = new Map<string, number>()
  for (const { name, amount = 1 } of quotas) {
    const sum = (amounts.get(name) ?? 0) + amount
    if (!Number.isSafeInteger(amount) || amount < 1 || !Number.isSafeInteger(sum))
      throw new RangeError(`Cannot charge quota "${name}" with ${amount}: wanted a positive whole number`)
    amounts.set(name, sum)
  }
  return [...amounts].map(([name, amount]) => ({ name, amount }))
}

/** Decides about quotas from their cells, and files what the server says about them. Source: reference proxy-client, 6. */
export class QuotaTeller {
  readonly #cache: QuotaCache

  constructor(
    private readonly options: ResolvedMixerClientOptions,
    private readonly statistics: MixerClientStatistics,
  ) {
    this.#cache = new QuotaCache(options.quotaCells)
  }

  /** What to ask for a request whose verdict is not known: then nothing is taken from a stock. */
  readonly chargeOf = ({ name, amount }: Charge): Ask => {
    this.statistics.quotaCacheMisses++
    return { kind: 'charge', name, amount }
  }

  /** Takes from the cells, all or nothing: units of one quota are not used up by a request that another one stops. */
  tell(charges: readonly Charge[], attributes: AttributeValues, now: number): Told {
    const asks: Ask[] = []
    const unknown: Charge[] = []
    const stocked: (Charge & { readonly cell: QuotaCell })[] = []
    for (const charge of charges) {
      const cell = this.#cache.find(charge.name, attributes, now)
      if (cell === undefined) {
        unknown.push(charge)
        continue
      }
      stocked.push({ ...charge, cell })
      const prefetch = cell.want(charge.amount, now)
      if (prefetch !== undefined)
        asks.push({ kind: 'prefetch', name: charge.name, amount: prefetch.amount, cell, prefetch })
    }
    const rejected = stocked.filter(({ cell, amount }) => !cell.has(amount, now)).map(({ name }) => name)
    this.statistics.quotaCacheRejected += rejected.length
    if (rejected.length > 0) return { rejected, asks }
    for (const { cell, amount } of stocked) cell.take(amount)
    this.statistics.quotaCachePassed += stocked.length
    return { rejected, asks: [...asks, ...unknown.map(this.chargeOf)] }
  }

  /** Names of the charges that an answer rejects; undefined: there was no answer. */
  rejected(asks: readonly Ask[], answer: ClientAnswer | undefined): string[] {
    return asks
      .filter(({ kind, name }) => kind === 'charge' && !this.#passes(answer?.quotas.get(name)))
      .map(({ name }) => name)
  }

  /** Files an answer: stock for the cells, and new cells for requests like this one. */
  answered(
    asks: readonly Ask[],
    attributes: AttributeValues,
    results: ClientAnswer['quotas'],
    sentAt: number,
    now: number,
  ): void {
    for (const ask of asks) {
      const result = results.get(ask.name)
      if (ask.kind === 'charge') {
        if (result === undefined || result.code !== 0) continue
        const firstGrant = result.amount >= BigInt(ask.amount) ? 'full' : 'partial'
        this.#cache.learn(ask.name, result.references, attributes, firstGrant, now)
      } else if (result === undefined || result.code === Code.UNAVAILABLE) this.#settleUnanswered(ask, now)
      else {
        const { amount, validForMs = defaultGrantMs, references } = result
        ask.cell.settle(ask.prefetch, { amount: units(amount), expiresAt: sentAt + validForMs })
        this.#cache.confirm(ask.name, references, attributes, ask.cell)
      }
    }
  }

  /** The request was denied, so that the server did not look at quotas: nothing was granted. */
  denied(asks: readonly Ask[], now: number): void {
    for (const ask of asks)
      if (ask.kind === 'prefetch') ask.cell.settle(ask.prefetch, { amount: 0, expiresAt: now })
  }

  /** There was no answer. */
  unanswered(asks: readonly Ask[], now: number): void {
    for (const ask of asks) if (ask.kind === 'prefetch') this.#settleUnanswered(ask, now)
  }

  #settleUnanswered({ cell, prefetch }: Ask & { readonly kind: 'prefetch' }, now: number): void {
    const amount = this.options.quotaFailPolicy === 'open' ? prefetch.amount : 0
    cell.settle(prefetch, { amount, expiresAt: now + defaultGrantMs })
  }

  #passes(result: QuotaResult | undefined): boolean {
    if (result === undefined || result.code === Code.UNAVAILABLE)
      return this.options.quotaFailPolicy === 'open'
    return result.amount > 0n
  }
}

/** A granted amount as a number: below 0 is nothing, beyond safe integers the largest of them. */
function units(amount: bigint): number {
  if (amount <= 0n) return 0
  return amount > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(amount)
}
