import {
  type FieldRecord,
  type FieldValue,
  type Instance,
  type Timestamp,
  type Value,
  valueTypes,
} from '@outboard/adapters-sdk'

const kinds: ReadonlySet<unknown> = new Set(valueTypes)

/** Whether a field holds a value that says what it is. */
export function isValue(field: FieldValue | undefined): field is Value {
  return typeof field === 'object' && 'type' in field && 'value' in field && kinds.has(field.type)
}

/** A field of type `Value`; undefined when it was not configured. */
export function valueField(instance: Instance, name: string): Value | undefined {
  const field = instance.fields[name]
  return isValue(field) ? field : undefined
}

/** A field of type `map<string, Value>` as it is: what it holds need not be values. Undefined when it was not configured. */
export function mapOf(instance: Instance, name: string): FieldRecord | undefined {
  const field = instance.fields[name]
  return isFieldRecord(field) ? field : undefined
}

function isFieldRecord(field: FieldValue | undefined): field is FieldRecord {
  return typeof field === 'object' && !(field instanceof Uint8Array) && !Array.isArray(field)
}

/** The entries of a field of type `map<string, Value>`, in no order; none when it was not configured. */
export function valueMapEntries(instance: Instance, name: string): [string, Value][] {
  const entries: [string, Value][] = []
  for (const [key, value] of Object.entries(mapOf(instance, name) ?? {}))
    if (isValue(value)) entries.push([key, value])
  return entries
}

/** The entries of a field of type `map<string, Value>`, sorted by name; none when it was not configured. */
export function valueMapField(instance: Instance, name: string): readonly (readonly [string, Value])[] {
  // By code units, not by locale: counters and lines must be the same everywhere.
  return valueMapEntries(instance, name).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** A field of text; empty when it was not configured. */
export function stringField(instance: Instance, name: string): string {
  const field = instance.fields[name]
  return typeof field === 'string' ? field : ''
}

/** A field that is an instant; undefined when it was not configured. */
export function timeField(instance: Instance, name: string): Timestamp | undefined {
  const field = instance.fields[name]
  if (typeof field !== 'object' || !('seconds' in field) || !('nanos' in field)) return undefined
  const { seconds, nanos } = field
  return typeof seconds === 'number' && typeof nanos === 'number' ? { seconds, nanos } : undefined
}
