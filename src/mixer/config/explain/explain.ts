import type { Instance } from '@outboard/adapters-sdk'
import {
  AttributeBag,
  type AttributeValue,
  Instant,
  isStringMap,
  type ValueType,
} from '../../attributes/index.js'
import {
  compile,
  EvalFailure,
  ExprError,
  type Language,
  printAddress,
  printDuration,
  printTimestamp,
} from '../../expr/index.js'
import type { Loaded } from '../compile/load.js'
import type { HandlerSpec } from '../handler-spec.js'
import { RequestNamespace } from '../index/identity.js'
import { isOfPhase, phases } from '../index/rule-table.js'
import type { CompiledInstance, HeaderTemplate, Phase, Rule } from '../snapshot.js'
import { conjunctsOf } from './conjuncts.js'

/** What configuration makes of one request, rule by rule. */
export interface Explanation {
  /** The namespace whose rules apply besides those of the default one; empty: none. */
  readonly namespace: string
  readonly rules: readonly RuleExplanation[]
  /** What a caller that names no quotas would be charged. */
  readonly callerQuotas: ReadonlyMap<string, bigint>
}

export interface RuleExplanation {
  readonly rule: Rule
  readonly phases: readonly Phase[]
  readonly outcome: RuleOutcome
  /** Whom it would ask; empty unless it matches. */
  readonly questions: readonly QuestionExplanation[]
  /** What it would do to headers; empty unless it matches. */
  readonly headers: readonly HeaderExplanation[]
}

export type RuleOutcome =
  | { readonly kind: 'matches' }
  | { readonly kind: 'other-namespace' }
  /** The first operand of `&&` that was false, and what it looked at. */
  | { readonly kind: 'false'; readonly conjunct: string; readonly looked: readonly string[] }
  | {
      readonly kind: 'failed'
      readonly conjunct: string
      readonly looked: readonly string[]
      readonly message: string
    }

export interface QuestionExplanation {
  readonly phase: Phase
  readonly action: string
  readonly handler: HandlerSpec
  readonly instance: CompiledInstance
  readonly answer: Instance | EvalFailure
}

export interface HeaderExplanation {
  readonly template: HeaderTemplate
  /** undefined for `remove`. */
  readonly value: AttributeValue | EvalFailure | undefined
}

/**
 * Explains a request to a configuration. Looks at every rule, and asks no adapter: what handlers would produce, or
 * answer, is not known here.
 */
export function explain(
  { snapshot, rules, ruleLanguages, defaultNamespace }: Loaded & { kind: 'loaded' },
  bag: AttributeBag,
): Explanation {
  const namespace = new RequestNamespace(snapshot.vocabulary).of(bag)
  return {
    namespace,
    callerQuotas: snapshot.callerQuotas.charges(bag),
    rules: rules.map(rule => {
      const applies = rule.namespace === defaultNamespace || rule.namespace === namespace
      const language = ruleLanguages.get(rule.name) ?? 'CEXL'
      const outcome: RuleOutcome = applies ? outcomeOf(rule, bag, language) : { kind: 'other-namespace' }
      const matches = outcome.kind === 'matches'
      return {
        rule,
        outcome,
        phases: phases.filter(phase => isOfPhase(rule, phase)),
        questions: matches ? questionsOf(rule, bag) : [],
        headers: matches ? headersOf(rule, bag) : [],
      }
    }),
  }
}

function outcomeOf({ match }: Rule, bag: AttributeBag, language: Language): RuleOutcome {
  const whole = match === undefined || match.eval(bag)
  if (match === undefined || whole === true) return { kind: 'matches' }
  for (const conjunct of conjunctsOf(match.text)) {
    const fresh = copyOf(bag)
    const value = evalPart(conjunct, fresh, language)
    if (value === undefined) break
    if (value === true) continue
    return verdictOn(conjunct, value, fresh)
  }
  const fresh = copyOf(bag)
  return verdictOn(match.text, match.eval(fresh), fresh)
}

function verdictOn(conjunct: string, value: AttributeValue | EvalFailure, looked: AttributeBag): RuleOutcome {
  const facts = looksOf(looked)
  if (value instanceof EvalFailure) return { kind: 'failed', conjunct, looked: facts, message: value.message }
  return { kind: 'false', conjunct, looked: facts }
}

/** The value of an operand by itself; undefined when it does not stand alone. */
function evalPart(
  text: string,
  bag: AttributeBag,
  language: Language,
): AttributeValue | EvalFailure | undefined {
  try {
    return compile(text, bag.vocabulary, { language, expected: 'BOOL' }).eval(bag)
  } catch (cause) {
    if (cause instanceof ExprError) return undefined
    throw cause
  }
}

function questionsOf(rule: Rule, bag: AttributeBag): QuestionExplanation[] {
  return phases.flatMap(phase =>
    rule.actions[phase].flatMap(({ name, handler, instances }) =>
      instances.map(instance => ({ phase, action: name, handler, instance, answer: instance.build(bag) })),
    ),
  )
}

function headersOf({ headerOperations, headerVocabulary }: Rule, bag: AttributeBag): HeaderExplanation[] {
  const extended = bag.extended(headerVocabulary, [])
  return headerOperations.map(template => ({ template, value: template.value?.eval(extended) }))
}

/** The same facts, with nothing recorded yet. */
function copyOf(bag: AttributeBag): AttributeBag {
  const copy = new AttributeBag(bag.vocabulary)
  for (let slot = 0; slot < bag.vocabulary.size; slot++) {
    const value = bag.peek(slot)
    if (value !== undefined) copy.set(slot, value)
  }
  return copy
}

/** `name = value`, `name[key] = value`, or `… is absent`, for everything that was looked at. */
function looksOf(bag: AttributeBag): string[] {
  return bag.references.list().map(({ slot, mapKey, present }) => {
    const name = `${bag.vocabulary.name(slot)}${mapKey === undefined ? '' : `[${JSON.stringify(mapKey)}]`}`
    if (!present) return `${name} is absent`
    const value = bag.peek(slot)
    const shown = mapKey === undefined || !(value instanceof Map) ? value : value.get(mapKey)
    const type = mapKey === undefined ? bag.vocabulary.type(slot) : 'STRING'
    return `${name} is ${shownValue(type, shown)}`
  })
}

/** A value as `outboard eval` writes it. */
function shownValue(type: ValueType, value: AttributeValue | undefined): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return printAddress(value)
  if (value instanceof Instant) return printTimestamp(value)
  if (type === 'DURATION' && (typeof value === 'number' || typeof value === 'bigint'))
    return printDuration(value)
  return isStringMap(value) ? JSON.stringify(Object.fromEntries(value.entries())) : String(value)
}
