import type { ScalarType, WireWriter } from '@outboard/adapters-sdk'
import type { AttributeValue, Int64 } from '../../attributes/index.js'
import { EvalFailure } from '../../expr/index.js'
import type { Leaf } from './leaf-form.js'
import { integerOf, textOf } from './values.js'

/** The scalars that are integers. */
export type IntegerScalar = Exclude<ScalarType, 'string' | 'bytes' | 'bool' | 'double' | 'float'>

interface IntegerForm {
  readonly min: bigint
  readonly max: bigint
  readonly wireType: number
  write(writer: WireWriter, value: Int64): void
}

const int32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n }
const uint32 = { min: 0n, max: 2n ** 32n - 1n }
const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }
const uint64 = { min: 0n, max: 2n ** 64n - 1n }
const varint = { wireType: 0, write: (writer: WireWriter, value: Int64) => writer.int64(value) }
const zigzag = {
  wireType: 0,
  write(writer: WireWriter, value: Int64) {
    const wide = BigInt(value)
    writer.int64((wide << 1n) ^ (wide >> 63n))
  },
}
const four = { wireType: 5, write: (writer: WireWriter, value: Int64) => writer.fixed32(Number(value)) }
const eight = { wireType: 1, write: (writer: WireWriter, value: Int64) => writer.fixed64(BigInt(value)) }

const integerForms: Readonly<Record<IntegerScalar, IntegerForm>> = {
  int32: { ...int32, ...varint },
  int64: { ...int64, ...varint },
  uint32: { ...uint32, ...varint },
  uint64: { ...uint64, ...varint },
  sint32: { ...int32, ...zigzag },
  sint64: { ...int64, ...zigzag },
  fixed32: { ...uint32, ...four },
  fixed64: { ...uint64, ...eight },
  sfixed32: { ...int32, ...four },
  sfixed64: { ...int64, ...eight },
}

/** An integer outside the field's range is a failure; upstream writes its low bits. */
export function integerLeaf(scalar: IntegerScalar): Leaf {
  const form = integerForms[scalar]
  const wide = form.min === int64.min
  // A number is a safe integer: in a signed field of 64 bits it needs no comparison.
  const outside = (value: Int64) =>
    wide && typeof value === 'number'
      ? undefined
      : value < form.min || value > form.max
        ? new EvalFailure('invalid', `${value} is outside the range of ${scalar}`)
        : undefined
  return {
    wireType: form.wireType,
    write(writer, value) {
      const integer = integerOf(value)
      const failure = outside(integer)
      if (failure === undefined) form.write(writer, integer)
      return failure
    },
    field(value) {
      const integer = integerOf(value)
      return outside(integer) ?? BigInt(integer)
    },
  }
}

/** An enum by the name of its value. */
export function enumLeaf(fullName: string, values: ReadonlyMap<string, number>): Leaf {
  const numberOf = (value: AttributeValue): number | EvalFailure =>
    values.get(textOf(value)) ??
    new EvalFailure('invalid', `${JSON.stringify(value)} is no value of the enum ${fullName}`)
  return {
    wireType: 0,
    write(writer, value) {
      const number = numberOf(value)
      if (number instanceof EvalFailure) return number
      writer.int64(number)
      return undefined
    },
    field(value) {
      const number = numberOf(value)
      return number instanceof EvalFailure ? number : BigInt(number)
    },
  }
}
