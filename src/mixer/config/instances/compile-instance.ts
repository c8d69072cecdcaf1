import type { TemplateDefinition } from '@outboard/adapters-sdk'
import type { Vocabulary } from '../../attributes/index.js'
import type { Language } from '../../expr/index.js'
import type { CompiledInstance } from '../snapshot.js'
import type { Compiled, FieldPath } from './problem.js'

/**
 * How params are read.
 * - `compiled` (`compiledTemplate`, and the older kind per template): every leaf is the text of an expression; an empty
 *   text leaves its field unset.
 * - `dynamic` (`template`): a text in quotes is a literal, any other text an expression; numbers and booleans stand for
 *   themselves.
 */
export type InstanceStyle = 'compiled' | 'dynamic'

export interface InstanceSource {
  /** Fully qualified: `name.instance.namespace`, or `name.<template>.namespace` for the older kinds. */
  readonly name: string
  readonly template: TemplateDefinition
  readonly style: InstanceStyle
  /** JSON-like; undefined or null: no fields. In the older kinds the bindings may stand inside (`attribute_bindings`). */
  readonly params: unknown
  /** `attributeBindings`: attribute name to expression; undefined or null: none. */
  readonly bindings: unknown
  readonly vocabulary: Vocabulary
  readonly language: Language
  /** Where `params` stand below `spec`. Default: `['params']`; the older kinds give `[]`. */
  readonly paramsPath?: FieldPath
}

/** Compiles an instance for the vocabulary of one snapshot. Collects every problem; never throws on bad input. */
export function compileInstance(source: InstanceSource): Compiled<CompiledInstance> {
  return {
    ok: false,
    problems: [{ path: [], code: 'INSTANCE_FIELD_UNSUPPORTED', message: source.name, at: undefined }],
  }
}
