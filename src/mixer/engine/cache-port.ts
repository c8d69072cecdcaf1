import type { Verdict } from '@outboard/adapters-sdk'
import type { AttributeBag } from '../attributes/index.js'
import type { Decided, Undecided } from './api.js'

/**
 * What the engine needs of a cache. Both ways read through: the cache answers from memory, or asks; the same question to the
 * same handler that is already in the air is joined. With no cache the engine just asks.
 */
export interface CheckCache {
  /**
   * The combined answer to a check (without quotas). `ask` evaluates on the bag, whose references then say what the
   * answer depends on. Answers that are `undecided`, or were decided by a failure policy, are never kept.
   */
  check(scope: CacheScope, bag: AttributeBag, ask: () => Promise<Evaluated>): Promise<Evaluated>
  /**
   * One handler's verdict on one question; `key` holds equal bytes for equal questions. Whoever waits for another's answer
   * does so no longer than for one of its own: until `asker`'s deadline, or until it goes away.
   */
  verdict(
    scope: CacheScope,
    handler: HandlerKey,
    key: Uint8Array,
    asker: Asker,
    ask: () => Promise<Verdict>,
  ): Promise<Verdict>
  /**
   * For the failure policy `cached`: the handler's last answer to the same question, valid or not, if it is at most
   * `maxAgeMs` old and was not withdrawn. Kept for handlers that have this policy, whether or not they are cached.
   */
  lastVerdict(handler: HandlerKey, key: Uint8Array, maxAgeMs: number): Verdict | undefined
  /** Asks, and keeps the verdict for `lastVerdict`. */
  remembering(handler: HandlerKey, key: Uint8Array, ask: () => Promise<Verdict>): Promise<Verdict>
  /** Answers in which the handler took part no longer hold (those with the key, when one is given). At once. */
  invalidate(handler: string, key: string | undefined): void
  /** Answers in which the handler took part may hold no longer: only the failure policy `cached` still finds them. At once. */
  doubt(handler: string): void
  /** Everything kept is forgotten. At once. */
  flush(): void
}

/** For whom a question is asked. */
export interface Asker {
  /** When its answer is of no use any more, milliseconds since the epoch; may be `Infinity`. */
  readonly answerBy: number
  /** Tells whatever is added when the caller has gone; undefined: nobody will tell. */
  readonly abandon: { add(waiting: { abandon(): void }): void } | undefined
}

export interface CacheScope {
  readonly revision: string
  readonly snapshotId: number
}

export interface HandlerKey {
  readonly id: string
  /** Equal signature, equal handler, across snapshots. */
  readonly signature: string
}

/** What an evaluation came to, and what a cache needs to know of it. */
export interface Evaluated {
  readonly answer: Decided | Undecided
  /** Whether the answer may be kept at all: decided, by handlers that answered, none of which forbade it. */
  readonly keepable: boolean
  /** The handlers that took part, with the keys that they attached to their answers. */
  readonly parts: readonly TookPart[]
  /** The verdicts that were combined, as the cache or the handlers gave them. */
  readonly verdicts: readonly Verdict[]
}

/** A handler that took part in an answer. */
export interface TookPart {
  readonly handler: string
  /** Keys under which the handler can withdraw the answer. */
  readonly cacheKeys: readonly string[]
}
