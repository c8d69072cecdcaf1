import { type FieldValue, PlainRecord, type WireWriter } from '@outboard/adapters-sdk'
import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import { EvalFailure } from '../../expr/index.js'
import type { Leaf } from './leaf-form.js'

/** One configured value, ready to be filled in per request: as a plain value, or as bytes behind a key. */
export interface ItemPlan {
  readonly wireType: number
  build(bag: AttributeBag): FieldValue | EvalFailure
  /** Writes the content; when it answers a failure, what it has written so far is worthless. */
  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined
}

/** An item that is one attribute value, which can be compared with that of another request before it is written. */
export interface ValueItem extends ItemPlan {
  /** How the value goes into the field. */
  readonly leaf: Leaf
  value(bag: AttributeBag): AttributeValue | EvalFailure
  /** What `build` answers when its value is this one. */
  buildValue(value: AttributeValue): FieldValue | EvalFailure
  /** Writes the content that this item writes for the value. */
  writeValue(writer: WireWriter, value: AttributeValue): EvalFailure | undefined
}

/** One configured field. */
export interface FieldPlan {
  readonly name: string
  readonly number: number
  /** undefined: nothing, as an empty map is nothing on the wire. */
  build(bag: AttributeBag): FieldValue | EvalFailure | undefined
  write(writer: WireWriter, bag: AttributeBag): EvalFailure | undefined
}

/** Says of a failure which field it left empty. One failure of an expression is one object, so one is remembered. */
export class FailureOf {
  #last: EvalFailure | undefined
  #told: EvalFailure | undefined

  constructor(readonly where: string) {}

  tell(failure: EvalFailure): EvalFailure {
    if (failure === this.#last && this.#told !== undefined) return this.#told
    this.#last = failure
    this.#told = new EvalFailure(failure.kind, `${this.where}: ${failure.message}`)
    return this.#told
  }
}

/** The record of some fields, or the first failure. */
export function buildFields(fields: readonly FieldPlan[], bag: AttributeBag): PlainRecord | EvalFailure {
  const record = new PlainRecord()
  for (const field of fields) {
    const value = field.build(bag)
    if (value instanceof EvalFailure) return value
    if (value !== undefined) record[field.name] = value
  }
  return record
}

/** Writes fields one behind the other, up to the first failure. */
export function writeFields(
  fields: readonly FieldPlan[],
  writer: WireWriter,
  bag: AttributeBag,
): EvalFailure | undefined {
  for (const field of fields) {
    const failure = field.write(writer, bag)
    if (failure !== undefined) return failure
  }
  return undefined
}

/** A field's key on the wire. */
export function keyOf(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0
}
