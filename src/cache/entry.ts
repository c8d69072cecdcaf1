import type { References } from '../mixer/attributes/index.js'
import type { Evaluated } from '../mixer/engine/cache-port.js'
import type { Budget } from './budget.js'
import { isPlain, type Outcome } from './outcome.js'
import { bytesOfOutcome } from './weight.js'

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

/** Bytes that an entry takes, about: its key, its own fields, and what its outcome says, when it is not a plain one. */
export function sizeOf(key: string, { outcome, budgets }: Entry): number {
  // Keys are one byte a character unless they hold wider text; two are assumed. 200 bytes are the objects and the
  // table's own share, measured in src/bench/cache. A shared outcome's message counts in each entry that has it: who
  // shares it leaves at another time, and the last of them must have paid for it.
  const bytes = key.length * 2 + 200 + budgets.length * 48
  return bytes + (isPlain(outcome) ? outcome.message.length * 2 : bytesOfOutcome(outcome))
}
