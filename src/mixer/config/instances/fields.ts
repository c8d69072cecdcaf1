import { type FieldValue, PlainRecord, type WireWriter } from '@outboard/adapters-sdk'
import type { AttributeBag } from '../../attributes/index.js'
import { type CompiledExpression, EvalFailure } from '../../expr/index.js'
import type { Leaf } from './leaf-form.js'
import { FailureOf, type FieldPlan, type ItemPlan, keyOf } from './plan.js'
import { mapOf, sortedEntries } from './values.js'

/** A field that holds one value. */
export class SingleField implements FieldPlan {
  readonly #key: number

  constructor(
    readonly name: string,
    readonly number: number,
    readonly item: ItemPlan,
  ) {
    this.#key = keyOf(number, item.wireType)
  }

  build(bag: AttributeBag): FieldValue | EvalFailure {
    return this.item.build(bag)
  }

  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    writer.uint32(this.#key)
    return this.item.write(writer, bag)
  }
}

/** A map that one expression gives as a whole. */
export class WholeMapField implements FieldPlan {
  readonly #key: number
  readonly #valueKey: number
  readonly #failed: FailureOf

  constructor(
    readonly name: string,
    readonly number: number,
    /** Of type STRING_MAP. */
    readonly expression: CompiledExpression,
    /** Takes one entry's text. */
    readonly leaf: Leaf,
    where: string,
  ) {
    this.#key = keyOf(number, 2)
    this.#valueKey = keyOf(2, leaf.wireType)
    this.#failed = new FailureOf(where)
  }

  build(bag: AttributeBag): PlainRecord | EvalFailure | undefined {
    const value = this.expression.eval(bag)
    if (value instanceof EvalFailure) return this.#failed.tell(value)
    const entries = sortedEntries(mapOf(value))
    if (entries.length === 0) return undefined
    const record = new PlainRecord()
    for (const [key, text] of entries) {
      const built = this.leaf.field(text)
      if (built instanceof EvalFailure) return this.#failed.tell(built)
      record[key] = built
    }
    return record
  }

  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    const value = this.expression.eval(bag)
    if (value instanceof EvalFailure) return this.#failed.tell(value)
    for (const [key, text] of sortedEntries(mapOf(value))) {
      writer.uint32(this.#key)
      const start = writer.begin()
      writer.uint32(0x0a)
      writer.string(key)
      writer.uint32(this.#valueKey)
      const failure = this.leaf.write(writer, text)
      if (failure !== undefined) return this.#failed.tell(failure)
      writer.end(start)
    }
    return undefined
  }
}

/** A list that is not empty: one packed run where the items allow it. */
export class ListField implements FieldPlan {
  readonly #key: number

  constructor(
    readonly name: string,
    readonly number: number,
    readonly items: readonly ItemPlan[],
  ) {
    this.#key = keyOf(number, 2)
  }

  build(bag: AttributeBag): FieldValue[] | EvalFailure {
    const list: FieldValue[] = []
    for (const item of this.items) {
      const value = item.build(bag)
      if (value instanceof EvalFailure) return value
      list.push(value)
    }
    return list
  }

  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    const packed = this.items.every(({ wireType }) => wireType !== 2)
    if (!packed) return this.#writeEach(writer, bag)
    writer.uint32(this.#key)
    const start = writer.begin()
    for (const item of this.items) {
      const failure = item.write(writer, bag)
      if (failure !== undefined) return failure
    }
    writer.end(start)
    return undefined
  }

  #writeEach(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined {
    for (const item of this.items) {
      writer.uint32(this.#key)
      const failure = item.write(writer, bag)
      if (failure !== undefined) return failure
    }
    return undefined
  }
}
