import type { FieldType, MessageShape } from '@outboard/adapters-sdk'
import { Instant } from '../mixer/attributes/index.js'
import { printAddress, printDuration, printTimestamp } from '../mixer/expr/index.js'

/**
 * An instance's fields, or a part of them, as JSON: durations, times and addresses as text, as `outboard eval` writes
 * them; integers as numbers where they fit.
 */
export function recordToJson({ fields }: MessageShape, record: object): unknown {
  const types = new Map(fields.map(({ name, type }) => [name, type]))
  return Object.fromEntries(
    Object.entries(record).map(([name, held]) => [name, fieldToJson(types.get(name), held)]),
  )
}

function fieldToJson(type: FieldType | undefined, held: unknown): unknown {
  switch (type?.kind) {
    case 'repeated':
      return Array.isArray(held) ? held.map(item => fieldToJson(type.item, item)) : held
    case 'map':
      return isRecord(held)
        ? Object.fromEntries(Object.entries(held).map(([key, each]) => [key, fieldToJson(type.value, each)]))
        : held
    case 'message':
      return isRecord(held) ? recordToJson(type.shape(), held) : held
    case 'wrapped':
    case 'wellknown':
      return typedToJson(type.valueType, held)
    case 'value':
      // The record says itself what it holds.
      return isRecord(held) ? typedToJson(held.type, held.value) : held
    case 'scalar':
    case 'enum':
    case undefined:
      return typedToJson(undefined, held)
  }
}

function typedToJson(type: unknown, held: unknown): unknown {
  if (typeof held === 'bigint' || typeof held === 'number') {
    if (type === 'DURATION') return printDuration(BigInt(held))
    const number = Number(held)
    return typeof held === 'number' || Number.isSafeInteger(number) ? number : held.toString()
  }
  if (held instanceof Instant) return printTimestamp(held)
  if (held instanceof Uint8Array)
    return type === 'IP_ADDRESS' ? printAddress(held) : Buffer.from(held).toString('base64')
  if (type === 'TIMESTAMP' && isRecord(held))
    return printTimestamp(new Instant(Number(held.seconds), Number(held.nanos)))
  return held
}

function isRecord(held: unknown): held is Readonly<Record<string, unknown>> {
  return typeof held === 'object' && held !== null && !Array.isArray(held) && !(held instanceof Uint8Array)
}
