import { Buffer } from 'node:buffer'
import {
  type Field,
  found,
  type Kind,
  makeChecked,
  type Presence,
  type Problems,
  type Resolved,
} from './field.js'

/** An author's own check: what is wrong with the value, or undefined. */
export interface Checked<T> {
  readonly check?: (value: T) => string | undefined
}

export interface StringOptions extends Presence<string>, Checked<string> {
  /** UTF-16 units. Default: 0. */
  readonly minLength?: number
  /** UTF-16 units. Default: 65,536. */
  readonly maxLength?: number
  /** Must match as a whole; `patternHint` says what is wanted. */
  readonly pattern?: RegExp
  readonly patternHint?: string
}

export interface RangeOptions<T> extends Checked<T> {
  /** Smallest value. */
  readonly min?: T
  /** Largest value. */
  readonly max?: T
  /** The value must be greater than this. */
  readonly above?: T
}

export interface NumberOptions extends Presence<number>, RangeOptions<number> {}
export interface Int64Options extends Presence<bigint>, RangeOptions<bigint> {}
export interface BooleanOptions extends Presence<boolean> {}
export interface BytesOptions extends Presence<Uint8Array> {}

/** Text. */
export function string(options: StringOptions & { readonly optional: true }): Field<string | undefined>
export function string(options?: StringOptions): Field<string>
export function string(options: StringOptions = {}): Field<string | undefined> {
  const { minLength = 0, maxLength = 65_536, pattern, patternHint, check } = options
  const kind: Kind<string> = {
    typeName: 'string',
    jsonSchema: {
      type: 'string',
      ...(minLength > 0 && { minLength }),
      ...(pattern && { pattern: `^(?:${pattern.source})$` }),
    },
    resolve(raw, path, problems) {
      if (typeof raw !== 'string') return problems.note(path, `must be text, not ${found(raw)}`)
      if (raw.length < minLength) {
        return problems.note(
          path,
          minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`,
        )
      }
      if (raw.length > maxLength) return problems.note(path, `must have at most ${maxLength} characters`)
      if (pattern !== undefined && !new RegExp(`^(?:${pattern.source})$`, pattern.flags).test(raw)) {
        return problems.note(
          path,
          `must be ${patternHint ?? `text like ${pattern.source}`}, not ${found(raw)}`,
        )
      }
      return checked(raw, path, problems, check)
    },
    wire: { wireTypes: [2], packable: false, gather: 'last', read: reader => reader.string() },
  }
  return makeChecked(kind, options)
}

/** A whole number that a `number` can hold exactly. JSON numbers, and decimal text as in protobuf's JSON form. */
export function integer(options: NumberOptions & { readonly optional: true }): Field<number | undefined>
export function integer(options?: NumberOptions): Field<number>
export function integer(options: NumberOptions = {}): Field<number | undefined> {
  const kind: Kind<number> = {
    typeName: 'integer',
    jsonSchema: { type: 'integer', ...rangeSchema(options) },
    resolve(raw, path, problems) {
      const value = integerOf(raw)
      if (value === undefined) return problems.note(path, `must be a whole number, not ${found(raw)}`)
      const number = Number(value)
      if (!Number.isSafeInteger(number))
        return problems.note(path, `must be between -2^53 and 2^53, not ${found(raw)}`)
      return ranged(number, path, problems, options)
    },
    wire: { wireTypes: [0], packable: true, gather: 'last', read: reader => reader.int64() },
  }
  return makeChecked(kind, options)
}

const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n

/** A whole number of 64 bits. JSON numbers, and decimal text as in protobuf's JSON form. */
export function int64(options: Int64Options & { readonly optional: true }): Field<bigint | undefined>
export function int64(options?: Int64Options): Field<bigint>
export function int64(options: Int64Options = {}): Field<bigint | undefined> {
  const kind: Kind<bigint> = {
    typeName: 'integer',
    jsonSchema: { type: ['integer', 'string'], ...rangeSchema(options) },
    resolve(raw, path, problems) {
      const value = integerOf(raw)
      if (value === undefined) return problems.note(path, `must be a whole number, not ${found(raw)}`)
      if (value < int64Min || value > int64Max)
        return problems.note(path, `must fit into 64 bits, unlike ${found(raw)}`)
      return ranged(value, path, problems, options)
    },
    wire: { wireTypes: [0], packable: true, gather: 'last', read: reader => reader.int64() },
  }
  return makeChecked(kind, options)
}

/** A finite number. */
export function number(options: NumberOptions & { readonly optional: true }): Field<number | undefined>
export function number(options?: NumberOptions): Field<number>
export function number(options: NumberOptions = {}): Field<number | undefined> {
  const kind: Kind<number> = {
    typeName: 'number',
    jsonSchema: { type: 'number', ...rangeSchema(options) },
    resolve(raw, path, problems) {
      const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        return problems.note(path, `must be a number, not ${found(raw)}`)
      }
      return ranged(value, path, problems, options)
    },
    wire: {
      wireTypes: [1, 5],
      packable: true,
      gather: 'last',
      read: (reader, wireType) => (wireType === 5 ? reader.float() : reader.double()),
    },
  }
  return makeChecked(kind, options)
}

/** `true` or `false`; not text. */
export function boolean(options: BooleanOptions & { readonly optional: true }): Field<boolean | undefined>
export function boolean(options?: BooleanOptions): Field<boolean>
export function boolean(options: BooleanOptions = {}): Field<boolean | undefined> {
  const kind: Kind<boolean> = {
    typeName: 'boolean',
    jsonSchema: { type: 'boolean' },
    resolve: (raw, path, problems) =>
      typeof raw === 'boolean' ? raw : problems.note(path, `must be true or false, not ${found(raw)}`),
    wire: { wireTypes: [0], packable: true, gather: 'last', read: reader => reader.bool() },
  }
  return makeChecked(kind, options)
}

/** Bytes, as base64 text (either alphabet). */
export function bytes(options: BytesOptions & { readonly optional: true }): Field<Uint8Array | undefined>
export function bytes(options?: BytesOptions): Field<Uint8Array>
export function bytes(options: BytesOptions = {}): Field<Uint8Array | undefined> {
  const kind: Kind<Uint8Array> = {
    typeName: 'base64',
    jsonSchema: { type: 'string', contentEncoding: 'base64' },
    resolve(raw, path, problems) {
      if (raw instanceof Uint8Array) return raw
      if (typeof raw !== 'string' || !/^[-A-Za-z0-9+/_\s]*=*\s*$/.test(raw)) {
        return problems.note(path, `must be base64 text, not ${found(raw)}`)
      }
      return Buffer.from(raw, 'base64')
    },
    wire: { wireTypes: [2], packable: false, gather: 'last', read: reader => Buffer.from(reader.bytes()) },
  }
  return makeChecked(kind, options)
}

function integerOf(raw: unknown): bigint | undefined {
  if (typeof raw === 'bigint') return raw
  if (typeof raw === 'number') return Number.isInteger(raw) ? BigInt(raw) : undefined
  if (typeof raw === 'string' && /^-?[0-9]{1,20}$/.test(raw)) return BigInt(raw)
  return undefined
}

/** Checks a value against the limits and the author's own check. */
export function ranged<T extends number | bigint>(
  value: T,
  path: string,
  problems: Problems,
  options: RangeOptions<T>,
): Resolved<T> {
  const { min, max, above } = options
  if (min !== undefined && value < min) return problems.note(path, `must be at least ${min}, not ${value}`)
  if (max !== undefined && value > max) return problems.note(path, `must be at most ${max}, not ${value}`)
  if (above !== undefined && value <= above)
    return problems.note(path, `must be greater than ${above}, not ${value}`)
  return checked(value, path, problems, options.check)
}

/** Applies the author's own check. */
export function checked<T>(
  value: T,
  path: string,
  problems: Problems,
  check: ((value: T) => string | undefined) | undefined,
): Resolved<T> {
  const wrong = check?.(value)
  return wrong === undefined ? value : problems.note(path, wrong)
}

function rangeSchema<T extends number | bigint>({
  min,
  max,
  above,
}: RangeOptions<T>): Record<string, number> {
  return {
    ...(min !== undefined && { minimum: Number(min) }),
    ...(max !== undefined && { maximum: Number(max) }),
    ...(above !== undefined && { exclusiveMinimum: Number(above) }),
  }
}
