import type { FieldValue } from '../../contract.js'
import { AdapterError } from '../../errors.js'
import type { WireReader } from '../wire/reader.js'
import type { WireWriter } from '../wire/writer.js'

/**
 * One value of one type on the wire, without its key: the content behind the key, length included where there is one.
 */
export interface Element {
  /** 0, 1, 2 or 5. */
  readonly wireType: number
  /** Whether a repeated field of it may be one packed run. */
  readonly packable: boolean
  /** @throws {AdapterError} `ADAPTER_PROTOCOL` when the value has not the form of the type. */
  write(writer: WireWriter, value: unknown): void
  /** undefined: well-formed bytes that are no value of the type (an address of five bytes); as if not sent. */
  read(reader: WireReader): FieldValue | undefined
  /** What a map entry without a value holds; undefined: nothing. */
  zero(): FieldValue | undefined
}

/** The error of a writer that was given something else. */
export function wrongForm(wanted: string, found: unknown): AdapterError {
  return new AdapterError('ADAPTER_PROTOCOL', `wanted ${wanted}, found ${describe(found)}`)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Uint8Array) return `${value.length} bytes`
  switch (typeof value) {
    case 'string':
      return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`
    case 'number':
    case 'bigint':
      return `the ${typeof value} ${value}`
    case 'boolean':
      return `${value}`
    default:
      return `a value of type ${typeof value}`
  }
}
