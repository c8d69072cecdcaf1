import { Buffer } from 'node:buffer'
import type { ScalarType, WireWriter } from '@outboard/adapters-sdk'
import { integerLeaf } from './integer-leaf.js'
import { goInteger, LiteralProblem } from './literal.js'
import { describe } from './params.js'

/** A scalar of params, ready to be written; its wire type is {@link scalarWireType}. */
export type ScalarWrite = (writer: WireWriter) => void

/** The wire type of a scalar. */
export function scalarWireType(scalar: ScalarType): number {
  switch (scalar) {
    case 'string':
    case 'bytes':
      return 2
    case 'double':
      return 1
    case 'float':
      return 5
    case 'bool':
      return 0
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'sint32':
    case 'sint64':
    case 'fixed32':
    case 'fixed64':
    case 'sfixed32':
    case 'sfixed64':
      return integerLeaf(scalar).wireType
  }
}

/** Reads a param as a scalar: numbers also as text with Go's prefixes for the base, bytes as base64. */
export function scalarParam(scalar: ScalarType, param: unknown): ScalarWrite | LiteralProblem {
  switch (scalar) {
    case 'string':
      return typeof param === 'string' ? writer => writer.string(param) : wrong('a text', param)
    case 'bytes':
      return bytesParam(param)
    case 'bool':
      return typeof param === 'boolean' ? writer => writer.bool(param) : wrong('true or false', param)
    case 'double':
    case 'float':
      return doubleParam(scalar, param)
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'sint32':
    case 'sint64':
    case 'fixed32':
    case 'fixed64':
    case 'sfixed32':
    case 'sfixed64': {
      const value = integer(param)
      if (value === undefined) return wrong('an integer', param)
      const leaf = integerLeaf(scalar)
      const form = leaf.field(value)
      if (typeof form !== 'bigint')
        return new LiteralProblem('INSTANCE_FIELD_VALUE', `${value} is outside the range of ${scalar}`)
      return writer => {
        leaf.write(writer, value)
      }
    }
  }
}

function wrong(wanted: string, param: unknown): LiteralProblem {
  return new LiteralProblem('INSTANCE_FIELD_TYPE', `takes ${wanted}, found ${describe(param)}`)
}

function integer(param: unknown): bigint | undefined {
  if (typeof param === 'bigint') return param
  if (typeof param === 'number') return Number.isSafeInteger(param) ? BigInt(param) : undefined
  return typeof param === 'string' ? goInteger(param) : undefined
}

function doubleParam(scalar: 'double' | 'float', param: unknown): ScalarWrite | LiteralProblem {
  const value = double(param)
  if (value === undefined) return wrong('a number', param)
  return scalar === 'double' ? writer => writer.double(value) : writer => writer.float(value)
}

function double(param: unknown): number | undefined {
  if (typeof param === 'number' || typeof param === 'bigint') return Number(param)
  if (typeof param !== 'string' || param.trim() !== param || param === '') return undefined
  const value = Number(param)
  return Number.isNaN(value) && param !== 'NaN' ? undefined : value
}

function bytesParam(param: unknown): ScalarWrite | LiteralProblem {
  if (typeof param !== 'string') return wrong('base64', param)
  if (param.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(param))
    return wrong('standard base64 with padding', param)
  const bytes = Buffer.from(param, 'base64')
  return writer => writer.bytes(bytes)
}
