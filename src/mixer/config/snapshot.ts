import type { Instance, TemplateDefinition } from '@outboard/adapters-sdk'
import type { AttributeBag, Slot, Vocabulary } from '../attributes/index.js'
import type { CompiledExpression, EvalFailure } from '../expr/index.js'
import type { HandlerSpec } from './handler-spec.js'

/** The phases of a request. Each looks only at the rules that have an action for it. */
export type Phase = 'produce' | 'check' | 'quota' | 'report'

/** The whole compiled configuration: immutable, numbered. Every request keeps the one it began with. */
export interface Snapshot {
  /** Counts loads of this process, from 0. */
  readonly id: number
  /** A hash of everything compiled: equal on every host that has the same configuration. */
  readonly revision: string
  readonly vocabulary: Vocabulary
  /** By fully qualified name; only those that some action names. */
  readonly handlers: ReadonlyMap<string, HandlerSpec>
  readonly rules: RuleTable
  readonly callerQuotas: CallerQuotas
  readonly api: ApiAttributes
}

/** Finds the rules that apply to a request. */
export interface RuleTable {
  /**
   * The rules of a phase whose match holds, in rule order: those of the default configuration namespace, then those
   * of the request's identity namespace; within one namespace by priority (high first), then by name.
   * Everything looked at, also to skip rules, is recorded in the bag.
   */
  match(phase: Phase, bag: AttributeBag): RuleMatches
  /** How many rules have an action for the phase. */
  size(phase: Phase): number
}

export interface RuleMatches {
  readonly rules: readonly Rule[]
  /**
   * Rules whose match had no value; what that means is the rule's `onMatchFailure`. Complete for the rules that say
   * `fail`. A rule that says `skip` is left out when the index never had to evaluate it.
   */
  readonly failures: readonly { readonly rule: Rule; readonly failure: EvalFailure }[]
}

/** A compiled rule. */
export interface Rule {
  /** `name.rule.namespace`. */
  readonly name: string
  readonly namespace: string
  /** Higher goes first. Default: 0. */
  readonly priority: number
  /** `shadow`: evaluated, asked and counted, never applied. Default: `enforce`. */
  readonly enforcement: 'enforce' | 'shadow'
  /** When the match had no value: `skip` (default, as upstream: it does not match), or `fail` (the check is undecided). */
  readonly onMatchFailure: 'skip' | 'fail'
  /** undefined: always. */
  readonly match: CompiledExpression | undefined
  readonly actions: Readonly<Record<Phase, readonly Action[]>>
  /** In order: request operations, then response operations. Applied when the whole check is allowed. */
  readonly headerOperations: readonly HeaderTemplate[]
  /**
   * The vocabulary that `headerOperations` are compiled for: the snapshot's, and behind it the outputs of this rule's
   * check-with-output actions as `<action name>.output.<field>`.
   */
  readonly headerVocabulary: Vocabulary
}

/** One handler asked about some instances, all of one phase. */
export interface Action {
  /** The action's label, or the empty string. */
  readonly name: string
  readonly handler: HandlerSpec
  readonly instances: readonly CompiledInstance[]
  /** For check-with-output: which slot of the rule's header vocabulary takes each output field. */
  readonly outputSlots: ReadonlyMap<string, Slot>
}

export interface HeaderTemplate {
  readonly on: 'request' | 'response'
  readonly operation: 'replace' | 'append' | 'remove'
  /** Lower case. */
  readonly name: string
  /** undefined only for `remove`. An empty or failed value skips the operation. */
  readonly value: CompiledExpression | undefined
}

/** An instance with its fields compiled: slots in, a question out. */
export interface CompiledInstance {
  /** `name.instance.namespace`. */
  readonly name: string
  /** The part before the first dot: what quota names are compared with, ignoring case. */
  readonly shortName: string
  readonly template: TemplateDefinition
  /** The plain record, for adapters in this process. */
  build(bag: AttributeBag): Instance | EvalFailure
  /**
   * `InstanceMsg` bytes with field `name`, for adapters outside, and as the cache's key of a question: equal field
   * values give equal bytes.
   */
  encode(bag: AttributeBag): Uint8Array | EvalFailure
  /** For attribute producers: what to put where. Empty for the other varieties. */
  readonly bindings: readonly AttributeBinding[]
  /** The vocabulary of `bindings`: the snapshot's, and behind it `output.<field>` (or `$out.<field>`). */
  readonly bindingVocabulary: Vocabulary
  readonly outputSlots: ReadonlyMap<string, Slot>
}

export interface AttributeBinding {
  readonly slot: Slot
  readonly expression: CompiledExpression
}

/** Quotas for callers that cannot name them (Envoy): from QuotaSpec and QuotaSpecBinding documents. */
export interface CallerQuotas {
  /** The quotas to charge for a request and how much: by quota name. Looks are recorded. */
  charges(bag: AttributeBag): ReadonlyMap<string, bigint>
}

/** API attributes for callers whose proxy does not add them: from HTTPAPISpec and HTTPAPISpecBinding documents. */
export interface ApiAttributes {
  /** Adds `api.*` and `request.api_key` where the request has none. */
  apply(bag: AttributeBag): void
}
