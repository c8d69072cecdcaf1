import type { References } from '../mixer/attributes/index.js'
import type { UseLender } from '../mixer/engine/api.js'
import type { Evaluated } from '../mixer/engine/cache-port.js'
import { type Budget, lend, usesOf } from './budget.js'
import { isPlain, type Outcome } from './outcome.js'
import { bytesOfOutcome } from './weight.js'

/** A combined answer that is kept. */
export class Entry implements UseLender {
  /**
   * `budgets`: none when its uses are not counted. `expiresAt`: milliseconds since the epoch. `began`: the moment of
   * withdrawals at which its question began.
   */
  constructor(
    readonly outcome: Outcome,
    readonly budgets: readonly Budget[],
    readonly expiresAt: number,
    readonly began: number,
  ) {}

  lend(): number {
    return lend(this.budgets)
  }
}

/** The answer that an entry gives now: with what is left of its validity. */
export function answerOf(entry: Entry, references: References, now: number): Evaluated {
  const { code, message, directive, metadata, parts, uncountedUses } = entry.outcome
  const isCounted = entry.budgets.length > 0
  return {
    answer: {
      kind: 'decided',
      code,
      message,
      validForMs: entry.expiresAt - now,
      validUses: isCounted ? usesOf(entry.budgets) : uncountedUses,
      lender: isCounted ? entry : undefined,
      references,
      directive,
      metadata,
      quotas: [],
      fromCache: true,
    },
    keepable: false, // it is kept already
    uses: 'stated',
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
