import type { Int64, Slot, ValueType } from '../../attributes/index.js'
import type { Ast } from '../syntax/ast.js'

/** An expression whose names are resolved and whose types fit. */
export type Typed =
  | {
      readonly kind: 'constant'
      readonly type: ValueType
      readonly ast: Ast
      readonly value: string | Int64 | boolean
    }
  | {
      readonly kind: 'attribute'
      readonly type: ValueType
      readonly ast: Ast
      readonly slot: Slot
      readonly name: string
    }
  | TypedCall

export interface TypedCall {
  readonly kind: 'call'
  readonly type: ValueType
  readonly ast: Ast
  readonly name: string
  /** The receiver, for methods, then the arguments. */
  readonly args: readonly Typed[]
}
