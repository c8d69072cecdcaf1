import fc from 'fast-check'
import t from 'tap'
import { AttributeBag, Vocabulary } from '../../src/mixer/attributes/index.js'
import { IndexedRules } from '../../src/mixer/config/index/rule-table.js'
import type { Rule } from '../../src/mixer/config/index.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { plainRule } from './plain-rule.js'

const vocabulary = new Vocabulary([
  { name: 'context.reporter.kind', type: 'STRING' },
  { name: 'destination.namespace', type: 'STRING' },
  { name: 'source.namespace', type: 'STRING' },
  { name: 'a', type: 'STRING' },
  { name: 'b', type: 'STRING' },
  { name: 'n', type: 'INT64' },
  { name: 'f', type: 'BOOL' },
  { name: 'm', type: 'STRING_MAP' },
])
const rounds = Number(process.env.OUTBOARD_FUZZ ?? 300)

type Facts = Readonly<Record<string, unknown>>

function bagOf(facts: Facts): AttributeBag {
  const bag = new AttributeBag(vocabulary)
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) bag.setByName(name, value)
  return bag
}

const text = fc.constantFrom('', 'x', 'y', 'z')
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 })
const namespaces = fc.constantFrom('istio-system', 'shop', 'bank')
const facts: fc.Arbitrary<Facts> = fc.record({
  'context.reporter.kind': maybe(fc.constantFrom('inbound', 'outbound', 'other')),
  'destination.namespace': maybe(namespaces),
  'source.namespace': maybe(namespaces),
  a: maybe(text),
  b: maybe(text),
  n: maybe(fc.constantFrom(0, 1, 2n ** 60n)),
  f: maybe(fc.boolean()),
  m: maybe(fc.dictionary(fc.constantFrom('k', 'l'), text).map(entries => new Map(Object.entries(entries)))),
})

const literal = text.map(value => JSON.stringify(value))
const tests = [
  literal.map(value => `a == ${value}`),
  literal.map(value => `${value} == b`),
  literal.map(value => `m["k"] == ${value}`),
  // Without `m["l"] == ""`, which is always evaluated, because a missing key makes it true.
  fc.constantFrom('x', 'y', 'z').map(value => `m["l"] == "${value}"`),
  literal.map(value => `(a | "x") == ${value}`),
  literal.map(value => `(m["k"] | "x") == ${value}`),
  fc.constantFrom('n == 0', 'n == 1', 'n == 1152921504606846976', '(n | 1) == 1'),
  fc.constantFrom('f', 'f == true', 'f == false'),
  literal.map(value => `a != ${value}`),
]

/** Rules that test a few things among many: only then has the index something to choose. */
const rules = fc
  .tuple(fc.subarray(tests, { minLength: 1, maxLength: 2 }), fc.boolean())
  .chain(([few, mixed]) => {
    const test = fc.oneof(...few)
    const joined = (maxLength: number, operator: string) =>
      fc.array(test, { minLength: 1, maxLength }).map(list => list.join(operator))
    const match = mixed ? fc.oneof(joined(2, ' && '), joined(3, ' || '), fc.constant('')) : joined(2, ' && ')
    const rule = fc.record({
      match,
      namespace: fc.constantFrom('istio-system', 'istio-system', 'shop', 'bank'),
      priority: fc.integer({ min: -1, max: 1 }),
      // A rule that says `fail` is always evaluated, and so hides what the index itself does not record.
      onMatchFailure: mixed
        ? fc.constantFrom('skip' as const, 'fail' as const)
        : fc.constant('skip' as const),
    })
    return fc.array(rule, { minLength: 24, maxLength: 60, size: 'max' })
  })

type Script = typeof rules extends fc.Arbitrary<infer T> ? T : never

function compiled(scripts: Script): Rule[] {
  return scripts.map(({ match, ...more }, i) =>
    plainRule(vocabulary, match, { name: `r${i}.rule.${more.namespace}`, ...more }),
  )
}

/** What the index must find, by looking at every rule. */
function scan(all: readonly Rule[], facts: Facts) {
  const kind = facts['context.reporter.kind']
  const namespace =
    kind === undefined || kind === 'inbound'
      ? facts['destination.namespace']
      : kind === 'outbound'
        ? facts['source.namespace']
        : undefined
  const order = (rules: readonly Rule[]) =>
    [...rules].sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
  const applicable = [
    ...order(all.filter(rule => rule.namespace === 'istio-system')),
    ...order(all.filter(rule => rule.namespace !== 'istio-system' && rule.namespace === namespace)),
  ]
  const bag = bagOf(facts)
  const values = applicable.map(rule => ({ rule, value: rule.match === undefined || rule.match.eval(bag) }))
  return {
    matched: values.filter(({ value }) => value === true).map(({ rule }) => rule.name),
    failed: values.filter(({ value }) => value instanceof EvalFailure).map(({ rule }) => rule),
  }
}

t.test('the rule index finds the rules that a look at every rule finds, in the same order', async t => {
  await fc.assert(
    fc.asyncProperty(rules, facts, async (scripts, facts) => {
      const all = compiled(scripts)
      const found = (await IndexedRules.of(all, vocabulary, 'istio-system')).match('check', bagOf(facts))
      const wanted = scan(all, facts)
      t.same(
        found.rules.map(({ name }) => name),
        wanted.matched,
      )
      const failures = found.failures.map(({ rule }) => rule)
      t.same(
        failures.filter(({ onMatchFailure }) => onMatchFailure === 'fail').map(({ name }) => name),
        wanted.failed.filter(({ onMatchFailure }) => onMatchFailure === 'fail').map(({ name }) => name),
      )
      t.ok(failures.every(rule => wanted.failed.includes(rule)))
    }),
    { numRuns: rounds },
  )
})

t.test('requests that agree on everything recorded get the same rules', async t => {
  await fc.assert(
    fc.asyncProperty(rules, facts, facts, async (scripts, first, other) => {
      const index = await IndexedRules.of(compiled(scripts), vocabulary, 'istio-system')
      const bag = bagOf(first)
      const found = index.match('check', bag).rules.map(({ name }) => name)
      const agreeing = agree(bag, first, other)
      t.same(
        index.match('check', bagOf(agreeing)).rules.map(({ name }) => name),
        found,
      )
    }),
    { numRuns: rounds },
  )
})

/** The other facts, made to agree with the first on what was recorded. */
function agree(bag: AttributeBag, first: Facts, other: Facts): Facts {
  const agreed: Record<string, unknown> = { ...other }
  const maps = new Map<string, Map<string, string>>()
  for (const { slot, mapKey, present } of bag.references.list()) {
    const name = vocabulary.name(slot)
    const value = first[name]
    if (mapKey === undefined) agreed[name] = present ? value : undefined
    else {
      const own = other[name]
      const map = maps.get(name) ?? new Map(own instanceof Map ? own : [])
      if (present && value instanceof Map) map.set(mapKey, value.get(mapKey))
      else map.delete(mapKey)
      maps.set(name, map)
      agreed[name] = map
    }
  }
  return agreed
}

t.test('the rule index looks at few attributes, whatever the number of rules', async t => {
  const all = Array.from({ length: 1_000 }, (_, i) =>
    plainRule(vocabulary, `a == "service-${i}" && b == "x"`, { name: `r${i}.rule.istio-system` }),
  )
  const bag = bagOf({ a: 'service-7', b: 'x' })
  const found = (await IndexedRules.of(all, vocabulary, 'istio-system')).match('check', bag)
  t.same(
    found.rules.map(({ name }) => name),
    ['r7.rule.istio-system'],
  )
  t.same(bag.references.print(vocabulary), ['-context.reporter.kind', '-destination.namespace', 'a', 'b'])
})

t.test('identity look-ups are recorded even when there are no rules', async t => {
  const bag = bagOf({ 'context.reporter.kind': 'outbound' })
  const empty = await IndexedRules.of([], vocabulary, 'istio-system')
  empty.match('check', bag)
  t.same(bag.references.print(vocabulary), ['-source.namespace', 'context.reporter.kind'])
})

t.test('a rule with header operations only takes part in checks', async t => {
  const none = { produce: [], check: [], quota: [], report: [] }
  const operation = { on: 'request', operation: 'remove', name: 'x', value: undefined } as const
  const rule = plainRule(vocabulary, '', { name: 'r', actions: none, headerOperations: [operation] })
  const index = await IndexedRules.of([rule], vocabulary, 'istio-system')
  t.same([index.size('check'), index.size('report')], [1, 0])
  t.equal(index.match('check', bagOf({})).rules.length, 1)
})
