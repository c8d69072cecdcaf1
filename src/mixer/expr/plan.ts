import type { AttributeBag, AttributeValue, ValueType } from '../attributes/index.js'

/**
 * Why an expression had no value for one request. A value, not an exception: matches fail often (an attribute is
 * absent), and a throw costs more than a whole evaluation.
 */
export class EvalFailure {
  constructor(
    /** `absent`: an attribute or map was not there. `invalid`: a function refused its argument. */
    readonly kind: 'absent' | 'invalid',
    readonly message: string,
  ) {}
}

/** A compiled expression: what runs per request. Immutable and shared between requests. */
export interface CompiledExpression {
  readonly text: string
  readonly type: ValueType
  /** The value, or why there is none. Never throws. Looks are recorded in the bag. */
  eval(bag: AttributeBag): AttributeValue | EvalFailure
  /** The plan as text, for people and tests. */
  print(): string
  /**
   * Equality tests that must all hold for a BOOL expression to be true, for the rule index. Empty when there are none.
   * An index may skip the expression when one of them does not hold, provided that it records the look-up.
   */
  readonly necessary: readonly NecessaryEquality[]
}

/** `attribute == "literal"`, `map["key"] == "literal"`, or either with fallbacks: `(map["key"] | "none") == "literal"`. */
export interface NecessaryEquality {
  readonly slot: number
  readonly mapKey: string | undefined
  /** The values, in canonical text form, for which the test holds (of a string; int64; bool). */
  readonly literal: string | number | bigint | boolean
  /** What stands in for an absent attribute or key: the fallback's literal; undefined when there is no fallback. */
  readonly fallback: string | number | bigint | boolean | undefined
}

/** Which language a text is in. Source: reference expressions, section 1. */
export type Language = 'CEXL' | 'CEL' | 'COMPAT'
