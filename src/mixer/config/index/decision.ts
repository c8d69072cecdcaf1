import type { AttributeBag } from '../../attributes/index.js'
import type { NecessaryEquality } from '../../expr/index.js'
import type { Rule } from '../snapshot.js'
import { mapInTurns, type Turns } from '../turns.js'
import { type Literal, TestKey } from './test-key.js'

/** A rule and its place in the order of its list. */
export interface Ranked {
  readonly rule: Rule
  readonly rank: number
}

/**
 * Rules sorted by what they test. Reading one attribute leaves, of all rules that test it, only those that test for its
 * value; rules that test nothing useful are always candidates.
 */
export interface Decision {
  readonly tests: readonly Test[]
  readonly rest: readonly Ranked[]
}

interface Test {
  readonly key: TestKey
  readonly byValue: ReadonlyMap<Literal, Decision>
}

/** Below this many rules, evaluating is cheaper than another look-up. */
const smallList = 4
/** Looks at most per list, because each is recorded and widens what an answer depends on. */
const maxTests = 64
/** Tests within tests. */
const maxLevels = 4

/** Sorts rules into a decision. Deterministic: the same rules in the same order give the same decision. */
export async function decide(
  rules: readonly Ranked[],
  turns: Turns,
  used: ReadonlySet<string> = new Set(),
  level = 0,
): Promise<Decision> {
  if (rules.length <= smallList || level >= maxLevels) return { tests: [], rest: rules }
  const groups = await groupByKey(rules, used, turns)
  const placed = new Set<Ranked>()
  const tests: Test[] = []
  for (const { key, literals } of groups) {
    if (tests.length >= maxTests) break
    const values = new Map<Literal, Ranked[]>()
    let members = 0
    for (const [rule, literal] of literals) {
      if (placed.has(rule)) continue
      members++
      const list = values.get(literal)
      if (list === undefined) values.set(literal, [rule])
      else list.push(rule)
    }
    if (gainOf(members, values) < smallList) continue
    for (const [rule] of literals) placed.add(rule)
    const deeper = new Set([...used, key.id])
    const byValue = new Map<Literal, Decision>()
    for (const [value, list] of values) {
      byValue.set(value, await decide(list, turns, deeper, level + 1))
      const others = turns.due()
      if (others !== undefined) await others
    }
    tests.push({ key, byValue })
  }
  return { tests, rest: placed.size === 0 ? rules : rules.filter(rule => !placed.has(rule)) }
}

/** Calls back for every rule that may match, in no order. Everything looked at is recorded. Allocates nothing. */
export function eachCandidate(decision: Decision, bag: AttributeBag, visit: CandidateVisitor): void {
  const { tests, rest } = decision
  for (let i = 0; i < tests.length; i++) {
    const test = tests[i]
    if (test === undefined) continue
    const value = test.key.read(bag)
    const branch = value === undefined ? undefined : test.byValue.get(value)
    if (branch !== undefined) eachCandidate(branch, bag, visit)
  }
  for (let i = 0; i < rest.length; i++) {
    const ranked = rest[i]
    if (ranked !== undefined) visit.candidate(ranked)
  }
}

export interface CandidateVisitor {
  candidate(ranked: Ranked): void
}

interface KeyGroup {
  readonly key: TestKey
  readonly literals: Map<Ranked, Literal>
}

/** The keys that rules test, the most selective first: the one after which the fewest rules are left on average. */
async function groupByKey(
  rules: readonly Ranked[],
  used: ReadonlySet<string>,
  turns: Turns,
): Promise<KeyGroup[]> {
  const groups = new Map<string, KeyGroup>()
  await mapInTurns(rules, turns, ranked => {
    for (const test of indexable(ranked.rule)) {
      const key = new TestKey(test)
      if (used.has(key.id)) continue
      let group = groups.get(key.id)
      if (group === undefined) {
        group = { key, literals: new Map() }
        groups.set(key.id, group)
      }
      // A second test of one thing can only narrow further; the first one is a sound reason to skip.
      if (!group.literals.has(ranked)) group.literals.set(ranked, test.literal)
    }
  })
  const gains = await mapInTurns(groups.values(), turns, group => ({ group, gain: gainOfGroup(group) }))
  return gains
    .sort((a, b) => b.gain - a.gain || (a.group.key.id < b.group.key.id ? -1 : 1))
    .map(({ group }) => group)
}

/**
 * The tests by which a rule may be skipped. None for rules that say `onMatchFailure: fail`: for them a match that has
 * no value differs from one that is false, and only evaluating tells.
 */
function indexable(rule: Rule): readonly NecessaryEquality[] {
  return rule.match === undefined || rule.onMatchFailure === 'fail' ? [] : rule.match.necessary
}

function gainOfGroup({ literals }: KeyGroup): number {
  const values = new Map<Literal, Ranked[]>()
  for (const [rule, literal] of literals) {
    const list = values.get(literal)
    if (list === undefined) values.set(literal, [rule])
    else list.push(rule)
  }
  return gainOf(literals.size, values)
}

/**
 * How many rules a test spares a request on average, if every tested value, and one that no rule tests for, is asked
 * for equally often.
 */
function gainOf(members: number, values: ReadonlyMap<Literal, readonly Ranked[]>): number {
  return members - members / (values.size + 1)
}
