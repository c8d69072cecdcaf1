import type { AttributeBag, Vocabulary } from '../../attributes/index.js'
import { EvalFailure } from '../../expr/index.js'
import type { Phase, Rule, RuleMatches, RuleTable } from '../snapshot.js'
import { sortInTurns } from '../sort-in-turns.js'
import { noTurns, type Turns } from '../turns.js'
import { compareText } from '../vocabulary/build.js'
import { type CandidateVisitor, type Decision, decide, eachCandidate, type Ranked } from './decision.js'
import { RequestNamespace } from './identity.js'

export const phases: readonly Phase[] = ['produce', 'check', 'quota', 'report']

/** The rules of one phase: those for everybody, and those of single namespaces. */
interface PhaseRules {
  readonly everywhere: Decision
  readonly byNamespace: ReadonlyMap<string, Decision>
  readonly size: number
}

/**
 * Finds rules through equality tests. A request costs a few look-ups and the evaluation of the rules they leave,
 * however many there are.
 */
export class IndexedRules implements RuleTable {
  readonly #namespace: RequestNamespace
  readonly #phases: Readonly<Record<Phase, PhaseRules>>

  private constructor(vocabulary: Vocabulary, sorted: Readonly<Record<Phase, PhaseRules>>) {
    this.#namespace = new RequestNamespace(vocabulary)
    this.#phases = sorted
  }

  static async of(
    rules: readonly Rule[],
    vocabulary: Vocabulary,
    defaultNamespace: string,
    turns: Turns = noTurns,
  ): Promise<IndexedRules> {
    const ordered = await sortInTurns(rules, turns, inOrder)
    const sorted = (phase: Phase) => sortOut(ordered, phase, defaultNamespace, turns)
    return new IndexedRules(vocabulary, {
      produce: await sorted('produce'),
      check: await sorted('check'),
      quota: await sorted('quota'),
      report: await sorted('report'),
    })
  }

  match(phase: Phase, bag: AttributeBag): RuleMatches {
    const namespace = this.#namespace.of(bag)
    const { everywhere, byNamespace } = this.#phases[phase]
    const own = byNamespace.get(namespace)
    const found = new Matching(bag)
    eachCandidate(everywhere, bag, found)
    if (own !== undefined) eachCandidate(own, bag, found)
    return found.result()
  }

  size(phase: Phase): number {
    return this.#phases[phase].size
  }
}

/** Evaluates candidates for one request. */
class Matching implements CandidateVisitor {
  readonly #rules: Ranked[] = []
  readonly #failures: { readonly rule: Rule; readonly failure: EvalFailure; readonly rank: number }[] = []

  constructor(private readonly bag: AttributeBag) {}

  candidate(ranked: Ranked): void {
    const { rule, rank } = ranked
    const value = rule.match === undefined || rule.match.eval(this.bag)
    if (value === true) this.#rules.push(ranked)
    else if (value instanceof EvalFailure) this.#failures.push({ rule, failure: value, rank })
  }

  result(): RuleMatches {
    if (this.#rules.length > 1) this.#rules.sort(byRank)
    if (this.#failures.length > 1) this.#failures.sort(byRank)
    return { rules: this.#rules.map(({ rule }) => rule), failures: this.#failures }
  }
}

function byRank(a: { rank: number }, b: { rank: number }): number {
  return a.rank - b.rank
}

/** All rules as they are asked: those of the default namespace, then each other namespace by name. */
export function inRuleOrder(rules: readonly Rule[], defaultNamespace: string, turns: Turns): Promise<Rule[]> {
  const place = ({ namespace }: Rule) => (namespace === defaultNamespace ? '' : namespace)
  return sortInTurns(rules, turns, (a, b) => compareText(place(a), place(b)) || inOrder(a, b))
}

/** Priority (high first), then name; the order among the rules of one namespace. */
function inOrder(a: Rule, b: Rule): number {
  return b.priority - a.priority || compareText(a.name, b.name)
}

/** Whether a rule has something to do in a phase; header operations are edits of the check's answer. */
export function isOfPhase(rule: Rule, phase: Phase): boolean {
  return rule.actions[phase].length > 0 || (phase === 'check' && rule.headerOperations.length > 0)
}

async function sortOut(
  ordered: readonly Rule[],
  phase: Phase,
  defaultNamespace: string,
  turns: Turns,
): Promise<PhaseRules> {
  const everywhere: Ranked[] = []
  const own = new Map<string, Ranked[]>()
  let size = 0
  for (const rule of ordered) {
    if (!isOfPhase(rule, phase)) continue
    size++
    if (rule.namespace === defaultNamespace) {
      everywhere.push({ rule, rank: size })
      continue
    }
    // Ranked behind all of the default namespace.
    const ranked = { rule, rank: ordered.length + size }
    const list = own.get(rule.namespace)
    if (list === undefined) own.set(rule.namespace, [ranked])
    else list.push(ranked)
  }
  const byNamespace = new Map<string, Decision>()
  for (const [namespace, rules] of own) byNamespace.set(namespace, await decide(rules, turns))
  return { everywhere: await decide(everywhere, turns), byNamespace, size }
}
