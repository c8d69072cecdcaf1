import { type FieldValue, type PlainRecord, WireWriter } from '@outboard/adapters-sdk'
import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import { type CompiledExpression, EvalFailure } from '../../expr/index.js'
import type { Leaf } from './leaf-form.js'
import { buildFields, FailureOf, type FieldPlan, type ItemPlan, type ValueItem, writeFields } from './plan.js'

/** A value that an expression gives. */
export class ExpressionItem implements ValueItem {
  readonly wireType: number
  readonly #failed: FailureOf

  constructor(
    readonly expression: CompiledExpression,
    readonly leaf: Leaf,
    where: string,
  ) {
    this.wireType = leaf.wireType
    this.#failed = new FailureOf(where)
  }

  build(bag: AttributeBag): FieldValue | EvalFailure {
    const value = this.value(bag)
    return value instanceof EvalFailure ? value : this.buildValue(value)
  }

  buildValue(value: AttributeValue): FieldValue | EvalFailure {
    const built = this.leaf.field(value)
    return built instanceof EvalFailure ? this.#failed.tell(built) : built
  }

  value(bag: AttributeBag): AttributeValue | EvalFailure {
    const value = this.expression.eval(bag)
    return value instanceof EvalFailure ? this.#failed.tell(value) : value
  }

  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    const value = this.value(bag)
    return value instanceof EvalFailure ? value : this.writeValue(writer, value)
  }

  writeValue(writer: WireWriter, value: AttributeValue): EvalFailure | undefined {
    const failure = this.leaf.write(writer, value)
    return failure === undefined ? undefined : this.#failed.tell(failure)
  }
}

/** A value that stands in the configuration: its bytes are made once. */
export class LiteralItem implements ValueItem {
  readonly wireType: number
  readonly #bytes: Uint8Array

  /** @throws {RangeError} when the value does not fit the field. */
  constructor(
    readonly literal: AttributeValue,
    readonly leaf: Leaf,
  ) {
    this.wireType = leaf.wireType
    const writer = new WireWriter()
    const failure = leaf.write(writer, literal)
    if (failure !== undefined) throw new RangeError(failure.message)
    this.#bytes = writer.finish()
  }

  /** Made anew each time: an adapter may do with it what it likes. */
  build(): FieldValue | EvalFailure {
    return this.leaf.field(this.literal)
  }

  buildValue(): FieldValue | EvalFailure {
    return this.build()
  }

  value(): AttributeValue {
    return this.literal
  }

  writeValue(writer: WireWriter): undefined {
    writer.raw(this.#bytes)
  }

  write(writer: WireWriter): undefined {
    writer.raw(this.#bytes)
  }
}

/** A message; its fields ascend by number. */
export class MessageItem implements ItemPlan {
  readonly wireType = 2

  constructor(readonly fields: readonly FieldPlan[]) {}

  build(bag: AttributeBag): PlainRecord | EvalFailure {
    return buildFields(this.fields, bag)
  }

  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    const start = writer.begin()
    const failure = writeFields(this.fields, writer, bag)
    if (failure === undefined) writer.end(start)
    return failure
  }
}
