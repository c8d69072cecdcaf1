import type { AttributeBag } from '../mixer/attributes/index.js'
import type { Decided } from '../mixer/engine/api.js'
import type { TookPart } from '../mixer/engine/cache-port.js'
import type { Shape } from './shape.js'

/**
 * A place where hosts of one configuration share their answers. It may be absent, slow or wrong: whatever it does not
 * answer within its bound is a miss, and what it answers is checked. It never rejects.
 */
export interface SecondTier {
  /** Begins to hear what other hosts withdraw. */
  listen(listener: WithdrawalListener): void
  /** Looks under every shape, and under those that other hosts have found. */
  find(revision: string, bag: AttributeBag, shapes: readonly Shape[]): Promise<SharedFound | SharedMiss>
  /** Shares an answer, without waiting. `miss` is the look-up that came before the question. */
  keep(revision: string, bag: AttributeBag, answer: SharedAnswer, miss: SharedMiss): void
  /** Takes answers back on every host. Does not wait; tried again until the tier has heard it. */
  withdraw(handler: string, key: string | undefined): void
  /** Forgets everything that hosts have shared, on every host. */
  flush(): void
  status(): SecondTierStatus
  close(): void
}

/** What to do with the withdrawals of others. */
export interface WithdrawalListener {
  withdrawn(handler: string, key: string | undefined): void
  /** Everything is taken back, or something may have been missed. */
  everythingWithdrawn(): void
}

export interface SecondTierStatus {
  /** `deaf`: there is a connection, but the withdrawals of others are not heard, so that nothing is read. */
  readonly state: 'connecting' | 'deaf' | 'ready' | 'left-alone'
  /** Why it is in this state, for people; empty when it is ready or nothing has failed. */
  readonly reason: string
  /** Withdrawals that the tier has not heard yet; while there are any, nothing is read from it. */
  readonly withdrawalsPending: number
}

export interface SharedAnswer {
  readonly shape: Shape
  readonly code: number
  readonly message: string
  readonly directive: Decided['directive']
  readonly metadata: Decided['metadata']
  readonly parts: readonly TookPart[]
  /** Milliseconds that the answer still holds. */
  readonly forMs: number
  /** Uses that go with it: when kept, those given to the others; when found, those beside this one. -1: without limit. */
  readonly uses: number
}

export interface SharedFound {
  readonly kind: 'found'
  readonly answer: SharedAnswer
}

export interface SharedMiss {
  readonly kind: 'miss'
  /**
   * For each shard the number of its last withdrawal, as known when the tier was asked; undefined where it is not
   * known, so that nothing may be shared there.
   */
  readonly moments: readonly (string | undefined)[]
}
