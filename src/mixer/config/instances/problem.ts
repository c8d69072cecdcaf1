/**
 * What can be wrong with the fields of an instance, with its bindings, or with a handler's params.
 * - `INSTANCE_UNKNOWN_FIELD`: the template's (or the settings') message has no such field
 * - `INSTANCE_DUPLICATE_FIELD`: one field given twice, by its two spellings
 * - `INSTANCE_ONEOF`: two fields of which a message holds only one
 * - `INSTANCE_FIELD_TYPE`: the value has another shape, or the expression another type, than the field takes
 * - `INSTANCE_FIELD_VALUE`: the shape is right and the content is not (a number out of range, a text that is no address)
 * - `INSTANCE_EMPTY_EXPRESSION`: an empty text where an expression must stand
 * - `INSTANCE_EXPRESSION`: the expression does not compile; `at` says where in its text
 * - `INSTANCE_FIELD_UNSUPPORTED`: a field of a type that configuration cannot fill
 * - `INSTANCE_TOO_DEEP`: nested beyond the limit
 * - `INSTANCE_BINDINGS`: bindings on a template that produces no attributes, or that are no map of texts
 * - `INSTANCE_BINDING_ATTRIBUTE`: the attribute to bind is not declared
 * - `INSTANCE_BINDING_TYPE`: the attribute to bind has another type than the expression
 */
export type InstanceProblemCode =
  | 'INSTANCE_UNKNOWN_FIELD'
  | 'INSTANCE_DUPLICATE_FIELD'
  | 'INSTANCE_ONEOF'
  | 'INSTANCE_FIELD_TYPE'
  | 'INSTANCE_FIELD_VALUE'
  | 'INSTANCE_EMPTY_EXPRESSION'
  | 'INSTANCE_EXPRESSION'
  | 'INSTANCE_FIELD_UNSUPPORTED'
  | 'INSTANCE_TOO_DEEP'
  | 'INSTANCE_BINDINGS'
  | 'INSTANCE_BINDING_ATTRIBUTE'
  | 'INSTANCE_BINDING_TYPE'

/** The way to a field: `['params', 'dimensions', 'code']`, with numbers for places in lists. */
export type FieldPath = readonly (string | number)[]

/** One thing wrong with a document's part, and where. */
export interface InstanceProblem {
  /** From the document's `spec` downwards, keys as they are written there. */
  readonly path: FieldPath
  readonly code: InstanceProblemCode
  readonly message: string
  /** Where in the expression's own text, both from 1; undefined when the problem is not inside an expression. */
  readonly at: { readonly line: number; readonly column: number } | undefined
}

/** What was asked for, or everything that is wrong with it: never both. */
export type Compiled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly InstanceProblem[] }

/** A path as people write it: `params.dimensions.code`, `params.list[2]`, `params.labels["a.b"]`. */
export function printPath(path: FieldPath): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`
      if (!/^[\w-]+$/.test(segment)) return `[${JSON.stringify(segment)}]`
      return index === 0 ? segment : `.${segment}`
    })
    .join('')
}
