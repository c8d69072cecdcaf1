import type { Verdict } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import type { AttributeBag } from '../../src/mixer/attributes/index.js'
import type { Evaluated, TookPart } from '../../src/mixer/engine/cache-port.js'
import { type Look, look, seen } from './arbitrary.js'

/**
 * A made-up policy: it looks at one thing, and what it finds decides what it looks at next; in the end it answers.
 * Like real rules it is a function of the bag and of the state of its handlers.
 */
export type Policy =
  | { readonly kind: 'look'; readonly look: Look; readonly next: readonly Policy[] }
  | {
      readonly kind: 'answer'
      readonly handler: string
      readonly cacheKeys: readonly string[]
      readonly forMs: number
      readonly uses: number
    }

const answer: fc.Arbitrary<Policy> = fc.record({
  kind: fc.constant('answer' as const),
  handler: fc.constantFrom('h1', 'h2'),
  cacheKeys: fc.constantFrom<readonly string[]>([], ['k1'], ['k1', 'k2']),
  forMs: fc.constantFrom(0, 10, 100, 100_000),
  uses: fc.constantFrom(-1, 0, 1, 3),
})

export const policy: fc.Arbitrary<Policy> = fc.letrec<{ policy: Policy }>(tie => ({
  policy: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    answer,
    fc.record({
      kind: fc.constant('look' as const),
      look,
      next: fc.array(tie('policy'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).policy

/** The changing minds of the handlers: what each, and each key, says now. */
export class World {
  readonly #minds = new Map<string, number>()

  change(handler: string, key: string | undefined): void {
    const mind = key === undefined ? handler : `${handler} ${key}`
    this.#minds.set(mind, (this.#minds.get(mind) ?? 0) + 1)
  }

  /** What the policy answers for a bag now. */
  evaluate(policy: Policy, bag: AttributeBag): Evaluated {
    let node = policy
    const path: string[] = []
    while (node.kind === 'look') {
      const found = seen(bag, node.look)
      path.push(found)
      const next = node.next[hash(found) % node.next.length]
      if (next === undefined) throw new RangeError('no next')
      node = next
    }
    const { handler, cacheKeys, forMs, uses } = node
    const minds = [handler, ...cacheKeys.map(key => `${handler} ${key}`)].map(
      mind => this.#minds.get(mind) ?? 0,
    )
    const parts: TookPart[] = [{ handler, cacheKeys }]
    return evaluated(`${path.join(',')} ${minds.join('.')}`, bag, parts, forMs, uses)
  }
}

export function evaluated(
  message: string,
  bag: AttributeBag,
  parts: readonly TookPart[],
  validForMs: number,
  validUses: number,
  verdicts: readonly Verdict[] = [],
): Evaluated {
  return {
    answer: {
      kind: 'decided',
      code: 7,
      message,
      validForMs,
      validUses,
      references: bag.references,
      directive: undefined,
      metadata: {},
      quotas: [],
      fromCache: false,
    },
    keepable: true,
    parts,
    verdicts,
  }
}

function hash(text: string): number {
  let sum = 0
  for (let index = 0; index < text.length; index++) sum = (sum * 31 + text.charCodeAt(index)) >>> 0
  return sum
}
