import type { AttributeBag } from '../mixer/attributes/index.js'
import type { Decided } from '../mixer/engine/api.js'
import type { TookPart } from '../mixer/engine/cache-port.js'
import type { Shape } from './shape.js'

/**
 * A place where hosts of one configuration share their answers. It may be absent, slow or wrong: whatever it does not
 * answer within its bound is a miss, and what it answers is checked. It never rejects.
 */
export interface SecondTier {
  /** Looks under every shape; also learns shapes that other hosts have found. */
  find(revision: string, bag: AttributeBag, shapes: readonly Shape[]): Promise<SharedFound | SharedMiss>
  /** Shares an answer, without waiting. `moment` is from the miss that came before the question. */
  keep(revision: string, bag: AttributeBag, answer: SharedAnswer, moment: SharedMiss): void
  /** Takes answers back on every host. Does not wait; tried again until the tier has heard it. */
  withdraw(handler: string, key: string | undefined): void
  /** Forgets everything that hosts have shared. */
  flush(): void
  close(): Promise<void>
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
  /** The tier's own order of withdrawals when it was asked; undefined: it did not say, so nothing may be shared. */
  readonly moment: string | undefined
}
