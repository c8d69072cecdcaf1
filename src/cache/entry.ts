import type { Metadata } from '@outboard/adapters-sdk'
import type { References } from '../mixer/attributes/index.js'
import type { Decided } from '../mixer/engine/api.js'
import type { Evaluated, TookPart } from '../mixer/engine/cache-port.js'
import type { Budget } from './budget.js'

/** What an answer says, apart from how long and how often it holds. Equal ones are shared between entries. */
export interface Outcome {
  readonly code: number
  readonly message: string
  readonly directive: Decided['directive']
  readonly metadata: Metadata
  readonly parts: readonly TookPart[]
}

/** A combined answer that is kept. */
export interface Entry {
  readonly outcome: Outcome
  readonly budgets: readonly Budget[]
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** The moment of withdrawals at which its question began. */
  readonly began: number
}

/** The answer that an entry gives now: with what is left of its validity. */
export function answerOf(entry: Entry, references: References, now: number): Evaluated {
  const { code, message, directive, metadata, parts } = entry.outcome
  let uses = -1
  for (const budget of entry.budgets) {
    if (budget.uses >= 0 && (uses < 0 || budget.uses < uses)) uses = budget.uses
  }
  return {
    answer: {
      kind: 'decided',
      code,
      message,
      validForMs: entry.expiresAt - now,
      validUses: uses,
      references,
      directive,
      metadata,
      quotas: [],
      fromCache: true,
    },
    keepable: false, // it is kept already
    parts,
    verdicts: [],
  }
}

/** Bytes that an entry takes, about: its key, its own fields, and an outcome that is not shared. */
export function sizeOf(key: string, { outcome, budgets }: Entry): number {
  // Keys are one byte a character unless they hold wider text; two are assumed. 200 bytes are the objects and the
  // table's own share, measured in src/bench/cache.
  let bytes = key.length * 2 + 200 + budgets.length * 48
  if (outcome.directive !== undefined) {
    bytes += outcome.directive.directBody.length * 2
    for (const { name, value } of outcome.directive.operations)
      bytes += 100 + (name.length + value.length) * 2
  }
  return bytes
}
