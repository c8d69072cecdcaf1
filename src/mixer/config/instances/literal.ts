import type { FieldType, ScalarType } from '@outboard/adapters-sdk'
import {
  AttributeBag,
  type AttributeValue,
  int64,
  type ValueType,
  Vocabulary,
} from '../../attributes/index.js'
import { compile, EvalFailure, ExprError, parseDuration } from '../../expr/index.js'

/** A value that stands in the configuration, and its type. */
export interface Literal {
  readonly type: ValueType
  readonly value: AttributeValue
}

/** Why a literal cannot stand in a field: the shape is wrong, or only the content. */
export class LiteralProblem {
  constructor(
    readonly code: 'INSTANCE_FIELD_TYPE' | 'INSTANCE_FIELD_VALUE',
    readonly message: string,
  ) {}
}

/**
 * The inside of a text that is one literal as a whole: quotes of one kind at both ends and none of that kind between
 * them that no backslash precedes. The inside is taken as it is, without unescaping. Upstream looks only at the ends,
 * and so takes `"a" | "b"` for the literal `a" | "b`; here it is an expression.
 */
export function wholeLiteral(text: string): string | undefined {
  const quote = text[0]
  if (text.length < 2 || (quote !== '"' && quote !== "'") || !text.endsWith(quote)) return undefined
  const inside = text.slice(1, -1)
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === '\\') i++
    else if (inside[i] === quote) return undefined
  }
  return inside
}

/**
 * A quoted literal as the field's type has it. Texts stand for themselves; upstream encodes a quoted literal in an
 * address, time or duration field as something that no reader understands, here it is read as one.
 */
export function textLiteral(field: FieldType, text: string): Literal | LiteralProblem {
  switch (field.kind) {
    case 'value':
    case 'enum':
      return { type: 'STRING', value: text }
    case 'scalar':
      return scalarLiteral(field.scalar, text)
    case 'wrapped':
    case 'wellknown':
      return typedLiteral(field.valueType, text)
    case 'message':
    case 'map':
    case 'repeated':
      return new LiteralProblem('INSTANCE_FIELD_TYPE', 'takes no text')
  }
}

function scalarLiteral(scalar: ScalarType, text: string): Literal | LiteralProblem {
  switch (scalar) {
    case 'string':
      return { type: 'STRING', value: text }
    case 'double':
    case 'float': {
      const value = Number(text)
      return text.trim() === text && text !== '' && !Number.isNaN(value)
        ? { type: 'DOUBLE', value }
        : invalid(text, 'a number')
    }
    case 'bool':
      return new LiteralProblem(
        'INSTANCE_FIELD_TYPE',
        'takes true or false, or an expression of type BOOL, not a text',
      )
    case 'bytes':
      return new LiteralProblem('INSTANCE_FIELD_TYPE', 'is of type bytes, which configuration cannot fill')
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
      const value = goInteger(text)
      return value === undefined ? invalid(text, 'an integer') : { type: 'INT64', value: canonical(value) }
    }
  }
}

function invalid(text: string, wanted: string): LiteralProblem {
  return new LiteralProblem('INSTANCE_FIELD_VALUE', `${JSON.stringify(text)} is not ${wanted}`)
}

/** Unsigned integers above 2^63 stay as they are; the field's range is checked when its bytes are made. */
function canonical(value: bigint): AttributeValue {
  return BigInt.asIntN(64, value) === value ? int64(value) : value
}

/** An integer with Go's prefixes for its base: `10`, `0x1f`, `0b11`, `0o17`, `017`. */
export function goInteger(text: string): bigint | undefined {
  const found = /^([+-]?)(?:(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)|0([0-7]+)|(0|[1-9][0-9]*))$/.exec(text)
  if (found === null || text.length > 80) return undefined
  const [, sign, prefixed, octal, decimal] = found
  const size = BigInt(prefixed ?? (octal === undefined ? (decimal ?? '0') : `0o${octal}`))
  return sign === '-' ? -size : size
}

const nothing = new Vocabulary([])

/** A text read as a value of a type that a message of one field stands for. */
export function typedLiteral(type: ValueType, text: string): Literal | LiteralProblem {
  switch (type) {
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'STRING':
      return { type, value: text }
    case 'DURATION': {
      const value = parseDuration(text)
      return value === undefined ? invalid(text, 'a duration such as 1m30s') : { type, value }
    }
    case 'IP_ADDRESS':
      return called('ip', type, text, 'an IP address')
    case 'TIMESTAMP':
      return called('timestamp', type, text, 'a time such as 2006-01-02T15:04:05Z')
    case 'STRING_MAP':
      return new LiteralProblem('INSTANCE_FIELD_TYPE', 'takes an expression of type STRING_MAP, not a text')
    case 'INT64':
    case 'DOUBLE':
    case 'BOOL':
      throw new TypeError(`no policy type wraps ${type}`)
  }
}

/** Reads a text by the expression language's own function, so that both read alike. */
function called(name: string, type: ValueType, text: string, wanted: string): Literal | LiteralProblem {
  try {
    const value = compile(`${name}(${JSON.stringify(text)})`, nothing).eval(new AttributeBag(nothing))
    return value instanceof EvalFailure ? invalid(text, wanted) : { type, value }
  } catch (error) {
    if (error instanceof ExprError) return invalid(text, wanted)
    throw error
  }
}

/** A number of the configuration. In a `Value` field it is always a double, as upstream: its documents know no others. */
export function numberLiteral(field: FieldType, number: number | bigint): Literal | LiteralProblem {
  if (field.kind === 'value') return { type: 'DOUBLE', value: Number(number) }
  if (field.kind === 'scalar') {
    switch (field.scalar) {
      case 'double':
      case 'float':
        return { type: 'DOUBLE', value: Number(number) }
      case 'string':
        return new LiteralProblem(
          'INSTANCE_FIELD_TYPE',
          `takes a text, found the number ${number}; write it in quotes twice, '"${number}"'`,
        )
      case 'bool':
      case 'bytes':
        break
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
        return integerLiteral(number)
    }
  }
  return new LiteralProblem('INSTANCE_FIELD_TYPE', `takes no number, found ${number}`)
}

function integerLiteral(number: number | bigint): Literal | LiteralProblem {
  if (typeof number === 'bigint') return { type: 'INT64', value: canonical(number) }
  if (Number.isSafeInteger(number)) return { type: 'INT64', value: number === 0 ? 0 : number }
  return new LiteralProblem(
    'INSTANCE_FIELD_VALUE',
    `takes an integer up to 2^53 - 1, found ${number}; larger ones are written as text`,
  )
}

/** A boolean of the configuration. */
export function booleanLiteral(field: FieldType, value: boolean): Literal | LiteralProblem {
  const takes = field.kind === 'value' || (field.kind === 'scalar' && field.scalar === 'bool')
  return takes
    ? { type: 'BOOL', value }
    : new LiteralProblem('INSTANCE_FIELD_TYPE', `takes no boolean, found ${value}`)
}
